import { answersTo } from '../../asyncapi/example-errors.js';
import {
  ANYTHING,
  EXAMPLE_CANDIDATE,
  EXAMPLE_SDP,
  ICE_SERVERS,
  type MessageDescription,
  objectSchema,
  type ProtocolDescription,
  type RequestDescription,
} from '../../asyncapi/protocol-description.js';
import type { JsonSchema } from '../../common/json-schema.js';
import { CONNECTOR_ERRORS } from './connector.errors.js';
import { ConnectorGateway } from './connector.gateway.js';
import { ConnectorEvent } from './connector.messages.js';

const ID = { type: 'string', description: 'Id of a client' };
const ROOM = { type: 'string', description: 'Id of a room' };
const [ALICE, BOB] = ['mqCCxD96EcRYmv5sop4YQL', 'Xk2RJ4QpUZ7mRpWnD9vLcB'];
const STAMP = { timestamp: '2026-08-15T20:16:08.343Z', message_id: 'eed9d84c-2c88-4428-80eb-84aa35222aa6' };
const DATA = { description: 'Any value. It arrives as the sender wrote it.' };
const IS_ROOM = objectSchema({ clients: { type: 'array', items: ID }, name: { type: 'string' }, room: ROOM });
const LOBBY = { clients: [ALICE, BOB], name: 'lobby', room: 'lobby' };
const BOTH = { sdp: EXAMPLE_SDP, candidate: EXAMPLE_CANDIDATE };

function request(
  event: ConnectorEvent,
  summary: string,
  example: object,
  more: Partial<RequestDescription> = {},
): RequestDescription {
  const members = { event: { const: event, description: 'In any case' }, ...more.members };
  return { summary, examples: [{ event, ...example }], replies: ['Error', ...(more.replies ?? [])], members };
}

/** A request that is forwarded to its target. */
const relay = (event: ConnectorEvent, summary: string, data: object): RequestDescription =>
  request(event, summary, { to: BOB, data }, { members: { data: DATA } });

const ofRoom = (event: ConnectorEvent, summary: string, replies: readonly string[] = []): RequestDescription =>
  request(event, summary, { data: { room: 'lobby' } }, { replies });

const REQUESTS: Readonly<Record<ConnectorEvent, RequestDescription>> = {
  [ConnectorEvent.Connect]: request(
    ConnectorEvent.Connect,
    'Offers a connection to `to`, with a candidate. The target gets `Connect_Offer`.',
    { to: BOB, data: BOTH },
  ),
  [ConnectorEvent.Offer]: relay(ConnectorEvent.Offer, 'Offers a connection to `to`.', EXAMPLE_SDP),
  [ConnectorEvent.Answer]: relay(ConnectorEvent.Answer, 'Answers an offer of `to`.', {
    ...EXAMPLE_SDP,
    type: 'answer',
  }),
  [ConnectorEvent.Candidate]: relay(ConnectorEvent.Candidate, 'Sends `to` a candidate.', EXAMPLE_CANDIDATE),
  [ConnectorEvent.Message]: relay(
    ConnectorEvent.Message,
    'Sends a message to a client (`to`), or to the other members of a room of the sender (`room`, without `to`).',
    { text: 'Hello' },
  ),
  [ConnectorEvent.CreateRoom]: request(
    ConnectorEvent.CreateRoom,
    'Creates a room, whose first member is the client. Without `room`, the server makes an id up.',
    { data: { room: 'lobby', name: 'Lobby' } },
    { replies: ['Room_Created'] },
  ),
  [ConnectorEvent.JoinRoom]: ofRoom(ConnectorEvent.JoinRoom, 'Joins a room. All members hear of it.', ['Client_Added']),
  [ConnectorEvent.LeaveRoom]: ofRoom(ConnectorEvent.LeaveRoom, 'Leaves a room. The others hear of it.', ['Room_Left']),
  [ConnectorEvent.EndRoom]: ofRoom(ConnectorEvent.EndRoom, 'Ends a room that the client has created.', [
    'Room_Deleted',
  ]),
  [ConnectorEvent.Authenticate]: request(
    ConnectorEvent.Authenticate,
    'Replaces the token before it expires, in a realm that checks tokens.',
    { data: { token: 'eyJhbGciOiJFUzI1NiJ9.…' } },
    { replies: ['Authenticated'], members: { data: objectSchema({ token: { type: 'string' } }) } },
  ),
  [ConnectorEvent.IceConfig]: request(
    ConnectorEvent.IceConfig,
    'Asks for STUN and TURN servers.',
    {},
    { replies: ['Ice_Config'] },
  ),
};

/** An envelope of the server. */
function envelope(
  type: 'info' | 'update' | 'error',
  event: string | readonly string[],
  summary: string,
  data: JsonSchema,
  examples: readonly object[],
): MessageDescription {
  const [first, ...others] = [event].flat().flatMap((name) => examples.map((example) => ({ name, example })));
  const made = ({ name, example }: { name: string; example: object }): object => ({
    type,
    event: name,
    data: example,
    ...STAMP,
  });
  const payload = objectSchema(
    {
      type: { const: type },
      event: typeof event === 'string' ? { const: event } : { enum: event },
      data,
      timestamp: { type: 'string', format: 'date-time' },
      message_id: { type: 'string', format: 'uuid', description: 'New for every message' },
    },
    { additionalProperties: false },
  );
  return { summary, payload, examples: [made(first!), ...others.map(made)] };
}

