import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import type { IClient, IMessage, PeerServerApp, PeerServerOptions } from 'signalbox/peer';
import { atTeardown } from '../support/teardown.js';

/** What a program imports, whatever its import line says. */
export type PeerModule = Pick<typeof import('signalbox/peer'), 'PeerServer' | 'ExpressPeerServer'>;

/** The import lines. Their modules are loaded in the tests, so that a module that does not load fails them. */
export const IMPORT_LINES = ['peer', 'signalbox/peer'];

export const EXPRESS_VERSIONS = ['express-4', 'express'];

/** A program with a PeerServer. */
export interface Program {
  readonly peerServer: PeerServerApp;
  readonly server: Server;
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** `ws://127.0.0.1:PORT` */
  readonly wsUrl: string;
}

/** An event of a PeerServer. */
export interface PeerEvent {
  readonly name: string;
  readonly client?: IClient;
  readonly message?: IMessage;
  readonly error?: Error;
}

const { setTimeout: setTimer } = globalThis;
let isOver = false;

// The timers of npm `peer` start again each time they end, and nothing stops them. They must not keep Jest from exiting.
globalThis.setTimeout = ((...args: Parameters<typeof setTimer>) => {
  const timer = setTimer(...args);
  return isOver ? timer.unref() : timer;
}) as typeof setTimeout;
afterAll(() => {
  isOver = true;
});

export async function load(importLine: string): Promise<PeerModule> {
  return (await import(importLine)) as PeerModule;
}

/** Starts a program that calls `PeerServer`, on a free local port. It ends after the test. */
export async function startPeerServer({ PeerServer }: PeerModule, options: PeerServerOptions = {}): Promise<Program> {
  let peerServer!: PeerServerApp;
  const server = await new Promise<Server>((resolve) => {
    peerServer = PeerServer({ port: 0, host: '127.0.0.1', ...options }, resolve);
  });
  return programOf(server, peerServer);
}

/** A program in Express. */
export interface ExpressProgram {
  /** Package of Express. */
  readonly version?: string;
  readonly options?: PeerServerOptions;
  /** Where the program mounts its PeerServer. */
  readonly at?: string | string[];
  /** Routes of the program before and after the PeerServer. */
  readonly before?: (app: Express) => void;
  readonly after?: (app: Express) => void;
  /** Listeners of the program on its HTTP server, before the PeerServer is created. */
  readonly listeners?: (server: Server) => void;
}

/** Starts a program that mounts an `ExpressPeerServer`, on a free local port. It ends after the test. */
export async function startExpress(
  { ExpressPeerServer }: PeerModule,
  { version = 'express', options = {}, at = '/', before, after, listeners }: ExpressProgram = {},
): Promise<Program> {
  const app = await newExpress(version);
  before?.(app);
  const server = createServer(app);
  listeners?.(server);
  const peerServer = ExpressPeerServer(server, options);
  app.use(at, peerServer);
  after?.(app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return programOf(server, peerServer);
}

export async function newExpress(version: string): Promise<Express> {
  const { default: express } = (await import(version)) as { default: () => Express };
  return express();
}

export function programOf(server: Server, peerServer: PeerServerApp): Program {
  atTeardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { peerServer, server, port, url: `http://127.0.0.1:${port}`, wsUrl: `ws://127.0.0.1:${port}` };
}

/** Records the events of a PeerServer. */
export function eventsOf(peerServer: PeerServerApp): PeerEvent[] {
  const events: PeerEvent[] = [];
  peerServer.on('connection', (client) => void events.push({ name: 'connection', client }));
  peerServer.on('disconnect', (client) => void events.push({ name: 'disconnect', client }));
  peerServer.on('message', (client, message) => void events.push({ name: 'message', client, message }));
  peerServer.on('error', (error) => void events.push({ name: 'error', error }));
  return events;
}

/** Returns the names of events with the ids of their clients, such as `connection alice`. */
export function namesOf(events: readonly PeerEvent[]): string[] {
  return events.map(({ name, client, message }) =>
    [name, client?.getId(), message?.type].filter((part) => part !== undefined).join(' '),
  );
}
