import { setImmediate as nextTurn } from 'node:timers/promises';
import { DomainError } from '../../common/domain-error.js';
import type { EndReason } from '../../common/end-reason.js';
import { Config } from '../../config/config.js';
import { Connections } from '../../transport/lifecycle/connections.js';
import type { VirtualClientOptions } from './virtual-client.js';
import { VirtualConnection } from './virtual-connection.js';
import type { VirtualContext } from './virtual-context.js';
import { VirtualPeer } from './virtual-peer.js';

const MAX_BYTES = 100_000;

interface Line {
  readonly level: 'error' | 'warn';
  readonly message: string;
}

/** The connection of a virtual client, with what it reports. */
class Bench {
  readonly lines: Line[] = [];
  readonly disconnects: EndReason[] = [];
  readonly connections: Connections;
  readonly connection: VirtualConnection;
  readonly peer: VirtualPeer;
  connecting: Promise<void> = Promise.resolve();
  disconnecting: Promise<void> = Promise.resolve();

  constructor(listener: Partial<VirtualClientOptions> = {}) {
    const limits = Object.assign(new Config(), { maxBufferedBytes: MAX_BYTES });
    this.connections = new Connections(limits);
    const note = (level: Line['level']) => (_: object, message: string) => void this.lines.push({ level, message });
    const log = { logger: { error: note('error'), warn: note('warn') } };
    const reports = { connected: () => undefined, ended: () => undefined };
    const context = { limits, connections: this.connections, reports, log } as unknown as VirtualContext;
    const presence = {
      connect: () => this.connecting,
      disconnect: (_: VirtualPeer, reason: EndReason) => {
        this.disconnects.push(reason);
        return this.disconnecting;
      },
    };
    const options = { realm: 'r', id: 'bot', ...listener };
    this.connection = new VirtualConnection(context, presence, options);
    const protocols = { typeOf: () => undefined };
    this.peer = new VirtualPeer(options, { name: 'virtual', accepts: () => true }, this.connection, protocols as never);
  }

  open(): Promise<void> {
    return this.connection.open(this.peer);
  }
}

async function turns(count = 5): Promise<void> {
  for (let i = 0; i < count; i++) await nextTurn();
}

describe('the callbacks of a virtual client', () => {
  it('do not run in the turn of the sender', async () => {
    const heard: unknown[] = [];
    const { connection } = new Bench();
    connection.post(0, () => heard.push(1));
    await Promise.resolve();
    expect(heard).toEqual([]);
    await turns();
    expect(heard).toEqual([1]);
  });

  it('wait for the promise that an earlier one has returned', async () => {
    const heard: string[] = [];
    let letGo!: () => void;
    const { connection } = new Bench();
    connection.post(0, () => {
      heard.push('one');
      return new Promise<void>((resolve) => (letGo = resolve));
    });
    connection.post(0, () => heard.push('two'));
    await turns();
    expect(heard).toEqual(['one']);
    letGo();
    await turns();
    expect(heard).toEqual(['one', 'two']);
    expect(connection.traffic).toMatchObject({ framesOut: 2, waitingBytes: 0 });
  });

  it('may fail: the error is logged, and the next one runs', async () => {
    const heard: number[] = [];
    const { connection, lines } = new Bench();
    connection.post(0, () => {
      throw new Error('broken');
    });
    connection.post(0, () => Promise.reject(new Error('broken')));
    connection.post(0, () => heard.push(3));
    await turns();
    expect(heard).toEqual([3]);
    const line = { level: 'error', message: 'a callback of a virtual client has failed' };
    expect(lines).toEqual([line, line]);
  });

  it('admit a sender until it fills its share of what waits, and others then', async () => {
    const { connection } = new Bench();
    const admitted = (from: string) => {
      let count = 0;
      for (; connection.admits(from, 5000); count++) connection.post(5000, () => new Promise(() => undefined));
      return count;
    };
    const count = admitted('ann');
    expect(count).toBeGreaterThan(8);
    expect(count).toBeLessThan(13);
    expect(connection.admits('bob', 5000)).toBe(true);
    expect(connection.endReason).toBeUndefined();
    await connection.close();
  });

  it('end the client if too much waits, empty signals included', async () => {
    const ends: EndReason[] = [];
    const bench = new Bench({ onEnd: (reason) => ends.push(reason) });
    await bench.open();
    let count = 0;
    for (; bench.connection.endReason === undefined; count++) {
      bench.connection.post(0, () => new Promise(() => undefined));
    }
    expect(count).toBeLessThan(1000);
    await bench.connection.close();
    expect([ends, bench.disconnects]).toEqual([['too slow'], ['too slow']]);
  });

  it('that wait are dropped when it ends', async () => {
    const heard: number[] = [];
    const bench = new Bench();
    await bench.open();
    bench.connection.post(0, () => heard.push(1));
    await bench.connection.close();
    bench.connection.post(0, () => heard.push(2));
    await turns();
    expect(heard).toEqual([]);
  });
});

