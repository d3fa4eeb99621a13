import { serversIn } from './ice-answer.js';

const SERVER = { urls: ['stun:s.example', 'turn:t.example:3478?transport=udp'], username: 'u', credential: 'c' };

it.each([
  ['a list', [SERVER]],
  ['one server', SERVER],
  ['a member with a list', { iceServers: [SERVER] }],
  ['a member with one server, as Cloudflare answers', { iceServers: SERVER }],
  ['members that RTCIceServer does not have', { iceServers: [{ ...SERVER, credentialType: 'password' }], id: 7 }],
])('reads %s', (_, answer) => {
  expect(serversIn(JSON.stringify(answer))).toEqual([SERVER]);
});

it('reads the answer of Twilio', () => {
  const server = { url: 'turn:t.example', urls: 'turn:t.example', username: 'u', credential: 'c' };
  expect(
    serversIn(
      JSON.stringify({ username: 'u', password: 'c', ice_servers: [{ url: 'stun:s.example' }, server], ttl: '86400' }),
    ),
  ).toEqual([{ urls: 'stun:s.example' }, { urls: 'turn:t.example', username: 'u', credential: 'c' }]);
});

it.each([
  [null],
  [7],
  ['turn:t.example'],
  [{}],
  [[{}]],
  [{ iceServers: 'turn:t.example' }],
  [[{ urls: 'https://t.example' }]],
  [[{ urls: [] }]],
  [[{ ...SERVER, username: 7 }]],
  [[{ ...SERVER, credential: 'x'.repeat(1025) }]],
  [Array(101).fill(SERVER)],
])('rejects %j', (answer: unknown) => {
  expect(() => serversIn(JSON.stringify(answer))).toThrow('the answer holds no ICE servers');
});

it('does not quote an answer that is not JSON', () => {
  expect(() => serversIn('<html>a secret')).toThrow(/^the answer is not JSON$/);
});
