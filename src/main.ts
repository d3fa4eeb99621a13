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
  // Sent when a terminal closes, and by operators who expect a reload. It must not end the server, even during startup.
  process.on('SIGHUP', () => undefined);
  // Imported only now: loading the framework takes most of the startup time, which --help and --version do not need.
  const { serve } = await import('./serve.js');
  await serve(outcome.run);
} else {
  process.exitCode = outcome.exitCode;
}
