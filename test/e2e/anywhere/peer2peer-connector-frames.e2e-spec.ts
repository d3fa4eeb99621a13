import { ConnectorClient, envelope, errorOf } from '../../support/connector-client.js';
import { startServer, type TestServer } from '../../support/server.js';

const LEVELS = 10_000;
const EVENTS = [
  ...['Connect', 'Offer', 'Answer', 'Candidate', 'Message'],
  ...['Create_Room', 'Join_Room', 'Leave_Room', 'End_Room'],
];

const NO_TO = errorOf('Missing_Fields', "'to' field not found");
const NO_DATA = errorOf('Missing_Fields', "'data' field is missing or is not object in the request.");
const NO_ROOM = errorOf('Missing_Fields', "'room' field is missing in the request.");
const NO_SDP = errorOf('Missing_Fields', "'data''sdp' field is missing in the request.");
const NO_CANDIDATE = errorOf('Missing_Fields', "'data''candidate' field is missing in the request.");
const NO_NAME = errorOf('Missing_Fields', "'name' field is not a string in the request.");
const UNSUPPORTED = envelope('error', 'Unsupported_Event', { events: EVENTS });

const DEEP = '['.repeat(LEVELS) + ']'.repeat(LEVELS);
const DEEP_OBJECT = '{"a":'.repeat(LEVELS) + '1' + '}'.repeat(LEVELS);
const LONG = 'x'.repeat(500_000);

const invalid = (what: RegExp) => errorOf('Invalid_Message', expect.stringMatching(what) as string);

/** Splits a text into frames: one a line, or several separated by three or more spaces. */
const list = (text: string) => text.trim().split(/\n\s*|\s{3,}/);

/** Inserts each frame of a text into a template. */
const each = (texts: string, template: string) => list(texts).map((text) => template.replace('…', () => text));

const NOT_JSON = list(`
  hello   undefined   NaN   -Infinity   True   null null   <xml/>   😀   event=Message&to=x   42["Message",{}]   {,}
  {   }   [   ]   "   "\\"   {]   {"event"   {"event":   {"event":"Message   {"event":"Message"   {1:2}   {[]:1}
  {"event":"Message",}   {'event':'Message'}   {event:"Message"}   {"event":"Message"}}   {"event":"Message"}x   {"a"}
  {"event":"Message"}{"event":"Message"}   {"event":"Message" "to":"x"}   {"event":"Message","data":}   [{"event":1}
  {"event":"\\x41"}   {"event":"\\u12"}   {"event":"\\u{41}"}   {"event":"\\"}   {"event":"\\u00zz"}   {"event":tru}
  {"event":01}   {"event":.5}   {"event":5.}   {"event":+1}   {"event":0x10}   {"event":1e}   {"event":--1}
  {"event":1_000}   {"event":1n}   {"event":"a" "b"}   {"event" "Message"}   {"event"::1}   {"event":"Message"]
  {"event":"Message"/* no */}   // {"event":"Message"}   {"event":"Message","data":[1,]}   {"event":"Message","to":"x";}
  %7B%22event%22%3A1%7D   GET / HTTP/1.1   [{"event":"Message"},]   {"event":"Message","data":{"a":1}
`);

const BROKEN_CHARACTERS = [
  ...['', ' ', '\n', '\u0000', '\ufeff', '{"event":"Message"}\n{}', '{"event":"Message"}\u0000', '{"ev\u0001ent":1}'],
  ...['\ufeff{"event":"Message"}', '\u0000{"event":"Message"}', '\u00a0{"event":"Message"}', '\v{"event":"Message"}'],
  ...['{"event":"Mes\nsage"}', '{"event":"Mes\tsage"}', '{"event":"Mes\u0000sage"}', '"a\u001fb"'],
];

const NO_OBJECT = list(`
  null   true   false   0   -1.5e300   1e400   "event"   "{\\"event\\":1}"   "\\ud800"   "__proto__"
  []   [ ]   [{"event":"Message"}]   ["Message"]   [[["event"]]]
`);

const NO_EVENT = list(`
  {}   { }   {"data":1}   {"Event":"Message"}   {"EVENT":"Message"}   {"event ":"Message"}   {"":""}   {"type":"info"}
  {"event":null}   {"event":true}   {"event":1}   {"event":12345678901234567890}   {"event":-1e999}   {"event":[]}
  {"event":["Message"]}   {"event":{}}   {"event":{"event":"Message"}}   {"event":"Message","event":1}
  {"__proto__":{"event":"Message"}}   {"constructor":{"prototype":{"event":"Message"}}}   {"data":{"event":"Message"}}
  {"event\\u0000":"Message"}   {"e\u0301vent":"Message"}   {"event":"Message","\\u0065vent":null}
`);

