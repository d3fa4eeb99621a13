/**
 * How long tests wait for what has to happen: long enough for a machine with many other programs, and shorter than the time limit
 * of Jest, so that a test fails with what it waited for.
 */
export const PATIENCE_MS = 20_000;
