import {
  ANYTHING,
  EXAMPLE_CANDIDATE,
  EXAMPLE_SDP,
  ICE_SERVERS,
  mapOf,
  type MessageDescription,
  objectSchema,
} from '../../asyncapi/protocol-description.js';
import type { JsonSchema } from '../../common/json-schema.js';
import { DISCONNECTED, EASYRTC_ERROR_TEXTS } from './easyrtc.errors.js';
import { EasyRtcMessage } from './easyrtc.messages.js';

const TEXT = { type: 'string' };
const ID = { type: 'string', description: 'easyrtcid of a client' };
const TIME = { type: 'integer', description: 'Milliseconds since 1970' };
const [ALICE, BOB, NOW] = ['Rk3jx8bq', 'a91kXv0m', 1_786_824_968_343];
const FIELDS = mapOf(objectSchema({ fieldName: TEXT, fieldValue: ANYTHING }));

const ENTRY = objectSchema(
  {
    easyrtcid: ID,
    roomJoinTime: TIME,
    presence: objectSchema({ show: TEXT, status: { type: ['string', 'null'] } }),
    apiField: FIELDS,
    username: TEXT,
  },
  { optional: ['apiField', 'username'] },
);

const DELTA = objectSchema(
  { updateClient: mapOf(ENTRY), removeClient: mapOf(objectSchema({ easyrtcid: ID })) },
  { optional: ['updateClient', 'removeClient'] },
);

/** Rooms by name. */
const ROOM_DATA = mapOf(
  objectSchema(
    {
      roomName: TEXT,
      roomStatus: { enum: ['join', 'update', 'leave'] },
      clientList: mapOf(ENTRY),
      clientListDelta: DELTA,
      field: FIELDS,
    },
    { optional: ['clientList', 'clientListDelta', 'field'] },
  ),
);

const MEMBER = { easyrtcid: ALICE, roomJoinTime: NOW, presence: { show: 'chat', status: null } };
const JOINED = { lobby: { roomName: 'lobby', roomStatus: 'join', clientList: { [ALICE]: MEMBER } } };
const UPDATE = {
  lobby: { roomName: 'lobby', roomStatus: 'update', clientListDelta: { updateClient: { [ALICE]: MEMBER } } },
};
const ICE_CONFIG = { iceServers: [{ urls: 'stun:stun.example.org' }] };

/** @param data schema of `msgData`; undefined for a message without */
function answer(
  msgType: string,
  summary: string,
  data?: JsonSchema,
  example?: object,
  more: Readonly<Record<string, JsonSchema>> = {},
  moreExample: object = {},
): MessageDescription {
  const payload = objectSchema({ msgType: { const: msgType }, ...(data ? { msgData: data } : {}), ...more });
  return { summary, payload, examples: [{ msgType, msgData: example, ...moreExample }] };
}

function push(msgType: string, summary: string, data?: JsonSchema, example?: object): MessageDescription {
  const more = { easyrtcid: ID, serverTime: TIME };
  return {
    ...answer(msgType, summary, data, example, more, { easyrtcid: BOB, serverTime: NOW }),
    event: EasyRtcMessage.Command,
  };
}

function relayed(msgType: string, summary: string, example?: object): MessageDescription {
  const { payload, examples, ...rest } = push(msgType, summary, example && { type: 'object' }, example);
  const { properties } = payload as { readonly properties: Readonly<Record<string, JsonSchema>> };
  const [first] = examples;
  const schema = objectSchema({ senderEasyrtcid: ID, ...properties });
  return { ...rest, payload: schema, examples: [{ senderEasyrtcid: ALICE, ...first }] };
}

const errorData = (codes: readonly string[]): JsonSchema =>
  objectSchema({ errorCode: { enum: codes }, errorText: TEXT });
const TEXTS = Object.entries(EASYRTC_ERROR_TEXTS);

const ERROR_SCHEMA = errorData([...Object.keys(EASYRTC_ERROR_TEXTS), DISCONNECTED]);

const withErrors = (description: MessageDescription, more: object): MessageDescription => ({
  ...description,
  examples: TEXTS.map(([errorCode, errorText]) => ({
    msgType: 'error',
    msgData: { errorCode, errorText },
    serverTime: NOW,
    ...more,
  })) as [object, ...object[]],
});

