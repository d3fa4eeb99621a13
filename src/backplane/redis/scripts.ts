import { CLAIM, REAP_CLIENTS, RELEASE } from './client-scripts.js';
import { BEAT, BURY, BURIED, DIG, ENROLL, WITHDRAW } from './node-scripts.js';
import { EXPIRE, PUT, TAKE } from './queue-scripts.js';
import { ROOMS } from './room-script.js';

const script = (lua: string): { readonly lua: string; readonly numberOfKeys: number } => ({ lua, numberOfKeys: 1 });

/**
 * What happens in Redis in one piece. Each gets one key, the base of all those that it touches. Names and JSON of clients are
 * never decoded there: what they send is bytes to Redis.
 */
export const SCRIPTS = {
  claim: script(CLAIM),
  release: script(RELEASE),
  reapClients: script(REAP_CLIENTS),
  rooms: script(ROOMS),
  put: script(PUT),
  take: script(TAKE),
  expireWaiting: script(EXPIRE),
  enroll: script(ENROLL),
  beat: script(BEAT),
  bury: script(BURY),
  dig: script(DIG),
  buried: script(BURIED),
  withdraw: script(WITHDRAW),
};

export type ScriptName = keyof typeof SCRIPTS;
