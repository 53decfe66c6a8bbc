/** Measures what one look into a table costs on this machine, in a process of its own: nanoseconds. */
const [entries] = process.argv.slice(2).map(Number);
const LOOKS = 5_000_000;

const table = new Map<number, { readonly at: { readonly value: number } }>();
for (let key = 0; key < entries!; key++) table.set(key, { at: { value: key } });

let sum = 0;
/** Keys in no order that could be guessed (Numerical Recipes' generator). */
function look(times: number): void {
  let random = 1;
  for (let i = 0; i < times; i++) {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    sum += table.get(random % entries!)!.at.value;
  }
}

look(LOOKS);
const before = process.cpuUsage();
look(LOOKS);
const { user, system } = process.cpuUsage(before);
const answer = { nanos: ((user + system) * 1000) / LOOKS, sum };
if (process.send) process.send(answer);
else console.log(answer);
