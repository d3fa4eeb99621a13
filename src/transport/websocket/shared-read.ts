import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** The fields that Node's option `onread` sets. A server cannot pass that option to its sockets. */
interface SharingSocket {
  readonly _handle?: { useUserBuffer?(buffer: Buffer): void } | null;
  [symbol: symbol]: unknown;
}

const BUFFER = symbolOf('kBuffer');
const CALLBACK = symbolOf('kBufferCb');

/** Called with the bytes read, which are overwritten after it returns. */
export type OnRead = (this: Duplex, length: number, buffer: Buffer) => void;

/**
 * Makes a socket read into a buffer that it shares with other sockets, past its stream. This saves the 64 KB that Node
 * allocates for each read. Only bytes returned with `unshift` still arrive as `data` events. `pause`, `resume` and the
 * end work as usual. A socket that does not support it (TLS, another version of Node) reads as usual.
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
