import { Api, ApiError } from './api.js';

const KEY = 'signalbox.console.token';

/**
 * @typedef {object} Session
 * @property {Api} api
 * @property {string} name of the token
 * @property {boolean} mayOperate whether the token allows changes
 * @property {readonly string[] | undefined} realms the only realms that the token sees; undefined for all
 */

/** Returns the token of this tab, until the tab is closed or the operator logs out. */
export function storedToken() {
  return sessionStorage.getItem(KEY) ?? undefined;
}

export function forget() {
  sessionStorage.removeItem(KEY);
}

/**
 * Asks the server what a token may do, and keeps the token.
 * @param {string} token
 * @param {() => void} onExpired
 * @returns {Promise<Session>}
 * @throws ApiError with a text for the operator
 */
export async function logIn(token, onExpired) {
  // Headers have no other characters.
  if (!/^[\x21-\x7e]+$/.test(token)) throw new ApiError(401, 'This is not a token.');
  const api = new Api(token, () => {});
  try {
    const { name, scope, realms } = await api.get(['token']);
    sessionStorage.setItem(KEY, token);
    api.onExpired = onExpired;
    return { api, name, mayOperate: scope === 'operate', realms };
  } catch (error) {
    if (error.status === 401) throw new ApiError(401, 'The server does not accept this token.');
    throw error;
  }
}