const UNKNOWN_EVENTS = list(`
  Mess age   Messages   CreateRoom   Create-Room   Room_Created   Client_Details   Disconnect   😀   Ｍessage   meſſage
  __proto__   constructor   toString   hasOwnProperty   MESSAGE\u0307   Create_Room_   *   null   event   0   $&
`).concat('', ' ', 'Message ', ' Message', 'Message\u0000', '\ud800', '\ufeffMessage', 'x'.repeat(LEVELS));

const NO_TARGET = [
  ...each('Connect   Offer   Answer   Candidate   Message', '{"event":"…"}'),
  ...each('null   true   1   -0   1e999   []   ["x"]   {}   {"to":"x"}', '{"event":"Message","to":…,"data":1}'),
  ...list(`
    {"event":"Offer","to":"x","to":null}   {"event":"Offer","__proto__":{"to":"x"}}   {"event":"Offer","TO":"x"}
    {"event":"Message","to":1,"room":"x"}   {"event":"Answer","room":"x"}   {"event":"Connect","to":{},"data":[]}
  `),
];

const WRONG_ROOM = [
  ...each('1   false   []   {}', '{"event":"Message","room":…}'),
  ...each('1   false   []   {}', '{"event":"Create_Room","data":{"room":…}}'),
  ...each('null   1   true   ["x"]   {}', '{"event":"Join_Room","data":{"room":…}}'),
  ...list(`
    {"event":"Leave_Room","data":{}}   {"event":"End_Room","data":{"ROOM":"x"},"room":"x"}
    {"event":"Leave_Room","data":{"__proto__":{"room":"x"}}}   {"event":"End_Room","data":{"room":"x","room":1}}
  `),
];

const WRONG_DATA = [
  ...list('Connect   Create_Room   Join_Room   Leave_Room   End_Room').flatMap((event) =>
    each('null   1   "x"   true   []   [{}]', `{"event":"${event}","to":"x","data":…}`),
  ),
  '{"event":"Join_Room","__proto__":{"data":{"room":"x"}}}',
  '{"event":"Join_Room","data":{"room":"x"},"data":0}',
];

/** Kinds of errors, with frames and their answers. */
const MALFORMED: [what: string, answer: object, frames: (string | Buffer)[]][] = [
  ['not JSON', invalid(/JSON/), NOT_JSON],
  ['not JSON for its characters', invalid(/JSON/), BROKEN_CHARACTERS],
  ['no object', invalid(/object/), NO_OBJECT],
  ['binary', invalid(/text/), ['', '\u0000', '\u00ff', '{"event":"Message"}', LONG].map((text) => Buffer.from(text))],
  ['no event', invalid(/event/), NO_EVENT],
  ['an unknown event', UNSUPPORTED, UNKNOWN_EVENTS.map((event) => JSON.stringify({ event, to: 'x', data: {} }))],
  ['no target', NO_TO, NO_TARGET],
  ['no text for a room', NO_ROOM, WRONG_ROOM],
  [
    'no text for a name',
    NO_NAME,
    each('1   false   []   {"a":1}   1e999', '{"event":"Create_Room","data":{"name":…}}'),
  ],
  ['no object for data', NO_DATA, WRONG_DATA],
  [
    'no description',
    NO_SDP,
    each(
      '{}   {"candidate":1}   {"SDP":1,"candidate":1}   {"__proto__":{"sdp":1},"candidate":1}',
      '{"event":"Connect","to":"x","data":…}',
    ),
  ],
  ['no candidate', NO_CANDIDATE, each('{"sdp":1}   {"sdp":1,"Candidate":1}', '{"event":"Connect","to":"x","data":…}')],
  [
    'too deep or too long to be JSON',
    invalid(/JSON/),
    ['['.repeat(LEVELS), '{"event":'.repeat(LEVELS), DEEP.slice(1), LONG],
  ],
  ['too deep or too long for an object', invalid(/object/), [DEEP, '9'.repeat(LEVELS), JSON.stringify(LONG)]],
  ['too deep for an event', invalid(/event/), [DEEP_OBJECT, `{"event":${DEEP}}`, `{"event":${DEEP_OBJECT}}`]],
  ['too deep or too long for a target', NO_TO, each(`${DEEP}   ${'9'.repeat(LEVELS)}`, '{"event":"Offer","to":…}')],
  ['too deep for a room', NO_ROOM, each(`${DEEP}   ${DEEP_OBJECT}`, '{"event":"Join_Room","data":{"room":…}}')],
  ['too deep for data', NO_DATA, each('Connect   Create_Room   End_Room', `{"event":"…","to":"x","data":${DEEP}}`)],
  ['deep, but no candidate', NO_CANDIDATE, [`{"event":"Connect","to":"x","data":{"sdp":${DEEP}}}`]],
];

