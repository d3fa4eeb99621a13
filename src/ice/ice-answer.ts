import { isObject } from '../common/is-object.js';
import { isIceServer } from '../config/rules.js';
import type { IceServer } from '../config/sections/ice.options.js';
import { jsonIn } from '../identity/bounded-fetch.js';

const MAX_SERVERS = 100;

/**
 * Returns the servers in the answer of a hosted TURN service: a list of servers or a single one, which may be the member
 * `iceServers` (Twilio writes `ice_servers`) of an object. Other members are dropped.
 * @throws Error for any other answer
 */
export function serversIn(text: string): IceServer[] {
  const answer = jsonIn(text);
  const { iceServers = membersOf(answer).ice_servers ?? answer } = membersOf(answer);
  const list: unknown[] = Array.isArray(iceServers) ? iceServers : [iceServers];
  const servers = list.map((server) => {
    const { url, urls = url, username, credential } = membersOf(server);
    return { urls, ...(username !== undefined && { username }), ...(credential !== undefined && { credential }) };
  });
  if (servers.length > MAX_SERVERS || !servers.every(isIceServer)) throw new Error('the answer holds no ICE servers');
  return servers;
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}
