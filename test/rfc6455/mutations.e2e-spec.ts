import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';
import { ProcessServer } from '../support/process-server.js';
import { CASES } from './cases/all.js';
import { MAX_FRAGMENTS, MAX_FRAME_BYTES } from './cases/case.js';
import { CHOPPINGS } from './choppings.js';
import { ENDPOINTS } from './endpoints.js';
import { failuresOf, type Trial } from './run.js';

/*
 * Checks the suite itself: it must fail for each of these mistakes. The server is the built one (`npm run build`); the
 * file with the mistake is recompiled.
 */

interface Mutation {
  readonly name: string;
  /** Name of a file of src/transport/websocket. */
  readonly file: string;
  /** Code that occurs once in the file, and its replacement. */
  readonly code: string;
  readonly mistake: string;
}

const MUTATIONS: readonly Mutation[] = [
  {
    name: 'each piece of a payload is unmasked as if it were the first one',
    file: 'unmask',
    code: 'source[at + i]! ^ mask[(from + i) % MASK_BYTES]!',
    mistake: 'source[at + i]! ^ mask[i % MASK_BYTES]!',
  },
  {
    name: 'whole messages are not checked for UTF-8',
    file: 'frame-reader',
    code: 'if (isUtf8(message)) {',
    mistake: 'if (isUtf8(message) || true) {',
  },
  {
    name: 'the first bytes of a character are not checked before the last one arrives',
    file: 'utf8-pieces',
    code: ' && canBecomeCharacter(this.begun)',
    mistake: '',
  },
  {
    name: 'a message in several pieces may end within a character',
    file: 'frame-reader',
    code: '&& this.text?.isWhole;',
    mistake: '&& this.text;',
  },
  {
    name: 'a message overtakes one that ws has not validated yet',
    file: 'frame-reader',
    code: 'first === WHOLE_TEXT && !this.isChunkOwners && end <= chunk.length',
    mistake: 'first === WHOLE_TEXT && end <= chunk.length',
  },
  {
    name: 'the received part of a frame is lost when its buffer grows',
    file: 'partial-frame',
    code: 'this.bytes.copy(grown, 0, 0, this.received);',
    mistake: '',
  },
  {
    name: 'a length of 126 is written in the second byte',
    file: 'text-frame',
    code: 'length < 126 ? 2',
    mistake: 'length <= 126 ? 2',
  },
  {
    name: 'the close frame overtakes earlier messages',
    file: 'direct-websocket',
    code: 'override close(code?: number, reason?: string | Buffer): void {\n    this.flush();',
    mistake: 'override close(code?: number, reason?: string | Buffer): void {',
  },
];

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FLAGS = ['--max-frame-bytes', `${MAX_FRAME_BYTES}`, '--max-fragments', `${MAX_FRAGMENTS}`];
const MILLION = '1000000';
FLAGS.push('--frames-per-second', MILLION, '--frame-burst', MILLION);

/** Shorter than in other tests: a test that fails here waits for a message that never arrives. */
const PATIENCE_MS = 4000;

let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'rfc6455-'));
  cpSync(join(ROOT, 'dist'), join(copy, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
});

afterEach(() => ProcessServer.killAll());

afterAll(() => rmSync(copy, { recursive: true }));

function compile(file: string, source: string): void {
  const { code } = transformSync(source, {
    configFile: join(ROOT, '.swcrc'),
    filename: `${file}.ts`,
    sourceMaps: false,
  });
  writeFileSync(join(copy, 'dist/transport/websocket', `${file}.js`), code);
}

/** Returns the failures of the first chopping that has any. */
async function failures(port: number): Promise<string[]> {
  for (const chopping of CHOPPINGS) {
    const trial: Trial = { port, endpoint: ENDPOINTS[0], chopping, patienceMs: PATIENCE_MS, isBrief: true };
    const found = await failuresOf(CASES, trial);
    if (found.length > 0) return found;
  }
  return [];
}

it.each(MUTATIONS)(
  'fails if $name',
  async ({ file, code, mistake }) => {
    const source = readFileSync(join(ROOT, 'src/transport/websocket', `${file}.ts`), 'utf8');
    expect(source.split(code)).toHaveLength(2);
    compile(file, source.replace(code, mistake));
    try {
      const { port } = await ProcessServer.start(FLAGS, {}, [], join(copy, 'dist', 'main.js'));
      // A plain case must pass: the mistake breaks the server only in part.
      const plain = CASES.filter(({ name }) => name === 'a ping of 1 bytes');
      expect(await failuresOf(plain, { port, endpoint: ENDPOINTS[0], chopping: CHOPPINGS[0] })).toEqual([]);
      expect(await failures(port)).not.toEqual([]);
    } finally {
      compile(file, source);
    }
  },
  60_000,
);

it('passes without a mistake', async () => {
  for (const { file } of MUTATIONS)
    compile(file, readFileSync(join(ROOT, 'src/transport/websocket', `${file}.ts`), 'utf8'));
  const { port } = await ProcessServer.start(FLAGS, {}, [], join(copy, 'dist', 'main.js'));
  for (const chopping of CHOPPINGS) {
    expect(await failuresOf(CASES, { port, endpoint: ENDPOINTS[0], chopping })).toEqual([]);
  }
});
