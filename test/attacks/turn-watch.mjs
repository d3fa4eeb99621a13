// Preloaded into the server under attack. Measures its longest event-loop turn. A turn counts with the smaller of its
// CPU time and its duration: other processes on the machine lengthen the one, and threads of V8 the other.
import { renameSync, writeFileSync } from 'node:fs';

/** A timer fires between two turns, so a measured turn includes at most this much of earlier ones. */
const PERIOD_MS = 5;

const prefix = process.env.TURN_FILES;
let longestMs = 0;
let reports = 0;
let before = now();

function now() {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1000, ms: performance.now() };
}

function measure() {
  const { cpuMs, ms } = now();
  longestMs = Math.max(longestMs, Math.min(cpuMs - before.cpuMs, ms - before.ms));
  before = { cpuMs, ms };
}

setInterval(measure, PERIOD_MS).unref();

// Writes the longest turn since the last signal into the next file.
process.on('SIGUSR2', () => {
  const file = `${prefix}.${++reports}`;
  writeFileSync(`${file}.new`, String(longestMs));
  renameSync(`${file}.new`, file);
  longestMs = 0;
  before = now();
});
