// What this program did, in its own words: one JSON line for each request it answered and each call it made. The
// end-to-end tests compute the expected trees from these lines.
const fs = require('node:fs');

const file = fs.openSync(process.env.LEDGER_FILE, 'a');

/** Unix time in nanoseconds, as a decimal string: JSON numbers can not hold it. */
function unixNano() {
  return String(BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e3)) * 1000n);
}

function write(record) {
  fs.writeSync(
    file,
    `${JSON.stringify({ service: process.env.OTEL_SERVICE_NAME, pid: process.pid, ...record })}\n`,
  );
}

module.exports = { unixNano, write };
