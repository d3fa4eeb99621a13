import { AdminApi, OPERATE_TOKEN } from '../../support/admin-api.js';
import { becomes } from '../../support/becomes.js';
import { PeerJsSocket } from '../../support/peerjs-socket.js';
import { REFUSED, RELOADED, ReloadingServer } from '../../support/reloads.js';
import { WEBHOOK_SECRET, WebhookReceiver } from '../../support/webhook-receiver.js';

const NEW_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
/** Time within which a change of a file is in effect. */
const WITHIN_MS = 5000;

interface Detail {
  readonly n: number;
  readonly url: string;
  readonly state: string;
  readonly waiting: number;
  readonly lastError?: { readonly problem: string };
}

const adminTokens = [`olga:operate:${OPERATE_TOKEN}`];

const endpointOf = ({ url }: WebhookReceiver, members: object = {}) => ({
  url,
  secret: WEBHOOK_SECRET,
  events: ['client.connected'],
  ...members,
});

async function detailsOf({ server }: ReloadingServer): Promise<Detail[]> {
  return (await new AdminApi(server.url, OPERATE_TOKEN).get<{ items: Detail[] }>('webhooks')).body.items;
}

const connect = ({ server }: ReloadingServer, id: string) => PeerJsSocket.open(server.wsUrl, id);

const connected = (...ids: readonly string[]) => ids.map((id) => `client.connected ${id}`);

describe('a reload of webhooks', () => {
  let receiver: WebhookReceiver;
  let other: WebhookReceiver;

  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
    other = await WebhookReceiver.start();
  });

  const start = (...webhooks: readonly object[]) => ReloadingServer.start({ adminTokens, webhooks });

  async function reload(running: ReloadingServer, ...webhooks: readonly object[]): Promise<void> {
    running.configure({ adminTokens, webhooks });
    expect(await running.signal()).toMatchObject({ msg: RELOADED, changed: ['webhooks'] });
  }

  it('rotates a secret, and keeps what waits and the state', async () => {
    const running = await start(endpointOf(receiver));
    receiver.answer = (response) => response.writeHead(503).end();
    for (const id of ['a', 'b', 'c']) await connect(running, id);
    await becomes(async () => (await detailsOf(running))[0].lastError?.problem, 'status 503');
    await reload(running, endpointOf(receiver, { secret: [NEW_SECRET, WEBHOOK_SECRET] }));
    expect(await detailsOf(running)).toMatchObject([{ state: 'failing', waiting: 3 }]);
    receiver.answer = (response) => response.writeHead(204).end();
    await becomes(() => receiver.clients, connected('a', 'b', 'c'));
    receiver.secret = NEW_SECRET;
    await connect(running, 'd');
    await becomes(() => receiver.clients, connected('a', 'b', 'c', 'd'));
    await reload(running, endpointOf(receiver, { secret: NEW_SECRET }));
    await connect(running, 'e');
    await becomes(() => receiver.clients, connected('a', 'b', 'c', 'd', 'e'));
    expect(receiver.forged).toBe(0);
    receiver.secret = WEBHOOK_SECRET;
    await connect(running, 'f');
    await becomes(() => receiver.forged > 0, true);
  });

  it('adds, moves and removes endpoints', async () => {
    const running = await start(endpointOf(receiver));
    await connect(running, 'a');
    await becomes(() => receiver.clients, connected('a'));
    await reload(running, endpointOf(other), endpointOf(receiver));
    await connect(running, 'b');
    await becomes(() => [receiver.clients, other.clients], [connected('a', 'b'), connected('b')]);
    expect((await detailsOf(running)).map(({ n, url }) => [n, url])).toEqual([
      [0, other.url.replace(/\?.*/, '')],
      [1, receiver.url.replace(/\?.*/, '')],
    ]);
    await reload(running, endpointOf(other));
    await connect(running, 'c');
    await becomes(() => other.clients, connected('b', 'c'));
    expect(receiver.clients).toEqual(connected('a', 'b'));
    const metrics = await (await fetch(`${running.server.url}/metrics`)).text();
    expect(metrics).toContain('signalbox_webhook_waiting_events{webhook="0"} 0');
    expect(metrics).not.toContain('signalbox_webhook_waiting_events{webhook="1"}');
  });

  it('changes which events an endpoint gets, signals included', async () => {
    const running = await start(endpointOf(receiver));
    const ann = await connect(running, 'a');
    await becomes(() => receiver.clients, connected('a'));
    await reload(running, endpointOf(receiver, { events: ['client.disconnected', 'signal.relayed'], batch: 10 }));
    ann.send({ type: 'OFFER', dst: 'a', payload: {} });
    await ann.next('OFFER');
    await ann.close();
    const types = () => receiver.events.map(({ type }) => type);
    await becomes(types, ['client.connected', 'signal.relayed', 'client.disconnected']);
    expect(receiver.accepted.at(-1)?.type).toBe('batch');
  });

  it('takes a secret from its file when the file changes', async () => {
    const running = await ReloadingServer.start((folder) => {
      const secretFile = folder.write('webhook-secret', WEBHOOK_SECRET);
      return { adminTokens, webhooks: [endpointOf(receiver, { secret: [], secretFile })] };
    });
    await connect(running, 'a');
    await becomes(() => receiver.clients, connected('a'));
    running.write('webhook-secret', NEW_SECRET);
    await becomes(() => running.reloads('file').length, 1, WITHIN_MS);
    receiver.secret = NEW_SECRET;
    await connect(running, 'b');
    await becomes(() => receiver.clients, connected('a', 'b'));
  });

  it('changes nothing if an endpoint is not valid', async () => {
    const running = await start(endpointOf(receiver));
    running.configure({ adminTokens, webhooks: [endpointOf(other), { secret: NEW_SECRET }] });
    const { msg, problems } = await running.signal();
    expect([msg, problems]).toEqual([REFUSED, [expect.stringMatching(/^webhooks .*: 1 needs url$/)]]);
    await connect(running, 'a');
    await becomes(() => receiver.clients, connected('a'));
    expect(other.requests).toBe(0);
    expect(JSON.stringify(running.server.lines)).not.toMatch(/whsec_|hidden-in-a-query/);
  });
});
