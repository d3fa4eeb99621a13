type Release = () => unknown;

const ofFile: Release[] = [];
const ofTest: Release[] = [];
let isInTest = false;

beforeEach(() => {
  isInTest = true;
});

afterEach(async () => {
  isInTest = false;
  await releaseAll(ofTest);
});

afterAll(() => releaseAll(ofFile));

/**
 * Calls a function after the current test, or after the last test of the file if no test runs yet (`beforeAll`).
 * What was acquired last is released first, so that clients leave before their server closes.
 */
export function atTeardown(release: Release): void {
  (isInTest ? ofTest : ofFile).push(release);
}

/** Releases everything even if a release fails, and throws the first error. */
async function releaseAll(releases: Release[]): Promise<void> {
  const errors: unknown[] = [];
  while (releases.length > 0) {
    try {
      await releases.pop()?.();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
