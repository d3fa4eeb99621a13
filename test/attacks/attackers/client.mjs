import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';

/** Address of the attackers. No healthy client uses it. */
export const LOCAL_ADDRESS = '127.0.0.2';

/** Bytes that an attacker buffers in its own process before it pauses. */
const MAX_OWN_BUFFER = 4 * 1_048_576;

/** Pause before a disconnected attacker reconnects. */
const RETRY_MS = 20;

/** @typedef {{ host: string, port: number, until: number, count: Record<string, number> }} Target */

/** @param {Target} target */
export function isOver(target) {
  return performance.now() >= target.until;
}

/** Counts an action of an attacker, as proof that the attack ran. */
export function counted(target, what, times = 1) {
  target.count[what] = (target.count[what] ?? 0) + times;
}

/** Repeats `work` in `width` parallel loops until the time is over, also after a refusal. */
export async function again(target, width, work) {
  const line = async (index) => {
    while (!isOver(target)) {
      try {
        await work(index);
      } catch {
        // The server refuses and closes, as intended.
        counted(target, 'refused');
        await sleep(RETRY_MS);
      }
    }
  };
  await Promise.all(Array.from({ length: width }, (_, index) => line(index)));
}

/** Opens a WebSocket. Resolves with the socket and its first message, and rejects if the server refuses it. */
export async function openSocket(target, path, { localAddress = LOCAL_ADDRESS } = {}) {
  const socket = new WebSocket(`ws://${target.host}:${target.port}${path}`, { localAddress, perMessageDeflate: false });
  socket.on('error', () => undefined);
  const [greeting] = await oneOf(socket, 'message');
  counted(target, 'connections');
  return { socket, greeting };
}

/** Connects a Peer2Peer Connector client. Resolves with its socket and id. */
export async function openConnector(target, options) {
  const { socket, greeting } = await openSocket(target, '/', options);
  return { socket, id: JSON.parse(greeting.toString()).data.id };
}

/** Connects a PeerJS client with this id. */
export async function openPeerJs(target, id, token = 'attacker', options) {
  const { socket } = await openSocket(target, `/peerjs?key=peerjs&id=${id}&token=${token}`, options);
  return socket;
}

/** Logs in an EasyRTC client that answers pings and ignores the rest. */
export async function openEasyRtc(target, msgData = {}, options) {
  const { socket } = await openSocket(target, '/socket.io/?EIO=4&transport=websocket', options);
  socket.on('message', (text) => {
    if (text.toString() === '2') socket.send('3');
  });
  const isLoggedIn = new Promise((resolve) => {
    socket.on('message', (text) => {
      const packet = text.toString();
      if (packet.startsWith('40')) {
        const login = { apiVersion: '1.1.1-beta', applicationName: 'default', ...msgData };
        command(socket, 'authenticate', login, 'easyrtcAuth');
      } else if (packet.startsWith('430')) resolve(packet);
    });
  });
  socket.send('40');
  await Promise.race([isLoggedIn, gone(socket)]);
  return socket;
}

/** Sends an EasyRTC command that requests an ack. */
export function command(socket, msgType, msgData, event = 'easyrtcCmd') {
  socket.send(`420${JSON.stringify([event, { msgType, msgData }])}`);
}

/** Sends as fast as the server reads, until the socket closes or the time is over. */
export async function flood(target, socket, send) {
  while (socket.readyState === WebSocket.OPEN && !isOver(target)) {
    for (let i = 0; i < 50 && socket.bufferedAmount < MAX_OWN_BUFFER; i++) {
      send(i);
      counted(target, 'sent');
    }
    await sleep(1);
  }
  if (socket.readyState !== WebSocket.OPEN) counted(target, 'closed');
  socket.terminate();
}

/** Opens a TCP connection from the attackers' address. */
export async function openTcp(target, { localAddress = LOCAL_ADDRESS } = {}) {
  const socket = connectTcp({ host: target.host, port: target.port, localAddress });
  socket.on('error', () => undefined);
  await Promise.race([once(socket, 'connect'), gone(socket)]);
  counted(target, 'connections');
  return socket;
}

/** Waits until a connection has closed, or the time is over. */
export async function untilGone(target, socket) {
  await Promise.race([
    once(socket, 'close'),
    sleep(Math.max(0, target.until - performance.now()), undefined, { ref: false }),
  ]);
  socket.destroy?.();
  socket.terminate?.();
}

/** Resolves with the next event, and rejects if the connection ends instead. */
function oneOf(socket, event) {
  return Promise.race([once(socket, event), gone(socket)]);
}

function gone(socket) {
  const end = once(socket, 'close').then(() => Promise.reject(new Error('closed')));
  end.catch(() => undefined);
  return end;
}
