import type { JsonFrame } from '../../common/json-frame.js';
import { RawJson } from '../../common/raw-json.js';

/** A message of a client. */
export interface SocketIoMessage {
  /** The event's name. */
  readonly name: string;
  /** The event's first argument, which may be anything. */
  readonly body: unknown;
  /** The text of `body`, if that is an object and the event has no binary parts. */
  readonly frame?: JsonFrame;
  /** Size of the message, with everything else that arrived since the message before it. */
  readonly bytes: number;
  /** Whether the client has asked for an acknowledgement. */
  readonly asksForAnswer: boolean;
  /** Answers with `RawJson` or an object, if the client has asked for it. Only the first call has an effect. */
  readonly answer: (answer: object) => void;
}

/** The text of one argument: a payload that is written as it is, and the text around it. */
export interface SocketIoArgument {
  readonly head: string;
  readonly payload?: RawJson;
  readonly tail?: string;
  /** Binary parts. The text holds socket.io's placeholders for them. */
  readonly attachments?: readonly Buffer[];
}

/** An event with its argument. */
export interface Emission extends SocketIoArgument {
  /** The event's name. It must need no escaping in JSON. */
  readonly name: string;
}

/**
 * Returns an event with one argument. Its name may be any text.
 * @param value `RawJson`, which is written unchanged, or a value that has a JSON form
 */
export function emission(name: string, value: unknown): Emission {
  const escaped = JSON.stringify(name).slice(1, -1);
  if (value instanceof RawJson) return { name: escaped, head: '', payload: value };
  return { name: escaped, head: value === undefined ? 'null' : JSON.stringify(value) };
}
