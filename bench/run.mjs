/**
 * Compares servers. Each runs alone on one core, with the load generator on the other, in turns over several rounds.
 * Prints the medians and the bars. A lost, duplicated or reordered message fails the run.
 */
import { parseArgs } from 'node:util';
import { Findings } from './findings.mjs';
import { scenarios } from './scenarios.mjs';
import { prepare } from './servers/prepare.mjs';
import { printTables } from './tables.mjs';
import { turn } from './turns.mjs';

const USAGE = `npm run bench -- [options]
  --quick        a short run of one round: shows that everything works, its figures mean little
  --rounds N     5 without it
  --only NAME    only scenarios whose name contains NAME; several times for several names`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    only: { type: 'string', multiple: true, default: [''] },
    help: { type: 'boolean', default: false },
  },
});
const all = scenarios(values.quick);
const chosen = Object.entries(all).filter(([name]) => values.only.some((part) => name.includes(part)));
if (values.help || chosen.length === 0) {
  console.log(`${USAGE}\n\nScenarios: ${Object.keys(all).join('; ')}`);
  process.exit(values.help ? 0 : 1);
}

prepare();
const findings = new Findings();
const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
for (let round = 1; round <= rounds; round++) {
  for (const [name, scenario] of chosen) {
    for (const server of scenario.servers) {
      const found = await turn(scenario, server);
      findings.add(name, server, found);
      console.error(`round ${round}: ${name}: ${server}: ${JSON.stringify(found)}`);
    }
  }
}
printTables(findings);
