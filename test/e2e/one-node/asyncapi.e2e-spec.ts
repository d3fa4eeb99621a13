import { Parser } from '@asyncapi/parser';
import type { AsyncDocument } from '../../../src/asyncapi/async-document.js';
import { EasyRtcGateway } from '../../../src/protocols/easyrtc/easyrtc.gateway.js';
import { ConnectorGateway } from '../../../src/protocols/peer2peer-connector/connector.gateway.js';
import { PeerJsGateway } from '../../../src/protocols/peerjs/peerjs.gateway.js';
import { messageHandlersOf } from '../../../src/transport/endpoint/message-handlers.js';
import { type AsyncOperation, AsyncSchemas } from '../../support/async-document.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { PeerJsSocket } from '../../support/peerjs-socket.js';
import { startServer } from '../../support/server.js';

const GATEWAYS = {
  'peer2peer-connector': ConnectorGateway,
  peerjs: PeerJsGateway,
  easyrtc: EasyRtcGateway,
} as const;

async function documentOf(url: string): Promise<AsyncDocument> {
  const response = await fetch(`${url}/docs-async.json`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
  return (await response.json()) as AsyncDocument;
}

const SDP = { type: 'offer', sdp: 'v=0' };

/** Requests of a client to another one, and to rooms: all that it may send, and some that fail. */
const CONNECTOR_REQUESTS = (to: string): readonly object[] => [
  { event: 'Connect', to, data: { sdp: SDP, candidate: {} } },
  { event: 'Offer', to, data: SDP },
  { event: 'Answer', to, data: SDP },
  { event: 'Candidate', to, data: {} },
  { event: 'Message', to, data: 'Hello' },
  { event: 'Create_Room', data: { room: 'lobby', name: null } },
  { event: 'Message', room: 'lobby', data: 7 },
  { event: 'Ice_Config' },
  { event: 'End_Room', data: { room: 'lobby' } },
];

const CONNECTOR_FAULTS: readonly object[] = [
  { event: 'Offer' },
  { event: 'Connect', to: 'x', data: { sdp: SDP } },
  { event: 'Message', to: 7 },
  { event: 'Create_Room' },
  { event: 'Join_Room', data: { room: '' } },
];

const EASYRTC_COMMANDS = (targetEasyrtcid: string): readonly (readonly [string, unknown?, string?])[] => [
  ['offer', SDP, targetEasyrtcid],
  ['answer', SDP, targetEasyrtcid],
  ['candidate', { candidate: '' }, targetEasyrtcid],
  ['reject', undefined, targetEasyrtcid],
  ['hangup', undefined, targetEasyrtcid],
  ['getIceConfig', {}],
  ['getRoomList'],
  ['roomJoin', { roomJoin: { lobby: { roomName: 'lobby' } } }],
  ['setRoomApiField', { setRoomApiField: { roomName: 'lobby', field: { f: { fieldName: 'f', fieldValue: 1 } } } }],
  ['setPresence', { setPresence: { show: 'away', status: 'Lunch' } }],
  ['roomLeave', { roomLeave: { lobby: { roomName: 'lobby' } } }],
  ['setUserCfg', { setUserCfg: { p2pList: {} } }],
  ['stillAlive'],
];

const EASYRTC_FAULTS: readonly (readonly [string, unknown?, string?])[] = [
  ['offer', {}, 'x'],
  ['offer', SDP],
  ['hangup', {}, 'x'],
  ['roomJoin', { roomJoin: { 'a b': { roomName: 'a b' } } }],
  ['setPresence', { setPresence: { show: 'busy' } }],
  ['getRoomList', {}],
];

describe('the AsyncAPI document', () => {
  it('is valid, without warnings', async () => {
    const { url } = await startServer();
    const { document, diagnostics } = await new Parser().parse(JSON.stringify(await documentOf(url)));
    expect(diagnostics.map(({ message, path }) => [path.join('.'), message])).toEqual([]);
    expect(document?.version()).toMatch(/^3\./);
  });

  it.each(Object.entries(GATEWAYS))(
    'has an operation for each event that the gateway of %s handles',
    async (name, Gateway) => {
      const server = await startServer();
      const { operations } = await documentOf(server.url);
      const { handlers } = messageHandlersOf(server.app.get(Gateway as never, { strict: false }));
      const described = Object.entries(operations as Readonly<Record<string, AsyncOperation>>)
        .filter(([id, { action }]) => id.startsWith(`${name}.`) && action === 'receive')
        .map(([, { title }]) => title);
      expect(described.sort()).toEqual([...handlers.keys()].sort());
    },
  );

  it('has examples that fit their schemas, and a summary for each message', async () => {
    const { url } = await startServer();
    const schemas = new AsyncSchemas(await documentOf(url));
    for (const [id, { summary, examples }] of Object.entries(schemas.messages)) {
      expect([id, summary]).toEqual([id, expect.stringMatching(/\.$/)]);
      for (const { payload } of examples) expect(schemas.faultsOf(id, payload)).toEqual([]);
    }
  });

  it('has the paths of the options, and only the protocols that are served', async () => {
    const { url } = await startServer({
      basePath: '/calls',
      path: '/peers',
      realms: { acme: { connectorPath: '/acme' }, globex: { connectorPath: '/globex' } },
    });
    const { channels, servers } = await documentOf(`${url}/calls`);
    expect(channels).toMatchObject({
      'peer2peer-connector': { address: '{path}', parameters: { path: { enum: ['/acme', '/globex'] } } },
      peerjs: { address: '/peers/peerjs' },
    });
    expect(servers).toMatchObject({ peerjs: { pathname: '/calls', protocol: 'ws' } });
  });

  it('fits what clients of Peer2Peer Connector send and get', async () => {
    const { url, wsUrl } = await startServer();
    const schemas = new AsyncSchemas(await documentOf(url));
    const faultOf = (message: object): readonly string[] =>
      schemas.faultsOf(`peer2peer-connector.receive.${(message as { event: string }).event}`, message);
    const [alice, bob] = await ConnectorClient.connectMany(2, wsUrl);
    for (const request of CONNECTOR_REQUESTS(bob.id)) {
      expect(faultOf(request)).toEqual([]);
      alice.send(request);
    }
    await alice.drain();
    alice.send({ event: 'Create_Room', data: { room: 'two' } });
    await alice.drain();
    for (const [client, event] of [
      [bob, 'Join_Room'],
      [bob, 'Leave_Room'],
      [alice, 'Leave_Room'],
    ] as const) {
      client.send({ event, data: { room: 'two' } });
      await client.drain();
    }
    for (const request of CONNECTOR_FAULTS) {
      expect([request, faultOf(request)]).not.toEqual([request, []]);
      alice.send(request);
    }
    alice.send({ event: 'Dance' });
    await alice.drain();
    await bob.drain();
    const frames = [...alice.frames, ...bob.frames];
    const names = frames.map(({ type, event }) => {
      if (type === 'error') return 'Error';
      return type === 'info' && event === 'Offer' ? 'Connect_Offer' : String(event);
    });
    for (const [at, frame] of frames.entries()) {
      expect(schemas.faultsOf(`peer2peer-connector.send.${names[at]}`, frame)).toEqual([]);
    }
    expect(new Set(names)).toEqual(
      new Set([
        ...['Client_Details', 'Connect_Offer', 'Offer', 'Answer', 'Candidate', 'Message', 'Ice_Config', 'Error'],
        ...['Room_Created', 'Room_Deleted', 'Client_Added', 'Client_Removed', 'Room_Left'],
      ]),
    );
  });

  it('fits what clients of PeerJS send and get', async () => {
    const { url, wsUrl } = await startServer({ queueTtlMs: 1000, queueSweepMs: 100 });
    const schemas = new AsyncSchemas(await documentOf(url));
    const [alice, bob] = [await PeerJsSocket.open(wsUrl, 'alice'), await PeerJsSocket.open(wsUrl, 'bob')];
    for (const type of ['OFFER', 'ANSWER', 'CANDIDATE', 'EXPIRE', 'LEAVE']) {
      const message = { type, dst: 'bob', payload: { type: 'data', sdp: SDP } };
      expect(schemas.faultsOf(`peerjs.receive.${type}`, message)).toEqual([]);
      alice.send(message);
      await bob.next(type);
    }
    expect(schemas.faultsOf('peerjs.receive.LEAVE', { type: 'LEAVE' })).toEqual([]);
    expect(schemas.faultsOf('peerjs.receive.HEARTBEAT', { type: 'HEARTBEAT' })).toEqual([]);
    for (const fault of [{ type: 'OFFER' }, { type: 'OFFER', dst: '' }, { type: 'ANSWER', dst: 'bob' }])
      expect(schemas.faultsOf('peerjs.receive.OFFER', fault)).not.toEqual([]);
    alice.send({ type: 'OFFER', dst: 'nobody', payload: {} });
    await alice.next('EXPIRE');
    const taken = await PeerJsSocket.connect(wsUrl, { id: 'alice', token: 'another' });
    const refused = await PeerJsSocket.connect(wsUrl, { id: 'carol', key: 'unknown' });
    await Promise.all([taken.closed, refused.closed]);
    const messages = [alice, bob, taken, refused].flatMap((socket) => socket.messages);
    for (const message of messages) expect(schemas.faultsOf(`peerjs.send.${message.type}`, message)).toEqual([]);
    expect(new Set(messages.map(({ type }) => type))).toEqual(
      new Set(['OPEN', 'OFFER', 'ANSWER', 'CANDIDATE', 'EXPIRE', 'LEAVE', 'ID-TAKEN', 'ERROR']),
    );
  });

  it('fits what clients of EasyRTC send and get', async () => {
    const { url } = await startServer();
    const schemas = new AsyncSchemas(await documentOf(url));
    const login = { apiVersion: '1.1.1-beta', username: 'alice', roomJoin: { lobby: { roomName: 'lobby' } } };
    const auth = { msgType: 'authenticate', msgData: login };
    expect(schemas.faultsOf('easyrtc.receive.easyrtcAuth', auth)).toEqual([]);
    const [alice, bob] = [await EasyRtcClient.login(url, login), await EasyRtcClient.login(url, login)];
    expect(schemas.faultsOf('easyrtc.send.token', { msgType: 'token', msgData: alice.token })).toEqual([]);
    for (const [msgType, msgData, targetEasyrtcid] of EASYRTC_COMMANDS(bob.token.easyrtcid)) {
      const message = JSON.parse(JSON.stringify({ msgType, msgData, targetEasyrtcid })) as object;
      expect(schemas.faultsOf(`easyrtc.receive.easyrtcCmd.${msgType}`, message)).toEqual([]);
      const answer = await alice.command(msgType, msgData, targetEasyrtcid);
      expect([msgType, schemas.faultsOf(`easyrtc.send.${answer.msgType}`, answer)]).toEqual([msgType, []]);
      expect([msgType, answer.msgType]).not.toEqual([msgType, 'error']);
    }
    for (const [msgType, msgData, targetEasyrtcid] of EASYRTC_FAULTS) {
      const message = JSON.parse(JSON.stringify({ msgType, msgData, targetEasyrtcid })) as object;
      expect([message, schemas.faultsOf(`easyrtc.receive.easyrtcCmd.${msgType}`, message)]).not.toEqual([message, []]);
      const answer = await alice.command(msgType, msgData, targetEasyrtcid);
      expect(answer.msgType).toBe('error');
      expect(schemas.faultsOf('easyrtc.send.error', answer)).toEqual([]);
    }
    const chat = { msgType: 'chat', msgData: 'Hello', targetRoom: 'default' };
    expect(schemas.faultsOf('easyrtc.receive.easyrtcMsg', chat)).toEqual([]);
    const direct = { msgType: 'chat', msgData: 'Hello', targetEasyrtcid: bob.token.easyrtcid };
    expect(schemas.faultsOf('easyrtc.send.ack', await alice.ask('easyrtcMsg', direct))).toEqual([]);
    await bob.rest();
    const arrivals = bob.arrivals.map(({ event, message }) => {
      const name =
        event === 'easyrtcMsg' ? 'message' : message.msgType === 'roomData' ? 'roomDataPush' : message.msgType;
      return [name, schemas.faultsOf(`easyrtc.send.${name}`, message)];
    });
    for (const [name, faults] of arrivals) expect([name, faults]).toEqual([name, []]);
    expect(new Set(arrivals.map(([name]) => name))).toEqual(
      new Set(['offer', 'answer', 'candidate', 'reject', 'hangup', 'message', 'roomDataPush']),
    );
  });
});
