import type { Config } from '../../../src/index.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { ACK, EasyRtcClient, errorOf, roomNews, updated } from '../../support/easyrtc-client.js';
import { PeerJsSocket } from '../../support/peerjs-socket.js';
import { startServer, type TestServer } from '../../support/server.js';

let server: TestServer;

async function start(options: Partial<Config>): Promise<void> {
  server = await startServer(options);
}

const login = (applicationName?: string) => EasyRtcClient.login(server.url, { applicationName });

async function isRefused(applicationName?: string): Promise<void> {
  const client = await EasyRtcClient.connect(server.url);
  expect(await client.authenticate({ applicationName })).toEqual(errorOf('LOGIN_APP_AUTH_FAIL'));
  expect(await client.closed).toBe('io server disconnect');
}

describe('easyrtcApplications', () => {
  it('maps two applications to one realm and rejects others', async () => {
    await start({ easyrtcApplications: new Map([['one', 'shared'], ['two', 'shared'], ['three', 'apart']]) }); // prettier-ignore
    const ann = await login('one');
    const bob = await login('two');
    expect(bob.token.application).toEqual({ applicationName: 'two' });
    expect(Object.keys(bob.token.roomData.default.clientList)).toEqual([ann.id, bob.id]);
    expect(await ann.next()).toEqual(roomNews(ann, updated('default', bob.entry())));
    expect(await ann.message({ msgType: 'm', targetEasyrtcid: bob.id })).toEqual(ACK);
    expect(await bob.next()).toHaveProperty('senderEasyrtcid', ann.id);

    const cleo = await login('three');
    expect(Object.keys(cleo.token.roomData.default.clientList)).toEqual([cleo.id]);
    expect(await ann.message({ msgType: 'm', targetEasyrtcid: cleo.id })).toEqual(errorOf('MSG_REJECT_GEN_FAIL'));
    for (const name of ['four', 'shared', 'apart', 'default', undefined, '__proto__', 'ONE']) await isRefused(name);
  });

  it('keeps the client when it changes to another application of the same realm', async () => {
    await start({ easyrtcApplications: new Map([['one', 'shared'], ['two', 'shared']]) }); // prettier-ignore
    const [ann, bob] = [await login('one'), await login('one')];
    await ann.next();
    const { id } = bob;
    await bob.login({ applicationName: 'two', username: 'Bob' });
    expect(bob.id).toBe(id);
    expect(bob.token.application).toEqual({ applicationName: 'two' });
    expect(await ann.rest()).toEqual([roomNews(ann, updated('default', bob.entry()))]);
  });

  it('can map to the realm of a PeerJS key and of Peer2Peer Connector', async () => {
    const keys = new Map([['peerjs', 'default'], ['acme-key', 'acme']]); // prettier-ignore
    await start({ keys, connectorRealm: 'acme', easyrtcApplications: new Map([['ours', 'acme']]) });
    const ann = await login('ours');
    const connie = await ConnectorClient.connect(server.wsUrl);
    const peer = await PeerJsSocket.open(server.wsUrl, { id: 'peer', key: 'acme-key' });
    for (const target of ['peer', connie.id]) expect(await ann.command('offer', { sdp: 1 }, target)).toEqual(ACK);
    expect(await peer.next()).toMatchObject({ type: 'OFFER', src: ann.id, payload: { sdp: 1 } });
    expect(await connie.next()).toEqual({ event: 'Offer', from: ann.id, data: { sdp: 1 } });
    for (const name of ['acme', 'acme-key', 'default']) await isRefused(name);
    await peer.close();
  });
});

describe('an application that is not configured', () => {
  it('gets a realm of its own, but never that of a PeerJS key', async () => {
    const keys = new Map([['peerjs', 'default'], ['acme-key', 'acme'], ['x', '__proto__']]); // prettier-ignore
    await start({ keys });
    for (const name of ['acme', '__proto__']) await isRefused(name);
    const ann = await login('acme-key');
    expect(ann.token.application).toEqual({ applicationName: 'acme-key' });
    const peer = await PeerJsSocket.open(server.wsUrl, { id: 'peer', key: 'peerjs' });
    const bob = await login('default');
    expect(await bob.command('offer', { sdp: 1 }, 'peer')).toEqual(ACK);
    expect(await peer.next()).toHaveProperty('src', bob.id);
    expect(await ann.command('hangup', undefined, 'peer')).toEqual(errorOf('MSG_REJECT_TARGET_EASYRTCID'));
    await peer.close();
  });

  it('maps to the realm default without configuration, whatever the key', async () => {
    await start({ key: 'own' });
    const peer = await PeerJsSocket.open(server.wsUrl, { id: 'peer', key: 'own' });
    const ann = await login('default');
    expect(await ann.command('offer', { sdp: 1 }, 'peer')).toEqual(ACK);
    expect(await peer.next()).toHaveProperty('src', ann.id);
    const bob = await login('own');
    expect(await bob.command('offer', { sdp: 1 }, 'peer')).toEqual(errorOf('MSG_REJECT_TARGET_EASYRTCID'));
    await peer.close();
  });

  it('is rejected at a second login, which disconnects the client', async () => {
    await start({ keys: new Map([['peerjs', 'default'], ['acme-key', 'acme']]) }); // prettier-ignore
    const [ann, bob] = [await login('app'), await login('app')];
    expect(await bob.authenticate({ applicationName: 'acme' })).toEqual(errorOf('LOGIN_APP_AUTH_FAIL'));
    await bob.closed;
    expect(await ann.next()).toHaveProperty('msgType', 'roomData');
    expect(await ann.next()).toHaveProperty('msgData.roomData.default.clientListDelta.removeClient');
  });
});
