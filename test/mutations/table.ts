import type { Section } from './rule.ts';

/** The rules and the tests that hold them, as a page. */
export function rulesTable(sections: readonly Section[]): string {
  const page = [
    '# The rules of the merge, and the tests that hold them',
    '',
    'Written from `test/mutations/rules/`: `npm run test:mutations` takes out each of these rules, in as many ways as the last',
    'column says, and the tests named have to fail. `npx vitest run --project unit test/mutations -u` writes this page anew.',
  ];
  for (const { title, rules } of sections) {
    page.push('', `## ${title}`, '', '| Rule | | Tests | Taken out |', '| --- | --- | --- | --- |');
    for (const { name, says, mutations } of rules) {
      const tests = [...new Set(mutations.flatMap((mutation) => mutation.tests))].map(
        (test) => `\`${test}\``,
      );
      page.push(`| ${name} | ${says.replaceAll('|', '\\|')} | ${tests.join(', ')} | ${mutations.length} |`);
    }
  }
  return `${page.join('\n')}\n`;
}
