import { Pace } from './pace.js';

/** Most requests of the page in a second, the opening of the stream included. */
const REQUESTS_PER_SECOND = 2;
const TIMEOUT_MS = 10_000;

/** An answer that is not a success, or none. */
export class ApiError extends Error {
  /**
   * @param {number} status of HTTP; 0 without an answer
   * @param {string} message for the operator
   */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The admin API with a token, which is sent in a header and is never part of a URL. */
export class Api {
  #token;
  #pace = new Pace(REQUESTS_PER_SECOND);

  /**
   * @param {string} token
   * @param {() => void} onExpired called when the server does not accept the token any more
   */
  constructor(token, onExpired) {
    this.#token = token;
    this.onExpired = onExpired;
  }

  /**
   * @param {readonly string[]} path segments below `/admin/v1/`
   * @param {Record<string, string | number | undefined>} [query] without what is undefined or empty
   * @param {boolean} [isUrgent] false for what is only refreshed
   */
  get(path, query, isUrgent = true) {
    return this.#json('GET', path, { query, isUrgent });
  }

  /** As `get`, for what a server need not have: returns undefined if it does not exist. */
  async find(path, query, isUrgent) {
    try {
      return await this.get(path, query, isUrgent);
    } catch (error) {
      if (error.status === 404) return undefined;
      throw error;
    }
  }

  post(path, body, query) {
    return this.#json('POST', path, { body, query, isUrgent: true });
  }

  put(path, body) {
    return this.#json('PUT', path, { body, isUrgent: true });
  }

  delete(path, query) {
    return this.#json('DELETE', path, { query, isUrgent: true });
  }

  /** Returns the checks of readiness; undefined if there are none. A server that is not ready answers 503. */
  async readiness() {
    await this.#pace.turn(false);
    const response = await reach('health/ready', { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return response.status === 200 || response.status === 503 ? response.json() : undefined;
  }

  /** Opens the stream of events. The caller ends it by the signal. */
  async stream(query, headers, signal) {
    await this.#pace.turn(true);
    const response = await reach(urlOf(['events'], query), { headers: { ...this.#headers, ...headers }, signal });
    if (!response.ok) throw await this.#failure(response);
    return response;
  }

  async #json(method, path, { query, body, isUrgent }) {
    await this.#pace.turn(isUrgent);
    const hasBody = body !== undefined;
    const response = await reach(urlOf(path, query), {
      method,
      headers: { ...this.#headers, ...(hasBody && { 'Content-Type': 'application/json' }) },
      body: hasBody ? JSON.stringify(body) : undefined,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw await this.#failure(response);
    const text = await response.text();
    return text === '' ? undefined : JSON.parse(text);
  }

  async #failure(response) {
    if (response.status === 401) this.onExpired();
    const { title, detail } = await response.json().catch(() => ({}));
    return new ApiError(response.status, detail ?? title ?? `The server answers with status ${response.status}.`);
  }

  get #headers() {
    return { Authorization: `Bearer ${this.#token}` };
  }
}

/** Relative to /console, so that it also works below a proxy's path. */
function urlOf(path, query = {}) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') parameters.set(name, String(value));
  }
  const search = parameters.size > 0 ? `?${parameters}` : '';
  return `admin/v1/${path.map(encodeURIComponent).join('/')}${search}`;
}

async function reach(url, options) {
  try {
    return await fetch(url, { ...options, cache: 'no-store', credentials: 'same-origin' });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, error.name === 'TimeoutError' ? 'No answer in time.' : 'The server cannot be reached.');
  }
}
