#!/usr/bin/env node
import 'reflect-metadata';
import { type CliContext, load, runCli } from './cli/cli.js';

const { env, stdout, stderr } = process;
const context: CliContext = { argv: process.argv.slice(2), env, stdout, stderr };
const outcome = runCli(context);
if ('command' in outcome) {
  const { runTokenCommand } = await import('./cli/token-commands.js');
  process.exitCode = await runTokenCommand(context);
} else if ('check' in outcome) {
  const { checkConfig } = await import('./cli/check-config.js');
  process.exitCode = await checkConfig(outcome.check, context);
} else if ('run' in outcome) {
  // Sent by operators for a reload, and when a terminal closes. It must not end the server, even during startup.
  process.on('SIGHUP', () => undefined);
  // Imported only now: loading the framework takes most of the startup time, which --help and --version do not need.
  const { serve } = await import('./serve/serve.js');
  await serve(outcome.run, () => load(context));
} else {
  process.exitCode = outcome.exitCode;
}
