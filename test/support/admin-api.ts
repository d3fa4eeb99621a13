import { ClientsService } from '../../src/clients/clients.service.js';
import { NodeIdentity } from '../../src/common/node-identity.js';
import type { Config } from '../../src/config/config.js';
import type { Extension } from '../../src/extensions.module.js';
import { startServer, type TestServer } from './server.js';

const ROOT = '/admin/v1';
const PROBLEM_TYPE = 'application/problem+json';

export const OPERATE_TOKEN = 'olga-may-do-what-she-wants';
export const READ_TOKEN = 'rudi-may-only-have-a-look';

/** Kinds of problems; programs rely on them, so they are spelt out here. */
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
  /** Parsed if it is JSON of any kind; undefined if there is none. */
  readonly body: T;
}

/** Below `/admin/v1/`: a text as it is, or segments that are still to be encoded. */
export type AdminPath = string | readonly string[];

export type Query = Readonly<Record<string, string | number | readonly string[]>>;

export interface AdminRequestOptions {
  readonly query?: Query;
  /** Sent as JSON; a string as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The admin API of a server, as one admin sees it. */
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

  /** For answers that have no end. */
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

  /** All pages of a list. */
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

/** What an answer is that says what is wrong, in full but for its headers. */
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

/** An answer that says that all is well and nothing else. */
export function empty(status: 202 | 204): object {
  return { status, type: '', headers: expect.any(Headers) as Headers, body: undefined };
}

/** A time as JSON has it. */
export const ISO_TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;

export interface AdminServer extends TestServer {
  /** Of an admin who may do everything. */
  readonly api: AdminApi;
  /** Of one who may only look. */
  readonly reader: AdminApi;
  /** Name of the node that a client is on. */
  nodeOf(id: string, realm?: string): string | undefined;
}

/** The application with two admins, on a node with the name `node-1`, and others if there are several. */
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
