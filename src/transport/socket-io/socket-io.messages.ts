import type { JsonFrame } from '../../common/json-frame.js';
import type { RawJson } from '../../common/raw-json.js';

/** A message that asks for an answer. */
export interface SocketIoMessage {
  /** The event's name. */
  readonly name: string;
  /** The event's first argument, which may be anything. */
  readonly body: unknown;
  /** The text of `body`, if that is an object and the event has no binary parts. */
  readonly frame?: JsonFrame;
  /** Size of the message, with everything else that arrived since the message before it. */
  readonly bytes: number;
  /** Answers with `RawJson` or an object. Only the first call has an effect. */
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
