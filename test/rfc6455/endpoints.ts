import { authentication, rooms } from '../support/easyrtc-client.js';
import { frame, TEXT } from './frames.js';
import type { RawSocket } from './raw-socket.js';

/** Longer than any answer takes on a busy machine. */
const PATIENCE_MS = 15_000;

/** Builds a message that the server echoes. The text must need no escapes in JSON. */
export type Say = (text: string | Buffer) => Buffer;

/** A protocol and path of the server. */
export interface Endpoint {
  readonly name: string;
  /** Returns the request target of a client with a free name. */
  target(name: string): string;
  /** Returns a message that the server answers without earlier messages, and the start of the answer. */
  first(name: string): readonly [message: string, answer: string];
  /** A message that must precede it. */
  readonly beforeFirst?: string;
  /** Prepares the connection for echoed messages. Resolves with a function that builds them. */
  enter(socket: RawSocket, name: string): Promise<Say>;
  /** Returns the echoed text in a message of the server, or undefined for other messages. */
  echoIn(text: string): string | undefined;
}

function between(head: string, tail: string): Say {
  return (text) => Buffer.concat([Buffer.from(head), Buffer.from(text), Buffer.from(tail)]);
}

/** Waits for a text of the server that starts with `beginning`. */
async function textOf(socket: RawSocket, beginning: string): Promise<string> {
  const find = (): string | undefined =>
    socket.events.find(({ kind, value }) => kind === 'text' && value.startsWith(beginning))?.value;
  await socket.until(() => find() !== undefined, PATIENCE_MS);
  const found = find();
  if (found === undefined) throw new Error(`no ${beginning}, but ${JSON.stringify(socket.events)}, ${socket.head}`);
  return found;
}

const CONNECTOR: Endpoint = {
  name: 'Peer2Peer Connector',
  target: () => '/',
  first: () => ['{"event":"none"}', '{"type":"error","event":"Unsupported_Event"'],
  async enter(socket) {
    const details = JSON.parse(await textOf(socket, '{')) as { data: { id: string } };
    return between(`{"event":"Message","to":"${details.data.id}","data":"`, '"}');
  },
  echoIn(text) {
    const { event, data } = JSON.parse(text) as { event: string; data: string };
    return event === 'Message' ? data : undefined;
  },
};

const PEERJS: Endpoint = {
  name: 'PeerJS',
  target: (name) => `/peerjs?key=peerjs&id=${name}&token=t`,
  first: (name) => [`{"type":"CANDIDATE","dst":"${name}","payload":1}`, '{"type":"CANDIDATE"'],
  async enter(socket, name) {
    await textOf(socket, '{"type":"OPEN"');
    return between(`{"type":"CANDIDATE","dst":"${name}","payload":"`, '"}');
  },
  echoIn(text) {
    const { type, payload } = JSON.parse(text) as { type: string; payload: string };
    return type === 'CANDIDATE' ? payload : undefined;
  },
};

/** Joins the only namespace. */
const JOIN = '40';

/** Logs in to a room of its own, so that no news of other clients arrive. */
function login(name: string): string {
  return `427["easyrtcAuth",${JSON.stringify(authentication({ roomJoin: rooms(name) }))}]`;
}

interface Command {
  readonly msgType: string;
  readonly msgData: { readonly candidate: string };
}

function socketIo(version: 3 | 4): Endpoint {
  return {
    name: `EasyRTC, EIO=${version}`,
    target: () => `/socket.io/?EIO=${version}&transport=websocket`,
    // A client that is logged in may log in again.
    first: (name) => [login(name), '437['],
    // Clients of protocol 3 are in the namespace without a request.
    beforeFirst: version === 4 ? JOIN : undefined,
    async enter(socket, name) {
      await textOf(socket, '0{');
      if (version === 4) await socket.send([frame(TEXT, JOIN)]);
      await textOf(socket, '40');
      await socket.send([frame(TEXT, login(name))]);
      const [token] = JSON.parse((await textOf(socket, '437[')).slice(3)) as [{ msgData: { easyrtcid: string } }];
      const { easyrtcid } = token.msgData;
      return between(
        `427["easyrtcCmd",{"msgType":"candidate","targetEasyrtcid":"${easyrtcid}","msgData":{"candidate":"`,
        '"}}]',
      );
    },
    echoIn(text) {
      if (!text.startsWith('42')) return undefined;
      const [, { msgType, msgData }] = JSON.parse(text.slice(text.indexOf('['))) as [string, Command];
      return msgType === 'candidate' ? msgData.candidate : undefined;
    },
  };
}

export const ENDPOINTS: readonly Endpoint[] = [CONNECTOR, PEERJS, socketIo(3), socketIo(4)];
