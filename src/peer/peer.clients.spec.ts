import { EventEmitter } from 'node:events';
import type { ClientsService } from '../clients/clients.service.js';
import type { Log } from '../logging/log.js';
import type { PeerJsClient } from '../protocols/peerjs/peerjs.client.js';
import { PeerClients } from './peer.clients.js';
import type { IClient } from './peer.types.js';

/** Announces clients, and records the names of the events. */
class Fixture {
  readonly names: string[] = [];
  readonly errors: unknown[] = [];
  /** The client that the server finds under the id. */
  here?: PeerJsClient;
  readonly app = new EventEmitter();
  readonly clients: PeerClients;

  constructor() {
    const service = { findHere: () => this.here } as unknown as ClientsService;
    const log = {
      logger: { error: (fields: { err: unknown }) => void this.errors.push(fields.err) },
    } as unknown as Log;
    this.clients = new PeerClients(this.app, service, log);
    for (const name of ['connection', 'disconnect']) {
      this.app.on(name, (client: IClient) => void this.names.push(`${name} ${client.getToken()}`));
    }
  }
}

const client = (token = 'token'): PeerJsClient =>
  ({ realm: 'default', id: 'alice', token, socket: {} }) as unknown as PeerJsClient;

/** Resolves after all microtasks. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('PeerClients', () => {
  let fixture: Fixture;

  beforeEach(() => {
    fixture = new Fixture();
  });

  it('emits no disconnect while a successor connects', async () => {
    const [old, successor] = [client(), client()];
    fixture.clients.connected(old);
    fixture.clients.disconnected(old, 'replaced');
    fixture.here = successor;
    await settled();
    fixture.clients.connected(successor);
    expect(fixture.names).toEqual(['connection token', 'connection token']);
    fixture.clients.disconnected(successor, 'closed by client');
    expect(fixture.names.at(-1)).toBe('disconnect token');
  });

  it('emits disconnect if the successor fails to connect', async () => {
    const old = client();
    fixture.clients.connected(old);
    fixture.here = client();
    fixture.clients.disconnected(old, 'replaced');
    await settled();
    expect(fixture.names).toEqual(['connection token']);
    fixture.here = undefined;
    fixture.clients.endFailedHandovers();
    fixture.clients.endFailedHandovers();
    expect(fixture.names).toEqual(['connection token', 'disconnect token']);
  });

  it('emits disconnect if the successor is a client of another node', async () => {
    const old = client();
    fixture.clients.connected(old);
    fixture.clients.disconnected(old, 'replaced');
    await settled();
    expect(fixture.names).toEqual(['connection token', 'disconnect token']);
  });

  it('emits disconnect for a dead client before its id connects with another token, and only once', () => {
    const [dead, other] = [client('first'), client('second')];
    fixture.clients.connected(dead);
    fixture.clients.connected(other);
    fixture.clients.disconnected(dead, 'no sign of life');
    expect(fixture.names).toEqual(['connection first', 'disconnect first', 'connection second']);
  });

  it('emits nothing for a client that never was one, and leaves its frames unchanged', () => {
    const stranger = client();
    const bytes = Buffer.from('{');
    fixture.clients.disconnected(stranger, 'refused');
    expect(fixture.clients.received(stranger, bytes)).toBe(bytes);
    expect(fixture.names).toEqual([]);
  });

  it('does not copy frames without listeners for messages', () => {
    const alice = client();
    fixture.clients.connected(alice);
    const bytes = Buffer.from('{"type":"HEARTBEAT"}');
    expect(fixture.clients.received(alice, bytes)).toBe(bytes);
    fixture.app.on('error', () => undefined);
    expect(fixture.clients.received(alice, bytes)).toBe(bytes);
  });

  it('logs exceptions of listeners if the program does not listen to error, and those of its listener', () => {
    fixture.app.on('connection', () => {
      throw new Error('of a listener');
    });
    fixture.clients.connected(client());
    expect(fixture.errors).toEqual([new Error('of a listener')]);
    fixture.app.on('error', () => {
      throw new Error('again');
    });
    fixture.clients.failed(new Error('of a client'));
    expect(fixture.errors[1]).toEqual(new Error('again'));
  });
});
