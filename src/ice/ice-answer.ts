import { isIceServer } from '../config/rules.js';
import type { IceServer } from '../config/sections/ice.options.js';

const MAX_SERVERS = 100;

/**
 * Returns the servers in the answer of a hosted TURN service: a list of servers or a single one, which may be the member
 * `iceServers` (Twilio writes `ice_servers`) of an object. Other members are dropped.
 * @throws Error for any other answer
 */
export function serversIn(text: string): IceServer[] {
  const answer = parsed(text);
  const { iceServers = membersOf(answer).ice_servers ?? answer } = membersOf(answer);
  const list: unknown[] = Array.isArray(iceServers) ? iceServers : [iceServers];
  const servers = list.map((server) => {
    const { url, urls = url, username, credential } = membersOf(server);
    return { urls, ...(username !== undefined && { username }), ...(credential !== undefined && { credential }) };
  });
  if (servers.length > MAX_SERVERS || !servers.every(isIceServer)) throw new Error('the answer holds no ICE servers');
  return servers;
}

/** The message of the parser quotes the text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('the answer is not JSON');
  }
}

function membersOf(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? value : {};
}
