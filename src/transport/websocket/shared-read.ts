import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** What the option `onread` of Node's sockets sets, which those of a server cannot be given. */
interface SharingSocket {
  readonly _handle?: { useUserBuffer?(buffer: Buffer): void } | null;
  [symbol: symbol]: unknown;
}

const BUFFER = symbolOf('kBuffer');
const CALLBACK = symbolOf('kBufferCb');

/** Called with what was read, which is gone when it returns. */
export type OnRead = (this: Duplex, length: number, buffer: Buffer) => void;

/**
 * Makes a socket read into a buffer that it shares with others, past its stream: no 64 KB are allocated for each read. Only
 * what was put back by `unshift` still comes as an event `data`. `pause`, `resume` and the end work as ever. A socket that
 * cannot do so reads as ever.
 */
export function readInto(buffer: Buffer, socket: Duplex, onRead: OnRead): void {
  const sharing = socket as unknown as SharingSocket;
  if (!BUFFER || !CALLBACK || sharing[BUFFER] !== null || !sharing._handle?.useUserBuffer) return;
  sharing[BUFFER] = buffer;
  sharing[CALLBACK] = onRead;
  sharing._handle.useUserBuffer(buffer);
}

function symbolOf(name: string): symbol | undefined {
  return Object.getOwnPropertySymbols(new Socket()).find(({ description }) => description === name);
}
