import type { RawJson } from './raw-json.js';

export type SignalKind =
  | 'offer'
  | 'answer'
  | 'candidate'
  | 'message'
  | 'leave'
  | 'hangup'
  | 'reject'
  | 'expire'
  /** A message that exists in one protocol only; `native` carries it. */
  | 'notice';

/** A message from a client to another client or to a room, in terms that all protocols share. */
export interface Signal {
  readonly kind: SignalKind;
  /** Id of the sender, set by the server and never taken from the frame. Empty if the server itself is the sender. */
  readonly from: string;
  /** Id of the room to which it was sent. */
  readonly room?: string;
  /** Forwarded unchanged; absent if the sender sent none. */
  readonly payload?: RawJson;
  /** Binary parts of the payload, in protocols that have them. The payload's text has placeholders for them. */
  readonly attachments?: readonly Buffer[];
  /** The application's name for the message, in protocols whose messages have a type. Others ignore it. */
  readonly type?: string;
  /** The rest of the sender's frame, for targets that speak the same protocol. Others ignore it. */
  readonly native?: { readonly protocol: string; readonly text: string };
}

/** A signal to all members of a room except its sender. */
export type RoomSignal = Signal & { readonly room: string };

/** Returns the number of bytes of a signal's payload and attachments. */
export function carriedBytes({ payload, attachments }: Signal): number {
  const bytes = payload?.bytes.length ?? 0;
  return attachments ? attachments.reduce((sum, { length }) => sum + length, bytes) : bytes;
}

/** Whether a signal is the server's own: it has no sender, or it is an expiry notice. */
export function isOfServer({ from, kind, payload }: Signal): boolean {
  return from === '' || (kind === 'expire' && !payload);
}

/** Returns a copy with buffers of its own, for a signal that is kept beyond the current call. */
export function detached(signal: Signal): Signal {
  const { payload, attachments } = signal;
  return { ...signal, payload: payload?.detach(), attachments: attachments?.map((bytes) => Buffer.from(bytes)) };
}