describe('Peer2Peer Connector: frames', () => {
  let server: TestServer;
  let ann: ConnectorClient;
  let bob: ConnectorClient;

  beforeAll(async () => {
    server = await startServer({ frameBurst: 10_000 });
    [ann, bob] = await ConnectorClient.connectMany(2, server.wsUrl);
  });
  afterAll(async () => {
    await ConnectorClient.closeAll();
    await server.close();
  });

  /** Expects both clients to work and to have no unread frames. */
  async function isWell(): Promise<void> {
    for (const [from, to] of [
      [ann, bob],
      [bob, ann],
    ]) {
      from.send({ event: 'Offer', to: to.id, data: { sdp: 'v=0' } });
      expect(await to.next()).toEqual({ event: 'Offer', from: from.id, data: { sdp: 'v=0' } });
    }
    for (const client of [ann, bob]) expect(await client.drain()).toEqual([]);
  }

  it('have more than 100 malformed variants', () => {
    const frames = MALFORMED.flatMap(([what, , frames]) =>
      frames.map((frame) => `${what === 'binary'} ${frame.toString()}`),
    );
    expect(new Set(frames).size).toBe(frames.length);
    expect(frames.length).toBeGreaterThan(200);
  });

  describe.each(MALFORMED)('%s', (_, answer, frames) => {
    it.each(frames.map((frame) => [JSON.stringify(frame.toString()).slice(0, 60), frame]))(
      'rejects %s',
      async (_title, frame) => {
        expect(await ann.ask(frame)).toEqual(answer);
        await isWell();
      },
    );
  });

  it('are answered one by one and in order', async () => {
    const all = MALFORMED.flatMap(([, answer, frames]) => frames.map((frame) => ({ answer, frame })));
    for (const { frame } of all) ann.send(frame);
    for (const { answer } of all) expect(await ann.next()).toEqual(answer);
    await isWell();
  });

  it('may be fragmented within a character and around a ping', async () => {
    const bytes = Buffer.from(JSON.stringify({ event: 'Message', to: bob.id, data: '😀é€' }));
    const { socket } = ann;
    const middle = bytes.indexOf('😀') + 2;
    const ponged = new Promise<string>((resolve) => socket.once('pong', (data) => resolve(data.toString())));
    socket.send(bytes.subarray(0, 1), { binary: false, fin: false });
    socket.send(bytes.subarray(1, middle), { binary: false, fin: false });
    socket.ping('between');
    socket.send('', { fin: false });
    socket.send(bytes.subarray(middle), { binary: false, fin: true });
    expect(await bob.next()).toEqual({ event: 'Message', from: ann.id, data: '😀é€' });
    expect(await ponged).toBe('between');
    for (const byte of bytes.subarray(0, 60)) socket.send(Buffer.of(byte), { binary: false, fin: false });
    socket.send(bytes.subarray(60), { binary: false, fin: true });
    expect(await bob.next()).toEqual({ event: 'Message', from: ann.id, data: '😀é€' });
    await isWell();
  });

  it.each([
    ['a lone byte', Buffer.of(0xff)],
    ['a truncated character', Buffer.from('{"event":"Message","data":"é"}').subarray(0, 28)],
    ['a surrogate', Buffer.of(0x22, 0xed, 0xa0, 0x80, 0x22)],
    ['an overlong form', Buffer.of(0x22, 0xc0, 0x80, 0x22)],
    ['an invalid code point', Buffer.of(0x22, 0xf4, 0x90, 0x80, 0x80, 0x22)],
  ])('close the connection with 1007 if they are not UTF-8: %s', async (_, bytes) => {
    const client = await ConnectorClient.connect(server.wsUrl);
    client.socket.send(bytes, { binary: false });
    expect((await client.closed).code).toBe(1007);
    expect(client.frames).toHaveLength(1);
    await isWell();
  });
});
