import { readFileSync } from 'node:fs';
import { Metrics, promtoolComplaintsAboutQueries } from '../../support/prometheus-text.js';
import { startServer, type TestServer } from '../../support/server.js';

interface Target {
  readonly expr: string;
  readonly legendFormat: string;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource: object;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly fieldConfig: {
    readonly defaults: { readonly unit: string; readonly thresholds?: { readonly steps: readonly object[] } };
    readonly overrides: readonly unknown[];
  };
  readonly targets: readonly Target[];
}

interface Variable {
  readonly name: string;
  readonly datasource: object;
  readonly query: { readonly query: string };
  readonly allValue: string;
}

interface Dashboard {
  readonly __inputs: readonly { readonly name: string; readonly pluginId: string }[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly panels: readonly Panel[];
}

const text = readFileSync(new URL('../../../deploy/grafana-dashboard.json', import.meta.url), 'utf8');
const { __inputs: inputs, templating, panels } = JSON.parse(text) as Dashboard;

const DATASOURCE = { type: 'prometheus', uid: '${DS_PROMETHEUS}' };
const METRIC = /\b(?:signalbox|process|nodejs)_\w+/g;
const COLUMNS = 24;

/** The suffixes of the series of each metric type. */
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
};

/** Returns Grafana's unit for the values of a query. */
function unitOf({ expr }: Target): string {
  if (expr.includes('histogram_quantile(')) return 's';
  const [metric] = expr.match(METRIC) ?? [''];
  const isRate = expr.includes('rate(');
  if (/_bytes(_|$)/.test(metric)) return isRate ? 'Bps' : 'bytes';
  if (/_seconds(_|$)/.test(metric)) return isRate ? 'percentunit' : 's';
  return isRate ? 'ops' : 'short';
}

/** Returns the query that Prometheus receives when all nodes are selected. */
const filledIn = (query: string): string => query.replace(/\$\w+/g, '.*');

