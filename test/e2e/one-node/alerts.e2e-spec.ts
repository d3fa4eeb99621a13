import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { Metrics } from '../../support/prometheus-text.js';
import { startServer } from '../../support/server.js';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}

const pathOf = (name: string): string => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const textOf = (name: string): string => readFileSync(pathOf(name), 'utf8');

const { groups } = parse(textOf('deploy/alerts.yml')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const each = rules.map((rule) => [rule.alert, rule] as const);
const unitTests = textOf('test/alerts.test.yml');
/** The paragraphs of the runbook by their headings. */
const runbook = new Map(
  textOf('docs/runbook.md')
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section.slice(section.indexOf('\n')).trim()]),
);

/** Returns the report of promtool. Throws an error with the report if promtool finds a fault. */
function promtool(...args: string[]): string {
  return execFileSync('promtool', args, { encoding: 'utf8', stdio: 'pipe' });
}

describe('deploy/alerts.yml', () => {
  it('passes `promtool check rules`', () => {
    expect(promtool('check', 'rules', pathOf('deploy/alerts.yml'))).toContain(`SUCCESS: ${rules.length} rules found`);
    expect(rules.length).toBeGreaterThanOrEqual(10);
  });

  it('passes `promtool test rules`', () => {
    expect(promtool('test', 'rules', pathOf('test/alerts.test.yml'))).toContain('SUCCESS');
  });

  it.each(each)('has a test of values that fire it, and of values that do not: %s', (alert) => {
    expect(unitTests).toContain(`name: ${alert} fires\n`);
    expect(unitTests).toContain(`name: ${alert} stays silent\n`);
  });

  it.each(each)('has a severity, a summary and a paragraph of the runbook: %s', (alert, { labels, annotations }) => {
    expect(['critical', 'warning']).toContain(labels.severity);
    expect(annotations.summary).not.toBe('');
    expect(annotations.runbook_url).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
    expect(runbook.get(alert)?.length).toBeGreaterThan(200);
  });

  it('has a rule for each paragraph of the runbook', () => {
    expect([...runbook.keys()]).toEqual(rules.map(({ alert }) => alert));
  });

  it('uses metrics that a node has', async () => {
    const { url } = await startServer();
    const { types } = await Metrics.of(url);
    for (const { alert, expr } of rules) {
      const wanted = expr.match(/\b(?:signalbox|process|nodejs)_\w+/g) ?? [];
      expect([alert, wanted.length]).not.toEqual([alert, 0]);
      expect(wanted.filter((name) => !types.has(name.replace(/_bucket$/, '')))).toEqual([]);
    }
  });
});
