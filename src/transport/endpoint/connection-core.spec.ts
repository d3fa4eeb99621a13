import { setTimeout as sleep } from 'node:timers/promises';
import { runInThisContext } from 'node:vm';
import { Config } from '../../config/config.js';
import { ConnectionCore } from './connection-core.js';

it('expects a late answer of the application that is an error, after the end of the connection', async () => {
  // The process object of Jest's sandbox does not emit this event, and an unheard error ends the process.
  const process = runInThisContext('process') as NodeJS.Process;
  const unheard: unknown[] = [];
  const note = (error: unknown): void => void unheard.push(error);
  process.on('unhandledRejection', note);
  const core = new ConnectionCore({} as never, { limits: new Config() } as never, undefined);
  core.endReason = 'connection lost';
  const answer = Promise.reject(new Error('late'));
  await expect(core.whileOpen(() => answer)).rejects.toMatchObject({ code: 'NOT_AUTHORIZED' });
  await sleep(0);
  process.off('unhandledRejection', note);
  expect(unheard).toEqual([]);
});