/** A message of another client, which is no envelope. */
function relayed(event: string, summary: string, data?: object): MessageDescription {
  const name = {
    type: 'string',
    pattern: `^${[...event].map((c) => `[${c.toUpperCase()}${c.toLowerCase()}]`).join('')}$`,
  };
  const payload = objectSchema({ event: name, from: ID, room: ROOM, data: DATA }, { optional: ['room', 'data'] });
  return { summary, payload, examples: [{ event, from: ALICE, data }] };
}

const errors = answersTo(CONNECTOR_ERRORS);
const errorData = objectSchema(
  { message: { type: 'string' }, events: { type: 'array', items: { type: 'string' } } },
  { optional: ['message', 'events'], additionalProperties: false },
);

const ERROR: MessageDescription = {
  ...envelope(
    'error',
    [...new Set([...errors.map(({ event }) => event), 'Disconnected'])],
    'Why a request has failed, or why the server closes the connection. `Disconnected` has the words of an administrator; `Unsupported_Event` lists the requests in `events`.',
    errorData,
    [{}],
  ),
  examples: errors.map(({ event, data }) => ({ type: 'error', event, data, ...STAMP })) as [object, ...object[]],
};

const SENDS: Readonly<Record<string, MessageDescription>> = {
  Client_Details: envelope(
    'info',
    'Client_Details',
    'The first message: the id of the client.',
    objectSchema({ id: ID }),
    [{ id: ALICE }],
  ),
  Connect_Offer: envelope(
    'info',
    'Offer',
    'The `Connect` of another client.',
    objectSchema({ event: { const: 'Offer' }, from: ID, data: objectSchema({ sdp: ANYTHING, candidate: ANYTHING }) }),
    [{ event: 'Offer', from: ALICE, data: BOTH }],
  ),
  Offer: relayed('Offer', 'An offer of another client.', EXAMPLE_SDP),
  Answer: relayed('Answer', 'The answer of another client.', { ...EXAMPLE_SDP, type: 'answer' }),
  Candidate: relayed('Candidate', 'A candidate of another client.', EXAMPLE_CANDIDATE),
  Message: relayed('Message', 'A message of another client, through a room if it has `room`.', { text: 'Hello' }),
  Leave: relayed('Leave', 'A client of PeerJS has closed its connections to the client.'),
  Hangup: relayed('Hangup', 'A client of EasyRTC has hung up.'),
  Reject: relayed('Reject', 'A client of EasyRTC has rejected the call.'),
  Expire: relayed('Expire', 'A message to a client of PeerJS has expired.'),
  Room_Created: envelope(
    'info',
    'Room_Created',
    'The answer to `Create_Room`.',
    objectSchema({ ...(IS_ROOM.properties as Record<string, JsonSchema>), roomId: ROOM }),
    [{ ...LOBBY, clients: [ALICE], roomId: 'lobby' }],
  ),
  Room_Left: envelope('info', 'Room_Left', 'The answer to `Leave_Room`.', objectSchema({ room: ROOM }), [
    { room: 'lobby' },
  ]),
  Client_Added: envelope('update', 'Client_Added', 'A client has joined a room.', IS_ROOM, [LOBBY]),
  Client_Removed: envelope('update', 'Client_Removed', 'A client has left a room.', IS_ROOM, [LOBBY]),
  Room_Deleted: envelope('update', 'Room_Deleted', 'A room has ended.', IS_ROOM, [LOBBY]),
  Authenticated: envelope(
    'info',
    'Authenticated',
    'The answer to `Authenticate`. A token without an end has null.',
    objectSchema({ expiresAt: { type: ['string', 'null'], format: 'date-time' } }),
    [{ expiresAt: '2026-08-15T21:16:08.343Z' }],
  ),
  Ice_Config: envelope(
    'info',
    'Ice_Config',
    'STUN and TURN servers. The credentials are valid for `ttl` seconds.',
    objectSchema({ iceServers: ICE_SERVERS, ttl: { type: 'number' } }),
    [{ iceServers: [{ urls: 'stun:stun.example.org' }], ttl: 3600 }],
  ),
  Error: ERROR,
};

const bearer = "A client's token, in a realm that checks tokens";

/** Peer2Peer Connector in the AsyncAPI document. */
export const CONNECTOR_DESCRIPTION: ProtocolDescription = {
  title: 'Peer2Peer Connector',
  description: 'Plain WebSockets with one JSON object in each text frame.',
  gateway: ConnectorGateway,
  path: '/',
  query: objectSchema({ access_token: { type: 'string', description: bearer } }, { optional: ['access_token'] }),
  security: {
    connectorHeader: { type: 'http', scheme: 'bearer', description: bearer },
    connectorSubprotocol: {
      type: 'httpApiKey',
      in: 'header',
      name: 'Sec-WebSocket-Protocol',
      description: '`bearer.TOKEN`, offered beside `signalbox`. The server selects `signalbox`.',
    },
    connectorQuery: { type: 'httpApiKey', in: 'query', name: 'access_token', description: bearer },
  },
  requests: REQUESTS,
  sends: SENDS,
};
