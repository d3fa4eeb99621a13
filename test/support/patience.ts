/**
 * Time limit for events in tests: long enough for a machine under load, and shorter than Jest's time limit, so that a
 * test fails with the event it waited for.
 */
export const PATIENCE_MS = 45_000;
