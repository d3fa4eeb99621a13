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

/** Metrics from a `/metrics` response. */
export class Metrics {
  readonly samples: readonly Sample[];
  /** Types of all metrics by name, including metrics without samples. */
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

  /** Returns the samples of this name with at least these labels. */
  all(name: string, labels: Labels = {}): Sample[] {
    const wanted = Object.entries(labels);
    return this.samples.filter((sample) => {
      return sample.name === name && wanted.every(([label, value]) => sample.labels[label] === value);
    });
  }

  /** Returns the sum of the samples of this name with at least these labels; 0 if there are none. */
  sum(name: string, labels: Labels = {}): number {
    return this.all(name, labels).reduce((sum, { value }) => sum + value, 0);
  }

  /** Returns the value of the sample with exactly these labels, or undefined without one. */
  value(name: string, labels: Labels = {}): number | undefined {
    const found = this.all(name, labels).filter((sample) => size(sample.labels) === size(labels));
    if (found.length > 1) throw new Error(`${found.length} samples of ${name} with ${JSON.stringify(labels)}`);
    return found.at(0)?.value;
  }

  /** Returns the values of a label in the samples of this name. */
  labelsOf(name: string, label: string): Set<string> {
    return new Set(this.all(name).map(({ labels }) => labels[label]));
  }
}

/** Returns the findings of `promtool check metrics`; empty if there are none. */
export function promtoolComplaints(text: string): string {
  return promtoolCheck(['metrics'], text);
}

/** Returns the errors of Prometheus in these queries; empty if there are none. */
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

/** Returns the report of `promtool check`. */
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
  // Go parses these words in any case, and so does Prometheus.
  if (/^nan$/i.test(text)) return NaN;
  const value = Number(text.replace(/inf$/i, 'Infinity'));
  if (Number.isNaN(value)) throw new Error(`no number: ${text}`);
  return value;
}
