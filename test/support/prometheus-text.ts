import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One line of the text format: a metric with its labels, and its value. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

type Labels = Readonly<Record<string, string>>;

/** What a server says of itself at `/metrics`. */
export class Metrics {
  readonly samples: readonly Sample[];
  /** Names and types of all metrics, those that have no samples included. */
  readonly types: ReadonlyMap<string, string>;

  constructor(readonly text: string) {
    const lines = text.split('\n').filter((line) => line !== '');
    this.types = new Map(lines.flatMap((line) => typeOf(line)));
    this.samples = lines.filter((line) => !line.startsWith('#')).map(sampleOf);
  }

  static async of(url: string): Promise<Metrics> {
    const response = await fetch(`${url}/metrics`);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${response.status} ${text}`);
    return new Metrics(text);
  }

  /** Samples of this name that have at least these labels. */
  all(name: string, labels: Labels = {}): Sample[] {
    const wanted = Object.entries(labels);
    return this.samples.filter((sample) => {
      return sample.name === name && wanted.every(([label, value]) => sample.labels[label] === value);
    });
  }

  /** The values of all samples of this name that have at least these labels, taken together; 0 if there are none. */
  sum(name: string, labels: Labels = {}): number {
    return this.all(name, labels).reduce((sum, { value }) => sum + value, 0);
  }

  /** The value of the only sample with exactly these labels; undefined if there is none. */
  value(name: string, labels: Labels = {}): number | undefined {
    const found = this.all(name, labels).filter((sample) => size(sample.labels) === size(labels));
    if (found.length > 1) throw new Error(`${found.length} samples of ${name} with ${JSON.stringify(labels)}`);
    return found.at(0)?.value;
  }

  /** What a label is, in all samples of this name. */
  labelsOf(name: string, label: string): Set<string> {
    return new Set(this.all(name).map(({ labels }) => labels[label]));
  }
}

/** What `promtool check metrics` has to say; it says nothing if all is well. */
export function promtoolComplaints(text: string): string {
  return promtoolCheck(['metrics'], text);
}

/** What Prometheus cannot read of these queries; empty if it can read all. */
export function promtoolComplaintsAboutQueries(queries: readonly string[]): string {
  const rules = queries.map((expr, at) => ({ record: `query_${at}`, expr }));
  const folder = mkdtempSync(join(tmpdir(), 'queries-'));
  try {
    const file = join(folder, 'rules.json');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'queries', rules }] }));
    const report = promtoolCheck(['rules', file]);
    return report.includes(`SUCCESS: ${queries.length} rules found`) ? '' : report;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The report of `promtool check`. */
function promtoolCheck(what: readonly string[], input = ''): string {
  try {
    return execFileSync('promtool', ['check', ...what], { input, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    return stdout + stderr || message;
  }
}

const size = (labels: Labels): number => Object.keys(labels).length;

function typeOf(line: string): [name: string, type: string][] {
  const match = /^# TYPE (\w+) (\w+)$/.exec(line);
  return match ? [[match[1], match[2]]] : [];
}

function sampleOf(line: string): Sample {
  const match = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
  if (!match) throw new Error(`no sample: ${line}`);
  const labels = [...(match[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, value]) => {
    return [label, value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))] as const;
  });
  return { name: match[1], labels: Object.fromEntries(labels), value: numberOf(match[3]) };
}

function numberOf(text: string): number {
  // Go reads these words in any spelling, and so does Prometheus.
  if (/^nan$/i.test(text)) return NaN;
  const value = Number(text.replace(/inf$/i, 'Infinity'));
  if (Number.isNaN(value)) throw new Error(`no number: ${text}`);
  return value;
}