/** The acknowledgements of the server. */
export const EASYRTC_ANSWERS: Readonly<Record<string, MessageDescription>> = {
  ack: answer('ack', 'The message has arrived.'),
  token: answer(
    'token',
    'The client is logged in, and in the rooms of `roomData`.',
    objectSchema(
      {
        roomData: ROOM_DATA,
        application: objectSchema({ applicationName: TEXT, field: FIELDS }, { optional: ['field'] }),
        easyrtcid: ID,
        iceConfig: objectSchema({ iceServers: ICE_SERVERS }),
        serverTime: TIME,
        field: FIELDS,
        sessionData: objectSchema({ easyrtcsid: TEXT, field: FIELDS }, { optional: ['field'] }),
      },
      { optional: ['field', 'sessionData'] },
    ),
    {
      roomData: JOINED,
      application: { applicationName: 'default' },
      easyrtcid: ALICE,
      iceConfig: ICE_CONFIG,
      serverTime: NOW,
    },
  ),
  iceConfig: answer(
    'iceConfig',
    'STUN and TURN servers.',
    objectSchema({ iceConfig: objectSchema({ iceServers: ICE_SERVERS }) }),
    {
      iceConfig: ICE_CONFIG,
    },
  ),
  roomList: answer(
    'roomList',
    'The rooms that the client may see.',
    objectSchema({ roomList: mapOf(objectSchema({ roomName: TEXT, numberClients: { type: 'integer' } })) }),
    { roomList: { lobby: { roomName: 'lobby', numberClients: 2 } } },
  ),
  roomData: answer('roomData', 'What has changed in rooms of the client.', objectSchema({ roomData: ROOM_DATA }), {
    roomData: JOINED,
  }),
  error: withErrors(
    answer(
      'error',
      'Why a message is rejected. A client whose login fails is also disconnected.',
      ERROR_SCHEMA,
      undefined,
      {
        serverTime: TIME,
      },
    ),
    {},
  ),
};

/** The messages that the server emits by itself. */
export const EASYRTC_PUSHES: Readonly<Record<string, MessageDescription>> = {
  offer: relayed('offer', 'An offer of another client.', EXAMPLE_SDP),
  answer: relayed('answer', 'The answer of another client.', { ...EXAMPLE_SDP, type: 'answer' }),
  candidate: relayed('candidate', 'A candidate of another client.', EXAMPLE_CANDIDATE),
  reject: relayed('reject', 'Another client has rejected the call.'),
  hangup: relayed('hangup', 'Another client has hung up.'),
  message: {
    summary: 'A message of another client or of the server, of any type.',
    event: EasyRtcMessage.Message,
    payload: objectSchema(
      {
        senderEasyrtcid: ID,
        msgType: TEXT,
        msgData: { description: 'Any value' },
        targetEasyrtcid: ID,
        targetRoom: TEXT,
        targetGroup: TEXT,
        easyrtcid: ID,
        serverTime: TIME,
      },
      { optional: ['senderEasyrtcid', 'msgData', 'targetEasyrtcid', 'targetRoom', 'targetGroup'] },
    ),
    examples: [
      {
        senderEasyrtcid: ALICE,
        targetEasyrtcid: BOB,
        msgType: 'chat',
        msgData: 'Hello',
        easyrtcid: BOB,
        serverTime: NOW,
      },
    ],
  },
  roomDataPush: push('roomData', 'What has changed in a room of the client.', objectSchema({ roomData: ROOM_DATA }), {
    roomData: UPDATE,
  }),
  sessionData: push(
    'sessionData',
    "The fields of the client's session have changed.",
    objectSchema({
      sessionData: objectSchema({ easyrtcsid: TEXT, sessionStatus: { const: 'update' }, field: FIELDS }),
    }),
    { sessionData: { easyrtcsid: 'a1b2', sessionStatus: 'update', field: {} } },
  ),
  forwardToUrl: push(
    'forwardToUrl',
    'The client is to open another page.',
    objectSchema(
      { forwardToUrl: objectSchema({ url: TEXT }), newWindow: { type: 'boolean' } },
      { optional: ['newWindow'] },
    ),
    { forwardToUrl: { url: 'https://example.org/' } },
  ),
  errorPush: withErrors(
    push(
      'error',
      `An error that answers no message: a login that comes too late, the end of a token or of the server; \`${DISCONNECTED}\` has the words of an administrator.`,
      ERROR_SCHEMA,
    ),
    { easyrtcid: BOB },
  ),
};
