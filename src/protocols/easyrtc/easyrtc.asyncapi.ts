import {
  EXAMPLE_CANDIDATE,
  EXAMPLE_SDP,
  type ProtocolDescription,
  type RequestDescription,
} from '../../asyncapi/protocol-description.js';
import { objectSchema } from '../../asyncapi/protocol-description.js';
import { EASYRTC_ANSWERS, EASYRTC_PUSHES } from './easyrtc.asyncapi-sends.js';
import { EasyRtcGateway } from './easyrtc.gateway.js';
import { EasyRtcEvent, EasyRtcMessage } from './easyrtc.messages.js';

const TARGET = { targetEasyrtcid: 'Rk3jx8bq' };
const ROOMS = { lobby: { roomName: 'lobby' } };

/** @param replies the answers beside `error`, which every request may get */
function request(
  event: EasyRtcMessage,
  example: Readonly<Record<string, unknown>> & { readonly msgType: string },
  summary: string,
  replies: readonly string[],
): RequestDescription {
  const members: RequestDescription['members'] =
    event === EasyRtcMessage.Command ? { msgType: { const: example.msgType } } : {};
  return { event, summary, members, examples: [example], replies: [...replies, 'error'] };
}

const command = (msgType: string, summary: string, example: object = {}, reply = 'ack'): RequestDescription =>
  request(EasyRtcMessage.Command, { msgType, ...example }, summary, [reply]);

const REQUESTS: Readonly<Record<EasyRtcEvent, RequestDescription>> = {
  [EasyRtcEvent.Authenticate]: request(
    EasyRtcMessage.Authenticate,
    {
      msgType: 'authenticate',
      msgData: { apiVersion: '1.1.1-beta', applicationName: 'default', username: 'alice', roomJoin: ROOMS },
    },
    'Logs the client in, or in again: the first message of a connection. Commands before it are ignored.',
    ['token'],
  ),
  [EasyRtcEvent.Message]: {
    ...request(
      EasyRtcMessage.Message,
      { msgType: 'chat', msgData: 'Hello', ...TARGET },
      'Sends a message of any type to a client, to a room or to a group; without a target, to the application. The answer is `ack`, unless a hook of the application answers.',
      ['ack'],
    ),
    members: { msgData: { description: 'Any value, with up to ten binary parts. It arrives as the sender wrote it.' } },
  },
  [EasyRtcEvent.Offer]: command('offer', 'Offers a connection.', { msgData: EXAMPLE_SDP, ...TARGET }),
  [EasyRtcEvent.Answer]: command('answer', 'Answers an offer.', {
    msgData: { ...EXAMPLE_SDP, type: 'answer' },
    ...TARGET,
  }),
  [EasyRtcEvent.Candidate]: command('candidate', 'Sends a candidate.', { msgData: EXAMPLE_CANDIDATE, ...TARGET }),
  [EasyRtcEvent.Reject]: command('reject', 'Rejects an offer.', TARGET),
  [EasyRtcEvent.Hangup]: command('hangup', 'Ends a connection.', TARGET),
  [EasyRtcEvent.GetIceConfig]: command('getIceConfig', 'Asks for STUN and TURN servers.', {}, 'iceConfig'),
  [EasyRtcEvent.GetRoomList]: command('getRoomList', 'Asks for the rooms.', {}, 'roomList'),
  [EasyRtcEvent.RoomJoin]: command(
    'roomJoin',
    'Joins rooms: all of them, or none.',
    { msgData: { roomJoin: ROOMS } },
    'roomData',
  ),
  [EasyRtcEvent.RoomLeave]: command('roomLeave', 'Leaves rooms.', { msgData: { roomLeave: ROOMS } }, 'roomData'),
  [EasyRtcEvent.SetRoomApiField]: command(
    'setRoomApiField',
    "Replaces the client's fields in a room.",
    {
      msgData: {
        setRoomApiField: { roomName: 'lobby', field: { mood: { fieldName: 'mood', fieldValue: 'happy' } } },
      },
    },
    'roomData',
  ),
  [EasyRtcEvent.SetPresence]: command(
    'setPresence',
    'Changes the presence of the client in all its rooms.',
    { msgData: { setPresence: { show: 'away', status: 'Lunch' } } },
    'roomData',
  ),
  [EasyRtcEvent.SetUserCfg]: command('setUserCfg', 'Accepted, and without effect.', {
    msgData: { setUserCfg: { p2pList: {} } },
  }),
  [EasyRtcEvent.StillAlive]: command('stillAlive', 'Shows that the client is alive, like every message.'),
};

/** EasyRTC in the AsyncAPI document. */
export const EASYRTC_DESCRIPTION: ProtocolDescription = {
  title: 'EasyRTC',
  description:
    'Messages of socket.io 4, for unmodified clients of npm `open-easyrtc`. A message is an event with one argument, which its payload describes. The answers to a message are the argument of its acknowledgement.',
  gateway: EasyRtcGateway,
  path: '/socket.io/',
  query: objectSchema({
    EIO: { enum: ['3', '4'], description: 'Version of engine.io' },
    transport: { enum: ['websocket', 'polling'] },
  }),
  security: {
    easyrtcCredential: {
      type: 'apiKey',
      in: 'password',
      description: '`credential.token` of `easyrtcAuth`, in a realm that checks tokens',
    },
  },
  requests: REQUESTS,
  sends: { ...EASYRTC_ANSWERS, ...EASYRTC_PUSHES },
};
