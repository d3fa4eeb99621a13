import type { Express, Response } from 'express';
import { becomes } from '../support/becomes.js';
import { PagePool } from '../support/page-pool.js';
import { type PeerJsLibrary, PeerPage } from '../support/peerjs-page.js';
import {
  eventsOf,
  EXPRESS_VERSIONS,
  IMPORT_LINES,
  load,
  namesOf,
  type PeerModule,
  type Program,
  startExpress,
  startPeerServer,
} from './programs.js';

const LIBRARIES: [string, PeerJsLibrary][] = [
  ['1.5', { name: 'peerjs', raw: 'raw' }],
  ['1.3', { name: 'peerjs-1.3', raw: 'none' }],
  ['1.0', { name: 'peerjs-1.0', raw: 'none' }],
];

/** Names of how the program serves PeerJS: alone, or in a version of Express. */
const PLACES = ['alone', ...EXPRESS_VERSIONS];

let pool: PagePool;

beforeAll(async () => {
  pool = await PagePool.launch();
});

afterEach(async () => {
  await pool.releaseAll();
  expect(pool.problems.splice(0)).toEqual([]);
});

afterAll(() => pool.close());

function start(peer: PeerModule, place: string): Promise<Program> {
  const options = { path: '/myapp', key: 'secret', allow_discovery: true };
  if (place === 'alone') return startPeerServer(peer, options);
  const before = (app: Express): void =>
    void app.get('/', (_, response: Response) => void response.send('<!doctype html>'));
  return startExpress(peer, { version: place, at: '/peerjs', options, before });
}

const CASES = IMPORT_LINES.flatMap((line) => PLACES.map((place) => [line, place] as const));

describe.each(CASES)('unmodified clients of a program that imports %s, %s', (importLine, place) => {
  it.each(LIBRARIES)('peerjs %s', async (_, library) => {
    const program = await start(await load(importLine), place);
    const events = eventsOf(program.peerServer);
    const path = place === 'alone' ? '/myapp' : '/peerjs/myapp';
    const options = { port: program.port, path, key: 'secret' };
    const [one, two] = await Promise.all([1, 2].map(() => PeerPage.open(pool, `${program.url}${path}`, library)));

    const alice = await one.openPeer(undefined, options);
    const { id } = await alice.state();
    const bob = await two.openPeer('bob', options);
    const [here, there] = await Promise.all([
      alice.connect('bob', { serialization: 'json', metadata: 'hello' }),
      bob.incoming(),
    ]);
    await Promise.all([here.opened(), there.opened()]);
    expect((await there.terms()).metadata).toBe('hello');
    await here.send({ text: 'Grüße' });
    expect(await there.received()).toEqual({ text: 'Grüße' });
    expect((await alice.listAllPeers()).sort()).toEqual([id, 'bob'].sort());

    await two.destroyPeers();
    const comings = (): string[] => namesOf(events).filter((name) => !name.startsWith('message'));
    await becomes(comings, [`connection ${id}`, 'connection bob', 'disconnect bob']);
    expect(namesOf(events)).toContain(`message ${id} OFFER`);
    await one.destroyPeers();
  });
});
