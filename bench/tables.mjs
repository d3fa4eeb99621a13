/** Renders the findings as Markdown tables. */
import { BARS } from './bars.mjs';

const BUSY = 'generator busy';
const GROWTH = 'growth, ';
const REDIS = 'Redis, ';
const CONSOLE = 'console';

/** @param {import('./findings.mjs').Findings} findings */
export function printTables(findings) {
  const scenarios = findings.scenarios();
  const named = (prefix) => scenarios.filter((scenario) => scenario.startsWith(prefix));
  const others = scenarios.filter(
    (scenario) => ![GROWTH, REDIS, CONSOLE].some((prefix) => scenario.startsWith(prefix)),
  );
  printTable('Compared with the references', compared(findings));
  printTable('All servers', byServer(findings, others));
  printTable('Two nodes and a Redis', byServer(findings, named(REDIS)));
  printTable('While a console is open', byServer(findings, named(CONSOLE)));
  printTable('With many clients and rooms: CPU microseconds', byClients(findings, named(GROWTH)));
}

function compared(findings) {
  return BARS.flatMap(({ scenario, figure, ours, reference, compare, atMost }) => {
    const [one, other] = [ours, reference].map((server) => findings.median(scenario, server, figure));
    if (one === undefined || other === undefined) return [];
    const value = findings.medianOf(compare.of, scenario, ours, reference, figure);
    const busy = [ours, reference].map((server) => findings.median(scenario, server, BUSY) ?? 0);
    return {
      scenario: `${scenario}: ${figure}`,
      server: ours,
      figure: short(one),
      reference: `${reference} ${short(other)}`,
      'ratio or difference': compare.show(short(value)),
      'at most': atMost === undefined ? '' : compare.show(atMost),
      kept: atMost === undefined ? '' : value <= atMost ? 'yes' : 'no',
      [BUSY]: short(Math.max(...busy) || undefined),
    };
  });
}

/** Returns a row for each figure of a scenario. */
function byServer(findings, scenarios) {
  const servers = [...new Set(scenarios.flatMap((scenario) => findings.servers(scenario)))];
  return scenarios.flatMap((scenario) =>
    findings.figures(scenario).map((figure) => ({
      figure: `${scenario}: ${figure}`,
      ...Object.fromEntries(servers.map((server) => [server, short(findings.median(scenario, server, figure))])),
    })),
  );
}

/** Returns a row for each operation, with a column for each number of clients. */
function byClients(findings, scenarios) {
  return findings.figures(scenarios[0]).map((figure) => {
    const costs = scenarios.map((scenario) => [scenario, findings.median(scenario, 'ours, Connector', figure)]);
    return {
      operation: figure,
      ...Object.fromEntries(costs.map(([name, cost]) => [name.slice(GROWTH.length), short(cost)])),
    };
  });
}

function printTable(title, rows) {
  if (rows.length === 0) return;
  const columns = Object.keys(rows[0]);
  const line = (cells) => console.log(`| ${cells.join(' | ')} |`);
  console.log(`\n${title}\n`);
  line(columns);
  line(columns.map(() => '---'));
  for (const row of rows) line(columns.map((column) => row[column]));
}

function short(value) {
  if (value === undefined) return '';
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2);
}
