import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { again, counted, isOver, openTcp, untilGone } from './client.mjs';

const key = () => randomBytes(16).toString('base64');
const upgrade = (path) =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key()}\r\n\r\n`;

/** Returns the header of a client's frame with a zero mask. */
function header(first, length) {
  const bytes = Buffer.alloc(14);
  bytes[0] = first;
  bytes[1] = 0x80 | 127;
  bytes.writeBigUInt64BE(BigInt(length), 2);
  return bytes;
}

/** Sends a text frame one byte per segment. */
export async function segments(target) {
  await again(target, 5, async () => {
    const socket = await openTcp(target);
    socket.setNoDelay(true);
    socket.write(upgrade('/'));
    socket.write(header(0x81, 200_000));
    const byte = Buffer.from('x');
    while (!socket.destroyed && !isOver(target)) {
      for (let i = 0; i < 200 && socket.writableLength < 10_000; i++) {
        socket.write(byte);
        counted(target, 'sent');
      }
      await sleep(1);
    }
    socket.destroy();
  });
}

/** Sends messages without their last bytes. */
export async function unfinished(target) {
  await again(target, 200, async () => {
    const socket = await openTcp(target);
    socket.write(upgrade('/'));
    socket.write(header(0x01, 900_000));
    socket.write(Buffer.alloc(900_000, 'x'));
    counted(target, 'sent');
    await untilGone(target, socket);
  });
}

/** Requests pages and reads no answer. */
export async function unread(target) {
  await again(target, 600, async () => {
    const socket = await openTcp(target);
    socket.pause();
    socket.write('GET /easyrtc/easyrtc.js HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(20));
    counted(target, 'sent');
    await untilGone(target, socket);
  });
}

/** Sends hundreds of socket.io handshakes in one write. */
export async function pipelined(target) {
  const handshake = 'GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n\r\n';
  await again(target, 5, async () => {
    const socket = await openTcp(target);
    socket.resume();
    for (let i = 0; i < 20 && !socket.destroyed; i++) {
      socket.write(handshake.repeat(200));
      counted(target, 'sent', 200);
      await sleep(50);
    }
    socket.destroy();
  });
}

/** Sends request heads that never end. */
export async function slowHeads(target) {
  await again(target, 300, async () => {
    const socket = await openTcp(target);
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n');
    while (!socket.destroyed && !isOver(target)) {
      socket.write('X: y\r\n');
      counted(target, 'sent');
      await sleep(500);
    }
    socket.destroy();
  });
}
