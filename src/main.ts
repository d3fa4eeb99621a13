#!/usr/bin/env node
import 'reflect-metadata';
import { runCli } from './cli/cli.js';

const outcome = runCli({
  argv: process.argv.slice(2),
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
});
if ('run' in outcome) {
  // Comes when a terminal is closed, and from operators who expect a reload: it ends nothing, not even the start.
  process.on('SIGHUP', () => undefined);
  // Not before it is needed: the framework is most of the time that a start takes.
  const { serve } = await import('./serve.js');
  await serve(outcome.run);
} else {
  process.exitCode = outcome.exitCode;
}
