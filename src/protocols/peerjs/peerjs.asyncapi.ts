import { answersTo } from '../../asyncapi/example-errors.js';
import {
  ANYTHING,
  EXAMPLE_CANDIDATE,
  EXAMPLE_SDP,
  type MessageDescription,
  objectSchema,
  type ProtocolDescription,
  type RequestDescription,
} from '../../asyncapi/protocol-description.js';
import type { JsonSchema } from '../../common/json-schema.js';
import { carriedText } from '../../transport/websocket/text-frame.js';
import { PEERJS_ERRORS } from './peerjs.errors.js';
import { PeerJsGateway } from './peerjs.gateway.js';
import { ID_TAKEN, OPEN, PeerJsType } from './peerjs.messages.js';

const TEXT = { type: 'string' };
const ID = { type: 'string', minLength: 1, description: 'Id of a client' };
const OFFER = { type: 'media', connectionId: 'mc_1', sdp: EXAMPLE_SDP };
const CANDIDATE = { type: 'media', connectionId: 'mc_1', candidate: EXAMPLE_CANDIDATE };

const PAYLOAD = { description: 'Arrives as the sender wrote it. The client library puts an object here.' };

type Relayed = Exclude<PeerJsType, PeerJsType.Open | PeerJsType.Heartbeat | PeerJsType.IdTaken | PeerJsType.Error>;

function request(type: PeerJsType, summary: string, payload: object | undefined, dst?: string): RequestDescription {
  const members = { type: { const: type }, payload: PAYLOAD };
  return { summary, members, examples: [{ type, dst, payload }], replies: [] };
}

function relayed(type: Relayed, summary: string, payload?: object): MessageDescription {
  const members = { type: { const: type }, src: ID, dst: ID, payload: { ...ANYTHING, ...PAYLOAD } };
  const schema = objectSchema(members, { optional: ['payload'], additionalProperties: false });
  return { summary, payload: schema, examples: [{ type, src: 'alice', dst: 'bob', payload }] };
}

function fromServer(type: PeerJsType, summary: string, examples: MessageDescription['examples']): MessageDescription {
  const hasPayload = type !== PeerJsType.Open;
  const payload: Readonly<Record<string, JsonSchema>> = hasPayload
    ? { payload: objectSchema({ msg: TEXT }, { additionalProperties: false }) }
    : {};
  return {
    summary,
    payload: objectSchema({ type: { const: type }, ...payload }, { additionalProperties: false }),
    examples,
  };
}

const REQUESTS: Readonly<Record<Relayed | PeerJsType.Heartbeat, RequestDescription>> = {
  [PeerJsType.Offer]: request(
    PeerJsType.Offer,
    'Offers a connection to `dst`. Waits if `dst` is absent.',
    OFFER,
    'bob',
  ),
  [PeerJsType.Answer]: request(PeerJsType.Answer, 'Answers an offer of `dst`.', { ...OFFER }, 'bob'),
  [PeerJsType.Candidate]: request(PeerJsType.Candidate, 'Sends `dst` a candidate.', CANDIDATE, 'bob'),
  [PeerJsType.Expire]: request(PeerJsType.Expire, 'Tells `dst` that a message has expired.', undefined, 'bob'),
  [PeerJsType.Leave]: request(
    PeerJsType.Leave,
    'Closes the connections to `dst`; without `dst`, disconnects from the server.',
    undefined,
    'bob',
  ),
  [PeerJsType.Heartbeat]: request(PeerJsType.Heartbeat, 'Shows that the client is alive, like every frame.', undefined),
};

const ERRORS = answersTo(PEERJS_ERRORS)
  .map((frame) => JSON.parse(carriedText(frame)) as { readonly type: PeerJsType })
  .filter(({ type }) => type === PeerJsType.Error);

const SENDS: Readonly<Record<Exclude<PeerJsType, PeerJsType.Heartbeat>, MessageDescription>> = {
  [PeerJsType.Open]: fromServer(PeerJsType.Open, 'The client is connected.', [JSON.parse(carriedText(OPEN)) as object]),
  [PeerJsType.IdTaken]: fromServer(PeerJsType.IdTaken, 'Another client has the id. The server closes the connection.', [
    JSON.parse(carriedText(ID_TAKEN)) as object,
  ]),
  [PeerJsType.Error]: fromServer(
    PeerJsType.Error,
    'Why the server closes the connection: no or bad credentials, a limit, a token that has expired, or the words of an administrator. Other errors have no answer.',
    ERRORS as unknown as MessageDescription['examples'],
  ),
  [PeerJsType.Offer]: relayed(PeerJsType.Offer, 'An offer of `src`.', OFFER),
  [PeerJsType.Answer]: relayed(PeerJsType.Answer, 'The answer of `src`.', { ...OFFER }),
  [PeerJsType.Candidate]: relayed(PeerJsType.Candidate, 'A candidate of `src`.', CANDIDATE),
  [PeerJsType.Leave]: relayed(PeerJsType.Leave, '`src` has closed its connections to the client.'),
  [PeerJsType.Expire]: relayed(PeerJsType.Expire, 'A message to `src` has expired, or was not permitted.'),
};

/** PeerJS in the AsyncAPI document. */
export const PEERJS_DESCRIPTION: ProtocolDescription = {
  title: 'PeerJS',
  description:
    'Plain WebSockets with one JSON object in each text frame, for unmodified clients of npm `peerjs`. The HTTP endpoints are in the OpenAPI document.',
  gateway: PeerJsGateway,
  path: '/peerjs',
  query: objectSchema({
    key: { type: 'string', minLength: 1, description: 'A key of the server, which selects the realm' },
    id: ID,
    token: {
      type: 'string',
      description: 'Proves at a reconnect that the id is its own; in a realm that checks tokens, the token',
    },
  }),
  security: {
    peerjsToken: {
      type: 'httpApiKey',
      in: 'query',
      name: 'token',
      description: "The client's option `token`, in a realm that checks tokens",
    },
  },
  requests: REQUESTS,
  sends: SENDS,
};
