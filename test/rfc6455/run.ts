import type { Case } from './cases/case.js';
import type { Chopping } from './choppings.js';
import type { Endpoint, Say } from './endpoints.js';
import { frame, TEXT } from './frames.js';
import { type Pieces, RawSocket, type ServerEvent } from './raw-socket.js';

/** Connections at the same time. */
const AT_ONCE = 40;
/** Longer than an answer takes on a busy machine. */
const PATIENCE_MS = 15_000;

/** Sent after all frames of a case. Its answer proves that the connection is still open. */
const PROBE = 'still there';
/** Answer to each message that is sent with the handshake. */
const FIRST = 'first';
/** The server has closed the TCP connection. */
const END = 'end';

/** Port, endpoint, chopping and time limit for a run of cases. */
export interface Trial {
  readonly port: number;
  readonly endpoint: Endpoint;
  readonly chopping: Chopping;
  readonly patienceMs?: number;
  /** Whether to stop at the first failure. */
  readonly isBrief?: boolean;
}

/** Bytes to send, and the expected answers. */
interface Plan {
  readonly frames: Pieces;
  readonly wanted: readonly string[];
  readonly echoIn: (text: string) => string | undefined;
}

let clients = 0;

/** Runs cases concurrently. Returns the differences from the expected answers. */
export async function failuresOf(cases: readonly Case[], trial: Trial): Promise<string[]> {
  const failures: string[] = [];
  const rest = [...cases].reverse();
  const runner = async (): Promise<void> => {
    for (let one = rest.pop(); one; one = rest.pop()) {
      const failure = await failureOf(one, trial).catch((error: unknown) => String(error));
      if (failure !== undefined) failures.push(`${one.name}: ${failure}`);
      if (trial.isBrief && failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, runner));
  return failures;
}

async function failureOf(one: Case, trial: Trial): Promise<string | undefined> {
  const { port, endpoint, chopping, patienceMs = PATIENCE_MS } = trial;
  const socket = await RawSocket.connect(port);
  try {
    const { frames, wanted, echoIn } = await planOf(one, endpoint, socket);
    const answers = (): string[] => socket.events.map((event) => answerOf(event, echoIn)).filter((text) => text !== '');
    await socket.send(chopping.chop(frames));
    const isDone = (): boolean => wanted.at(-1) !== END && answers().length >= wanted.length;
    // On a timeout, the difference below is the report.
    await socket.until(isDone, patienceMs).catch(() => undefined);
    const got = socket.isClosed ? [...answers(), END] : answers();
    return socket.fault?.message ?? faultIn(socket.head) ?? difference(got, wanted);
  } finally {
    socket.destroy();
  }
}

async function planOf(one: Case, endpoint: Endpoint, socket: RawSocket): Promise<Plan> {
  const name = `raw${++clients}`;
  const handshake = requestOf(endpoint.target(name), one.headers);
  if (one.isFirst) {
    const [message, answer] = endpoint.first(name);
    const plan = planFor(one, () => Buffer.from(message), FIRST);
    const echoIn = (text: string): string | undefined => (text.startsWith(answer) ? FIRST : undefined);
    const before = endpoint.beforeFirst === undefined ? [] : [frame(TEXT, endpoint.beforeFirst)];
    return { ...plan, frames: [handshake, ...before, ...plan.frames], echoIn };
  }
  await socket.send([handshake]);
  const say = await endpoint.enter(socket, name);
  return { ...planFor(one, say, PROBE), echoIn: (text) => endpoint.echoIn(text) };
}

function planFor(one: Case, say: Say, probe: string): Omit<Plan, 'echoIn'> {
  const frames = one.frames(say);
  const wanted = one.answers.map((answer) => (typeof answer === 'string' ? answer : answer(say)));
  if (wanted.some((answer) => answer.startsWith('close'))) return { frames, wanted: [...wanted, END] };
  return { frames: [...frames, frame(TEXT, say(probe))], wanted: [...wanted, `echo ${probe}`] };
}

function answerOf({ kind, value }: ServerEvent, echoIn: Plan['echoIn']): string {
  if (kind !== 'text') return `${kind} ${value}`.trim();
  const echo = echoIn(value);
  return echo === undefined ? '' : `echo ${echo}`;
}

function requestOf(target: string, headers = ''): Buffer {
  return Buffer.from(
    `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${headers}\r\n`,
  );
}

/** Returns the fault of a handshake response (RFC 6455, 4.2.2). No extension may be accepted. */
function faultIn(head: string): string | undefined {
  const isGood =
    head.startsWith('HTTP/1.1 101 ') && head.includes('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  return isGood && !/^sec-websocket-(extensions|protocol)/im.test(head) ? undefined : `the handshake: ${head}`;
}

/** The server sends pongs at once and messages at the end of a turn, so each kind is compared in its own order. */
function difference(got: readonly string[], wanted: readonly string[]): string | undefined {
  const sorted = (answers: readonly string[]): string[] => [
    ...answers.filter((answer) => answer.startsWith('pong')),
    ...answers.filter((answer) => !answer.startsWith('pong')),
  ];
  const isSame = JSON.stringify(sorted(got)) === JSON.stringify(sorted(wanted));
  return isSame ? undefined : `wanted ${briefly(wanted)}, got ${briefly(got)}`;
}

function briefly(answers: readonly string[]): string {
  return JSON.stringify(
    answers.slice(0, 6).map((answer) => (answer.length > 60 ? `${answer.slice(0, 40)}… (${answer.length})` : answer)),
  );
}
