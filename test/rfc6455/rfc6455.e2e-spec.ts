import { startServer, type TestServer } from '../support/server.js';
import { CASES } from './cases/all.js';
import { MAX_FRAGMENTS, MAX_FRAME_BYTES } from './cases/case.js';
import { CHOPPINGS } from './choppings.js';
import { ENDPOINTS } from './endpoints.js';
import { failuresOf } from './run.js';

/*
 * Checks the server against RFC 6455 at the wire: the kinds of cases of the Autobahn test suite, at every endpoint,
 * with the stream split in several ways. `mutations.e2e-spec.ts` checks that cases fail for each of these mistakes:
 *
 * 1. each piece of a payload is unmasked as if it were the first one
 * 2. whole messages are not checked for UTF-8
 * 3. the first bytes of a character are not checked before the last one arrives
 * 4. a message in several pieces may end within a character
 * 5. a message overtakes one that ws has not validated yet
 * 6. the received part of a frame is lost when its buffer grows
 * 7. a length of 126 is written in the second byte
 * 8. the close frame overtakes earlier messages
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

it('has hundreds of cases with distinct names', () => {
  expect(CASES.length).toBeGreaterThan(400);
  expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
});

describe.each(ENDPOINTS)('$name', (endpoint) => {
  it.each(CHOPPINGS)(
    'conforms to RFC 6455 for streams sent $name',
    async (chopping) => {
      expect(await failuresOf(CASES, { port: server.port, endpoint, chopping })).toEqual([]);
    },
    120_000,
  );
});
