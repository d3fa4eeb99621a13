import { ClientsService } from '../../src/clients/clients.service.js';
import { NodeIdentity } from '../../src/common/node-identity.js';
import type { Config } from '../../src/config/config.js';
import type { Extension } from '../../src/extensions.module.js';
import { startServer, type TestServer } from './server.js';

const ROOT = '/admin/v1';
const PROBLEM_TYPE = 'application/problem+json';

export const OPERATE_TOKEN = 'olga-may-do-what-she-wants';
export const READ_TOKEN = 'rudi-may-only-have-a-look';

/** Types of problems. Clients rely on them, so they are spelled out here. */
const PROBLEMS = {
  'bad-request': [400, 'Bad Request'],
  unauthorized: [401, 'Unauthorized'],
  forbidden: [403, 'Forbidden'],
  'not-found': [404, 'Not Found'],
  'not-a-member': [404, 'Not a Member'],
  'room-exists': [409, 'Room Exists'],
  'not-supported-by-client': [409, 'Not Supported by Client'],
  'limit-reached': [409, 'Limit Reached'],
  'too-many-attempts': [429, 'Too Many Attempts'],
  unavailable: [503, 'Unavailable'],
  internal: [500, 'Internal Server Error'],
} as const;

export type ProblemKind = keyof typeof PROBLEMS;

export interface Answer<T = unknown> {
  readonly status: number;
  readonly headers: Headers;
  /** The media type, without parameters; empty if there is no body. */
  readonly type: string;
  /** The body, parsed if it is JSON; undefined if it is empty. */
  readonly body: T;
}

/** A path below `/admin/v1/`: an encoded string, or segments to encode. */
export type AdminPath = string | readonly string[];

export type Query = Readonly<Record<string, string | number | readonly string[]>>;

export interface AdminRequestOptions {
  readonly query?: Query;
  /** Sent as JSON, except strings. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Client of the admin API for one token. */
export class AdminApi {
  constructor(
    readonly url: string,
    readonly token?: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  get<T>(path: AdminPath, query: Query = {}): Promise<Answer<T>> {
    return this.request<T>('GET', path, { query });
  }

  post<T>(path: AdminPath, body?: unknown, query: Query = {}): Promise<Answer<T>> {
    return this.request<T>('POST', path, { query, body });
  }

  put<T>(path: AdminPath, body?: unknown): Promise<Answer<T>> {
    return this.request<T>('PUT', path, { body });
  }

  delete<T>(path: AdminPath, body?: unknown, query: Query = {}): Promise<Answer<T>> {
    return this.request<T>('DELETE', path, { query, body });
  }

  async request<T>(method: string, path: AdminPath, options: AdminRequestOptions = {}): Promise<Answer<T>> {
    const response = await this.fetch(method, path, options);
    const text = await response.text();
    const type = (response.headers.get('content-type') ?? '').split(';')[0];
    const body = (text === '' ? undefined : type.endsWith('json') ? JSON.parse(text) : text) as T;
    return { status: response.status, headers: response.headers, type, body };
  }

  /** Fetches a path, for responses without an end. */
  fetch(
    method: string,
    path: AdminPath,
    { query = {}, body, headers = {} }: AdminRequestOptions = {},
    signal?: AbortSignal,
  ): Promise<Response> {
    return fetch(this.urlOf(path, query), {
      method,
      signal,
      headers: {
        ...(this.token === undefined ? {} : { Authorization: `Bearer ${this.token}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...this.headers,
        ...headers,
      },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  /** Returns all pages of a list. */
  async pages<T>(path: AdminPath, query: Query = {}): Promise<T[][]> {
    const pages: T[][] = [];
    let cursor: string | undefined;
    do {
      const answer = await this.get<{ items: T[]; cursor?: string }>(path, {
        ...query,
        ...(cursor === undefined ? {} : { cursor }),
      });
      if (answer.status !== 200) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
      pages.push(answer.body.items);
      ({ cursor } = answer.body);
    } while (cursor !== undefined);
    return pages;
  }

  private urlOf(path: AdminPath, query: Query): string {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      for (const one of Array.isArray(value) ? (value as readonly string[]) : [value]) {
        parameters.append(name, String(one));
      }
    }
    const encoded = typeof path === 'string' ? path : path.map(encodeURIComponent).join('/');
    return `${this.url}${ROOT}/${encoded}${parameters.size > 0 ? `?${parameters.toString()}` : ''}`;
  }
}

/** The expected response for a problem, without its headers. */
export function problem(kind: ProblemKind, detail?: string): object {
  const [status, title] = PROBLEMS[kind];
  const known = { type: `urn:signalbox:problem:${kind}`, title, status };
  const text = expect.any(String) as string;
  const withText = expect.objectContaining({ ...known, detail: detail ?? text }) as object;
  const isDetailed = detail !== undefined || !['unauthorized', 'internal', 'too-many-attempts'].includes(kind);
  return {
    status,
    type: PROBLEM_TYPE,
    headers: expect.any(Headers) as Headers,
    body: isDetailed ? withText : (expect.objectContaining(known) as object),
  };
}

/** The expected response of a success without a body. */
export function empty(status: 202 | 204): object {
  return { status, type: '', headers: expect.any(Headers) as Headers, body: undefined };
}

/** A timestamp in JSON. */
export const ISO_TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;

export interface AdminServer extends TestServer {
  /** API with a token for all scopes. */
  readonly api: AdminApi;
  /** API with a read-only token. */
  readonly reader: AdminApi;
  /** Returns the name of a client's node. */
  nodeOf(id: string, realm?: string): string | undefined;
}

/** Starts the application with two admin tokens, on the node `node-1` and, if there are several, on further ones. */
export async function startAdminServer(
  options: Partial<Config> = {},
  extensions: readonly Extension[] = [],
): Promise<AdminServer> {
  const adminTokens = [`olga:operate:${OPERATE_TOKEN}`, `rudi:read:${READ_TOKEN}`];
  const server = await startServer({ adminTokens, nodeName: 'node-1', ...options }, extensions);
  const { url } = server;
  return {
    ...server,
    api: new AdminApi(url, OPERATE_TOKEN),
    reader: new AdminApi(url, READ_TOKEN),
    nodeOf(id, realm = 'default') {
      const at = server.everywhere(ClientsService).findIndex((clients) => clients.findHere(realm, id));
      return server.everywhere(NodeIdentity)[at]?.name;
    },
  };
}
