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
  /** Something that exists in the protocol of its `native` words only. */
  | 'notice';

/** What one client sends to another client or to a room, in words that all protocols share. */
export interface Signal {
  readonly kind: SignalKind;
  /** Id of the sender: always its own, never what it claims. Empty if the server itself is the sender. */
  readonly from: string;
  /** Set if it was sent to a room. */
  readonly room?: string;
  /** Carried unchanged; absent if the sender sent none. */
  readonly payload?: RawJson;
  /** Binary parts of the payload, where a protocol has such; its text holds their places. */
  readonly attachments?: readonly Buffer[];
  /** What an application calls its message, for protocols whose messages have a type; others ignore it. */
  readonly type?: string;
  /** The rest of the sender's frame in the words of `protocol`, for targets that speak the same one; others ignore it. */
  readonly native?: { readonly protocol: string; readonly text: string };
}

/** A signal to all members of a room but its sender. */
export type RoomSignal = Signal & { readonly room: string };

/** Bytes of what a signal carries. */
export function carriedBytes({ payload, attachments }: Signal): number {
  const bytes = payload?.bytes.length ?? 0;
  return attachments ? attachments.reduce((sum, { length }) => sum + length, bytes) : bytes;
}

/** Whether the server itself says this: no client has sent it, or it is the news that one has waited in vain. */
export function isOfServer({ from, kind, payload }: Signal): boolean {
  return from === '' || (kind === 'expire' && !payload);
}

/** The same signal on bytes of its own: for whoever keeps it beyond the current call. */
export function detached(signal: Signal): Signal {
  const { payload, attachments } = signal;
  return { ...signal, payload: payload?.detach(), attachments: attachments?.map((bytes) => Buffer.from(bytes)) };
}
