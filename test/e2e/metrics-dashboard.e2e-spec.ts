import { readFileSync } from 'node:fs';
import { startServer, type TestServer } from '../support/server.js';
import { Metrics } from '../support/prometheus-text.js';

interface Panel {
  readonly title: string;
  readonly datasource: object;
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Dashboard {
  readonly __inputs: readonly { readonly name: string; readonly pluginId: string }[];
  readonly panels: readonly Panel[];
}

const text = readFileSync(new URL('../../deploy/grafana-dashboard.json', import.meta.url), 'utf8');
const { __inputs: inputs, panels } = JSON.parse(text) as Dashboard;

/** What each type of metrics offers below its name. */
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
};

describe('deploy/grafana-dashboard.json', () => {
  let server: TestServer;
  let metrics: Metrics;

  beforeAll(async () => {
    server = await startServer();
    metrics = await Metrics.of(server.url);
  });

  afterAll(() => server.close());

  it('asks Grafana for the datasource of its panels', () => {
    expect(inputs).toEqual([expect.objectContaining({ name: 'DS_PROMETHEUS', pluginId: 'prometheus' })]);
    expect(panels.length).toBeGreaterThan(0);
    for (const { datasource } of panels) expect(datasource).toEqual({ type: 'prometheus', uid: '${DS_PROMETHEUS}' });
  });

  it.each(panels.map((panel) => [panel.title, panel] as const))('shows what there is: %s', (_, { targets }) => {
    const there = new Set([...metrics.types].flatMap(([name, type]) => SUFFIXES[type].map((suffix) => name + suffix)));
    const wanted = targets.flatMap(({ expr }) => expr.match(/\bsignalbox_\w+/g) ?? []);
    expect(wanted.length).toBeGreaterThanOrEqual(targets.length);
    expect(wanted.filter((name) => !there.has(name))).toEqual([]);
  });

  it('shows every metric of ours', () => {
    const ours = [...metrics.types.keys()].filter((name) => name.startsWith('signalbox_'));
    expect(ours.length).toBeGreaterThan(10);
    expect(ours.filter((name) => !text.includes(name))).toEqual([]);
  });
});