describe('deploy/grafana-dashboard.json', () => {
  const each = panels.map((panel) => [panel.title, panel] as const);
  let server: TestServer;
  let metrics: Metrics;
  let there: Set<string>;

  beforeAll(async () => {
    server = await startServer();
    metrics = await Metrics.of(server.url);
    there = new Set([...metrics.types].flatMap(([name, type]) => SUFFIXES[type].map((suffix) => name + suffix)));
  });

  afterAll(() => server.close());

  it('declares the data source of its panels', () => {
    expect(inputs).toEqual([expect.objectContaining({ name: 'DS_PROMETHEUS', pluginId: 'prometheus' })]);
    expect(panels.length).toBeGreaterThan(0);
    for (const { datasource } of [...panels, ...templating.list]) expect(datasource).toEqual(DATASOURCE);
  });

  it.each(each)('shows existing metrics: %s', (_, { targets }) => {
    for (const { expr } of targets) {
      const wanted = expr.match(METRIC) ?? [];
      expect(wanted).not.toEqual([]);
      expect(wanted.filter((name) => !there.has(name))).toEqual([]);
    }
  });

  it('shows every metric of Signalbox', () => {
    const ours = [...metrics.types.keys()].filter((name) => name.startsWith('signalbox_'));
    expect(ours.length).toBeGreaterThan(10);
    expect(ours.filter((name) => !text.includes(name))).toEqual([]);
  });

  it('shows the memory of the process and its heap', () => {
    const shown = panels.filter(({ title }) => /memory/i.test(title)).flatMap(({ targets }) => targets);
    for (const metric of ['process_resident_memory_bytes', 'nodejs_heap_size_used_bytes']) {
      expect(shown.some(({ expr }) => expr.includes(metric))).toBe(true);
    }
  });

  it('shows refused tokens by reason, and no accepted ones', () => {
    const shown = panels.flatMap(({ targets }) => targets).filter(({ expr }) => expr.includes('signalbox_auth_total'));
    expect(shown.map(({ expr }) => expr)).toEqual([
      expect.stringMatching(/^sum\(rate\(.*,outcome!="accepted"\}/),
      expect.stringMatching(/^sum by \(reason\).*,outcome!="accepted"\}/),
    ]);
    expect(shown[1].legendFormat).toBe('{{reason}}');
  });

  it('has queries that Prometheus can read', () => {
    const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => filledIn(expr)));
    expect(promtoolComplaintsAboutQueries(queries)).toBe('');
    expect(promtoolComplaintsAboutQueries([...queries, 'sum(rate(signalbox_connections[5m])'])).toContain(
      'could not parse',
    );
  });

  it.each(each)('uses the unit of all its queries: %s', (_, { targets, fieldConfig }) => {
    const { defaults, overrides } = fieldConfig;
    expect(targets.map(unitOf)).toEqual(targets.map(() => defaults.unit));
    expect(overrides).toEqual([]);
  });

  it('lets the viewer select jobs, nodes by the labels that Prometheus adds to each target, and realms', () => {
    const queries = templating.list.map(({ name, query }) => [name, query.query]);
    expect(queries).toEqual([
      ['job', 'label_values(signalbox_build_info, job)'],
      ['node', 'label_values(signalbox_build_info{job=~"$job"}, instance)'],
      [
        'realm',
        'label_values({__name__=~"signalbox_clients|signalbox_auth_total",job=~"$job",instance=~"$node"}, realm)',
      ],
    ]);
    for (const { query } of templating.list) {
      const named = query.query.match(METRIC) ?? [];
      expect(named.filter((name) => !there.has(name))).toEqual([]);
    }
    // A server that nobody has connected to has no realms, and `All` must not mean none of them.
    expect(templating.list.map(({ allValue }) => allValue)).toEqual(['.*', '.*', '.*']);
  });

  it('begins with a row of figures', () => {
    const [first] = panels.map(({ gridPos }) => gridPos.y).sort((one, other) => one - other);
    const row = panels.filter(({ gridPos }) => gridPos.y === first);
    expect(row.map(({ type }) => type)).toEqual(row.map(() => 'stat'));
    expect(row.reduce((width, { gridPos }) => width + gridPos.w, 0)).toBe(COLUMNS);
    expect(row[0].targets[0].expr).toContain('signalbox_ready');
  });

  it.each(['Nodes not ready', 'Refused connections', 'Worst event loop delay', 'Event loop delay (p99)'])(
    'marks the bounds of %s',
    (title) => {
      const { thresholds } = panels.find((panel) => panel.title === title)!.fieldConfig.defaults;
      expect(thresholds?.steps.at(0)).toEqual({ color: 'green', value: null });
      expect(thresholds?.steps.at(-1)).toEqual({ color: 'red', value: expect.any(Number) as number });
    },
  );

  it.each(each)('shows only the selected realms, where a metric has them: %s', (_, { targets }) => {
    for (const { expr } of targets) {
      for (const [metric] of expr.matchAll(/signalbox_(clients|auth_total)\b/g)) {
        expect(expr).toContain(`${metric}{job=~"$job",instance=~"$node",realm=~"$realm"`);
      }
    }
  });

  it.each(each)('shows only the selected nodes: %s', (_, { targets }) => {
    for (const { expr } of targets) {
      const chosen = expr.match(METRIC)?.map((metric) => `${metric}{job=~"$job",instance=~"$node"`) ?? [];
      expect(chosen).not.toEqual([]);
      expect(chosen.filter((selector) => !expr.includes(selector))).toEqual([]);
    }
  });

  it('has panels that do not overlap', () => {
    const cells = panels.flatMap(({ gridPos: { h, w, x, y } }) => {
      expect(x + w).toBeLessThanOrEqual(COLUMNS);
      return Array.from({ length: w * h }, (_, at) => `${x + (at % w)} ${y + Math.floor(at / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
});
