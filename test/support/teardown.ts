type Release = () => unknown;

const ofFile: Release[] = [];
const ofTest: Release[] = [];
let isInTest = false;

// Not in afterEach: Jest runs it before those of the file, which still check and use what a test has acquired.
beforeEach(async () => {
  await releaseAll(ofTest);
  isInTest = true;
});

afterEach(() => {
  isInTest = false;
});

afterAll(async () => {
  await releaseAll(ofTest);
  await releaseAll(ofFile);
});

/**
 * Calls a function before the next test, or after the last test of the file if no test runs yet (`beforeAll`).
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