describe('a virtual connection', () => {
  it('is among the open connections until its client is removed', async () => {
    const bench = new Bench();
    await bench.open();
    expect(bench.connections.size).toBe(1);
    let removed!: () => void;
    bench.disconnecting = new Promise((resolve) => (removed = resolve));
    const closing = bench.connection.close();
    let isEmpty = false;
    const emptied = bench.connections.emptied().then(() => (isEmpty = true));
    await turns();
    expect(isEmpty).toBe(false);
    removed();
    await Promise.all([closing, emptied]);
    expect(bench.disconnects).toEqual(['closed by client']);
  });

  it('lets the application close its client in onEnd, and is open until onEnd has resolved', async () => {
    const told: string[] = [];
    const bench: Bench = new Bench({
      onEnd: async (reason) => {
        told.push(reason, ...bench.disconnects);
        await bench.connection.close();
        told.push('closed');
      },
    });
    await bench.open();
    bench.connection.end('removed');
    await bench.connections.emptied();
    expect(told).toEqual(['removed', 'removed', 'closed']);
  });

  it('is not among them if its client is refused', async () => {
    const bench = new Bench();
    bench.connecting = Promise.reject(new DomainError('ID_TAKEN', { id: 'bot' }));
    await expect(bench.open()).rejects.toMatchObject({ code: 'ID_TAKEN' });
    expect(bench.connections.size).toBe(0);
    expect(bench.disconnects).toEqual([]);
  });

  it.each([
    ['replaced', 'ID_TAKEN'],
    ['server shutdown', 'UNAVAILABLE'],
  ] as const)('that ends as %s while its client is registered removes it again', async (reason, code) => {
    const ends: EndReason[] = [];
    const bench = new Bench({ onEnd: (end) => ends.push(end) });
    let registered!: () => void;
    bench.connecting = new Promise((resolve) => (registered = resolve));
    const opening = bench.open();
    bench.connection.end(reason);
    await turns();
    expect(bench.disconnects).toEqual([]);
    registered();
    await expect(opening).rejects.toMatchObject({ code });
    expect(bench.disconnects).toEqual([reason]);
    await bench.connections.emptied();
    // The application has its error already.
    expect(ends).toEqual([]);
  });

  it.each([
    ['UNAVAILABLE', new DomainError('UNAVAILABLE', {}), []],
    ['another error', new Error('broken'), [{ level: 'warn', message: 'a virtual client was not removed completely' }]],
  ])('closes without an error if the removal of its client fails with %s', async (_, error, lines) => {
    const bench = new Bench();
    await bench.open();
    bench.disconnecting = Promise.reject(error);
    await bench.connection.close();
    expect(bench.lines).toEqual(lines);
  });

  it('reports later failures of its signals to the application, or else logs them', async () => {
    const error = new DomainError('CLIENT_NOT_FOUND', { id: 'ann' });
    const errors: DomainError[] = [];
    const told = new Bench({ onError: (failure) => errors.push(failure) });
    told.peer.fail(error);
    await turns();
    expect([errors, told.lines]).toEqual([[error], []]);
    const untold = new Bench();
    untold.peer.fail(error);
    expect(untold.lines).toEqual([{ level: 'warn', message: 'a signal of a virtual client was not delivered' }]);
  });
});
