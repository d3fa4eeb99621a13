import { startServer, type TestServer } from '../support/server.js';
import { CASES } from './cases/all.js';
import { MAX_FRAGMENTS, MAX_FRAME_BYTES } from './cases/case.js';
import { CHOPPINGS } from './choppings.js';
import { ENDPOINTS } from './endpoints.js';
import { failuresOf } from './run.js';

/*
 * What RFC 6455 asks of a server, at the wire: the kinds of cases that the Autobahn test suite tries, at every endpoint,
 * however TCP cuts the stream. `mutations.e2e-spec.ts` sees that cases fail for each of these mistakes:
 *
 * 1. each piece of a payload is unmasked as if it were the first one
 * 2. whole messages are not checked for UTF-8
 * 3. the beginning of a character is not checked before its end comes
 * 4. a message that comes in pieces may end within a character
 * 5. a message overtakes what ws has not judged yet
 * 6. what has come of a frame is lost when its buffer grows
 * 7. a length of 126 is written in the second byte
 * 8. the close frame overtakes what was written before it
 */

let server: TestServer;

beforeAll(async () => {
  const million = 1_000_000;
  server = await startServer({
    maxFrameBytes: MAX_FRAME_BYTES,
    maxFragments: MAX_FRAGMENTS,
    framesPerSecond: million,
    frameBurst: million,
  });
});

afterAll(() => server.close());

it('has hundreds of cases, each with a name of its own', () => {
  expect(CASES.length).toBeGreaterThan(400);
  expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
});

describe.each(ENDPOINTS)('$name', (endpoint) => {
  it.each(CHOPPINGS)(
    'is a server of RFC 6455, sent $name',
    async (chopping) => {
      expect(await failuresOf(CASES, { port: server.port, endpoint, chopping })).toEqual([]);
    },
    120_000,
  );
});
