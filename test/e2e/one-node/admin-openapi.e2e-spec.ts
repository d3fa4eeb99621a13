import type { MadeBlock } from '../../../src/admin/block.dto.js';
import type { NodeList } from '../../../src/admin/cluster.dto.js';
import { type Problem, type ProblemKind, problemOf } from '../../../src/admin/problem.js';
import { AdminApi, OPERATE_TOKEN, type Query, READ_TOKEN, startAdminServer } from '../../support/admin-api.js';
import { ApiDocument, type DocumentedParameter, examplesOf, type Operation } from '../../support/api-document.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { EventStream } from '../../support/event-stream.js';
import { PeerJsSocket, until } from '../../support/peerjs-socket.js';
import { ProcessServer } from '../../support/process-server.js';
import { makeRoom } from '../../support/visitors.js';

const ROOT = '/admin/v1/';
const BOUND_TOKEN = 'a-token-that-is-bound-to-acme';

/** The clients and rooms of the calls below; created for each call. */
interface Scene {
  readonly ann: string;
  readonly bob: string;
  readonly caller: string;
  readonly node: string;
  /** Id of a block. */
  readonly block: string;
}

/** A call and its expected status. */
interface Call {
  readonly operation: string;
  readonly status: number;
  readonly parameters?: (scene: Scene) => Record<string, string>;
  readonly query?: Query;
  readonly body?: unknown;
  readonly token?: string;
}

const ann = (scene: Scene) => ({ id: scene.ann });
const unknownClient = () => ({ id: 'nobody' });
const den = () => ({ id: 'den' });
const member = ({ bob }: Scene) => ({ id: 'den', clientId: bob });
const user = () => ({ sub: 'alice' });
const attic = () => ({ id: 'attic' });
// Nothing listens there.
const WEBHOOKS = JSON.stringify([{ url: 'http://127.0.0.1:9/', secret: 'a-secret-of-enough-characters' }]);
const endpoint = () => ({ n: '0' });
const noEndpoint = () => ({ n: '7' });
const replay = { event: 'no-such-event' };
const typo = { relm: 'acme' };
const news = { data: { text: 'hi' }, msgType: 'news' };

const long = { data: 'x'.repeat(2_000_000) };
const reader = { token: READ_TOKEN };
const bound = { token: BOUND_TOKEN };

const CALLS: readonly Call[] = [
  { operation: 'GET clients', status: 200 },
  { operation: 'GET clients', status: 200, query: { limit: 1, protocol: 'easyrtc', realm: 'default', idPrefix: '' } },
  { operation: 'GET clients', status: 200, query: { limit: 2, room: 'den' } },
  { operation: 'GET clients', status: 200, query: { user: 'alice' } },
  { operation: 'GET clients', status: 200, query: { figures: 'true' } },
  { operation: 'GET clients', status: 400, query: { limit: 0 } },
  { operation: 'GET clients', status: 200, query: { address: '127.0.0.0/8' } },
  { operation: 'GET clients', status: 400, query: { address: 'localhost' } },
  { operation: 'POST clients/disconnect', status: 200, body: { ids: ['nobody'], reason: 'Bye' } },
  { operation: 'POST clients/disconnect', status: 200, body: { user: 'alice', address: '192.0.2.0/24', room: 'den' } },
  { operation: 'POST clients/disconnect', status: 400, body: {} },
  { operation: 'POST clients/disconnect', status: 400, body: { address: 'localhost' } },
  { operation: 'POST clients/disconnect', status: 400, body: { ...typo, user: 'alice' } },
  { operation: 'POST clients/disconnect', status: 403, body: { user: 'alice' }, ...reader },
  { operation: 'POST clients/disconnect', status: 403, body: { ids: ['nobody'] }, ...bound },
  { operation: 'POST clients/disconnect', status: 413, body: long },
  { operation: 'GET clients', status: 404, query: { room: 'attic' } },
  { operation: 'GET clients', status: 401, token: 'a-token-that-is-wrong' },
  { operation: 'GET clients/{id}', status: 200, parameters: ann },
  { operation: 'GET clients/{id}', status: 200, parameters: ({ caller }) => ({ id: caller }) },
  { operation: 'GET clients/{id}', status: 200, parameters: () => ({ id: 'pia' }), query: { realm: 'default' } },
  { operation: 'GET clients/{id}', status: 404, parameters: unknownClient },
  { operation: 'DELETE clients/{id}', status: 204, parameters: ann, body: { reason: 'spam' } },
  { operation: 'DELETE clients/{id}', status: 204, parameters: ann },
  { operation: 'DELETE clients/{id}', status: 404, parameters: unknownClient },
  { operation: 'DELETE clients/{id}', status: 403, parameters: ann, token: READ_TOKEN },
  { operation: 'POST clients/{id}/messages', status: 204, parameters: ann, body: news },
  { operation: 'POST clients/{id}/messages', status: 204, parameters: ann, body: { data: 'a text' } },
  { operation: 'POST clients/{id}/messages', status: 204, parameters: ann, body: { data: [1, null, true] } },
  { operation: 'POST clients/{id}/messages', status: 204, parameters: ann, body: { data: null } },
  { operation: 'POST clients/{id}/messages', status: 409, parameters: () => ({ id: 'pia' }), body: news },
  { operation: 'POST clients/{id}/messages', status: 404, parameters: unknownClient, body: news },
  { operation: 'GET rooms', status: 200, query: { limit: 10, realm: 'default', idPrefix: 'd' } },
  { operation: 'GET rooms', status: 200, query: { limit: 1 } },
  { operation: 'GET rooms', status: 400, query: { limit: 0 } },
  { operation: 'POST rooms', status: 201, body: { id: 'attic', name: 'Attic', realm: 'acme' } },
  { operation: 'POST rooms', status: 201 },
  { operation: 'POST rooms', status: 201, body: {} },
  { operation: 'POST rooms', status: 409, body: { id: 'den' } },
  { operation: 'GET rooms/{id}', status: 200, parameters: den },
  { operation: 'GET rooms/{id}', status: 404, parameters: attic },
  { operation: 'DELETE rooms/{id}', status: 204, parameters: den },
  { operation: 'DELETE rooms/{id}', status: 404, parameters: den, query: { realm: 'acme' } },
  {
    operation: 'DELETE rooms/{id}/clients/{clientId}',
    status: 204,
    parameters: member,
  },
  {
    operation: 'DELETE rooms/{id}/clients/{clientId}',
    status: 404,
    parameters: () => ({ id: 'den', clientId: 'pia' }),
  },
  { operation: 'POST rooms/{id}/messages', status: 204, parameters: den, body: news },
  { operation: 'POST rooms/{id}/messages', status: 404, parameters: attic, body: news },
  { operation: 'DELETE users/{sub}', status: 200, parameters: user, query: { realm: 'default' } },
  { operation: 'DELETE users/{sub}', status: 200, parameters: user, body: { reason: 'spam' } },
  { operation: 'DELETE users/{sub}', status: 400, parameters: user, query: typo },
  { operation: 'DELETE users/{sub}', status: 403, parameters: user, ...reader },
  { operation: 'DELETE users/{sub}', status: 413, parameters: user, body: long },
  { operation: 'GET blocks', status: 200 },
  { operation: 'GET blocks', status: 401, token: '' },
  { operation: 'POST blocks', status: 201, body: { address: '192.0.2.7', seconds: 1, reason: 'spam' } },
  { operation: 'POST blocks', status: 201, body: { user: 'eve', realm: 'acme', seconds: 1, disconnect: false } },
  { operation: 'POST blocks', status: 400, body: { user: 'eve', address: '192.0.2.7', seconds: 1 } },
  { operation: 'POST blocks', status: 400, body: { address: '0.0.0.0/0', seconds: 1 } },
  { operation: 'POST blocks', status: 400, body: { ...typo, user: 'eve', seconds: 1 } },
  { operation: 'POST blocks', status: 403, body: { user: 'eve', seconds: 1 }, ...reader },
  { operation: 'POST blocks', status: 403, body: { user: 'eve', seconds: 1 }, ...bound },
  { operation: 'POST blocks', status: 413, body: long },
  { operation: 'DELETE blocks/{id}', status: 204, parameters: ({ block }) => ({ id: block }) },
  { operation: 'DELETE blocks/{id}', status: 403, parameters: ({ block }) => ({ id: block }), ...reader },
  { operation: 'DELETE blocks/{id}', status: 404, parameters: unknownClient },
  { operation: 'GET realms', status: 200 },
  { operation: 'GET realms', status: 400, query: { limit: 0 } },
  { operation: 'GET nodes', status: 200 },
  { operation: 'GET nodes', status: 401, token: 'a-token-that-is-wrong' },
  { operation: 'POST nodes/{id}/drain', status: 202, parameters: ({ node }) => ({ id: node }) },
  { operation: 'POST nodes/{id}/drain', status: 404, parameters: unknownClient },
  { operation: 'POST nodes/{id}/undrain', status: 204, parameters: ({ node }) => ({ id: node }) },
  { operation: 'POST nodes/{id}/undrain', status: 404, parameters: unknownClient },
  { operation: 'POST nodes/{id}/undrain', status: 403, parameters: unknownClient, ...reader },
  { operation: 'POST nodes/{id}/undrain', status: 403, parameters: unknownClient, ...bound },
  {
    operation: 'PUT nodes/{id}/log-level',
    status: 204,
    parameters: ({ node }) => ({ id: node }),
    body: { level: 'info' },
  },
  { operation: 'PUT nodes/{id}/log-level', status: 404, parameters: unknownClient, body: { level: 'info' } },
  { operation: 'PUT nodes/{id}/log-level', status: 400, parameters: unknownClient, body: { ...typo, level: 'info' } },
  { operation: 'PUT nodes/{id}/log-level', status: 403, parameters: unknownClient, body: { level: 'info' }, ...reader },
  { operation: 'PUT nodes/{id}/log-level', status: 403, parameters: unknownClient, body: { level: 'info' }, ...bound },
  { operation: 'GET stats', status: 200 },
  { operation: 'GET history', status: 200 },
  { operation: 'GET history', status: 400, query: { since: -1 } },
  { operation: 'GET history', status: 403, ...bound },
  { operation: 'GET token', status: 200 },
  { operation: 'GET token', status: 200, ...bound },
  { operation: 'GET token', status: 401, token: '' },
  { operation: 'GET stats', status: 401, token: '' },
  { operation: 'GET config', status: 200 },
  { operation: 'GET config', status: 403, ...bound },
  { operation: 'GET webhooks', status: 200 },
  { operation: 'GET webhooks', status: 403, ...bound },
  { operation: 'POST webhooks/{n}/test', status: 200, parameters: endpoint },
  { operation: 'POST webhooks/{n}/test', status: 403, parameters: endpoint, ...reader },
  { operation: 'POST webhooks/{n}/test', status: 404, parameters: noEndpoint },
  { operation: 'POST webhooks/{n}/replay', status: 400, parameters: endpoint, body: { ...typo, ...replay } },
  { operation: 'POST webhooks/{n}/replay', status: 403, parameters: endpoint, body: replay, ...reader },
  { operation: 'POST webhooks/{n}/replay', status: 404, parameters: endpoint, body: replay },
  { operation: 'POST webhooks/{n}/replay', status: 413, parameters: endpoint, body: { event: long.data } },
  { operation: 'GET events', status: 400, query: typo },
  { operation: 'GET clients/{id}', status: 400, parameters: ann, query: typo },
  { operation: 'DELETE clients/{id}', status: 400, parameters: ann, query: typo },
  { operation: 'DELETE clients/{id}', status: 413, parameters: ann, body: long },
  { operation: 'POST clients/{id}/messages', status: 400, parameters: ann, body: {} },
  { operation: 'POST clients/{id}/messages', status: 403, parameters: ann, body: news, ...reader },
  { operation: 'POST clients/{id}/messages', status: 413, parameters: ann, body: long },
  { operation: 'POST rooms', status: 400, body: typo },
  { operation: 'POST rooms', status: 403, ...reader },
  { operation: 'POST rooms', status: 413, body: long },
  { operation: 'GET rooms/{id}', status: 400, parameters: den, query: typo },
  { operation: 'DELETE rooms/{id}', status: 400, parameters: den, query: typo },
  { operation: 'DELETE rooms/{id}', status: 403, parameters: den, ...reader },
  { operation: 'DELETE rooms/{id}/clients/{clientId}', status: 400, parameters: member, query: typo },
  { operation: 'DELETE rooms/{id}/clients/{clientId}', status: 403, parameters: member, ...reader },
  {
    operation: 'DELETE rooms/{id}/clients/{clientId}',
    status: 404,
    parameters: (scene) => ({ ...member(scene), id: 'attic' }),
  },
  { operation: 'POST rooms/{id}/messages', status: 400, parameters: den, body: {} },
  { operation: 'POST rooms/{id}/messages', status: 403, parameters: den, body: news, ...reader },
  { operation: 'POST rooms/{id}/messages', status: 413, parameters: den, body: long },
  { operation: 'POST nodes/{id}/drain', status: 403, parameters: unknownClient, ...reader },
  { operation: 'GET clients', status: 403, query: { realm: 'default' }, ...bound },
  { operation: 'GET clients/{id}', status: 403, parameters: ann, ...bound },
  { operation: 'DELETE clients/{id}', status: 403, parameters: ann, ...bound },
  { operation: 'POST clients/{id}/messages', status: 403, parameters: ann, body: news, ...bound },
  { operation: 'GET rooms', status: 403, query: { realm: 'default' }, ...bound },
  { operation: 'POST rooms', status: 403, body: { realm: 'default' }, ...bound },
  { operation: 'GET rooms/{id}', status: 403, parameters: den, ...bound },
  { operation: 'DELETE rooms/{id}', status: 403, parameters: den, ...bound },
  { operation: 'DELETE rooms/{id}/clients/{clientId}', status: 403, parameters: member, ...bound },
  { operation: 'POST rooms/{id}/messages', status: 403, parameters: den, body: news, ...bound },
  { operation: 'DELETE users/{sub}', status: 403, parameters: user, query: { realm: 'default' }, ...bound },
  { operation: 'GET realms', status: 200, ...bound },
  { operation: 'GET nodes', status: 403, ...bound },
  { operation: 'POST nodes/{id}/drain', status: 403, parameters: unknownClient, ...bound },
  { operation: 'GET stats', status: 403, ...bound },
  { operation: 'GET events', status: 403, query: { realm: 'default' }, ...bound },
];

/** The schema of each query parameter. */
const TYPES: Readonly<Record<string, object>> = {
  limit: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
  cursor: { type: 'string' },
  realm: { type: 'string' },
  protocol: { type: 'string', enum: ['easyrtc', 'peer2peer-connector', 'peerjs', 'virtual'] },
  node: { type: 'string' },
  room: { type: 'string' },
  user: { type: 'string' },
  address: { type: 'string' },
  idPrefix: { type: 'string' },
  figures: { type: 'boolean', default: false },
  types: { type: 'array', items: { type: 'string' } },
  since: { type: 'string' },
  client: { type: 'string' },
};

/** The schemas of query parameters that only one operation has like this. */
const OWN_TYPES: Readonly<Record<string, Record<string, object>>> = {
  'GET /admin/v1/history': { since: { type: 'integer', minimum: 0, default: 0 } },
};

const statusesOf = ({ responses }: Operation): number[] =>
  Object.keys(responses)
    .map(Number)
    .filter((status) => status >= 400);

/** Returns a problem without the names of its rooms and clients. */
const nameless = (problem: unknown): unknown => JSON.parse(JSON.stringify(problem).replace(/\\"[^"]*\\"/g, '…'));

describe('the OpenAPI document', () => {
  let server: ProcessServer;
  let document: ApiDocument;
  let operations: Map<string, Operation>;

  // Uses the built server, because the compiler provides the types for the document.
  async function start(): Promise<void> {
    const tokens = [`olga:operate:${OPERATE_TOKEN}`, `rudi:read:${READ_TOKEN}`, `bo:operate:${BOUND_TOKEN}:acme`];
    server = await ProcessServer.start(['--admin-tokens', ...tokens, '--webhooks', WEBHOOKS]);
  }

  beforeAll(async () => {
    await start();
    document = await ApiDocument.of(server.url);
    operations = document.operations();
  });
  afterAll(() => ProcessServer.killAll());

  const ofAdmin = () => [...operations].filter(([name]) => name.includes(` ${ROOT}`));

  const operationOf = (name: string): Operation => {
    const operation = operations.get(name.replace(' ', ` ${ROOT}`));
    if (!operation) throw new Error(`${name} is not in the document`);
    return operation;
  };

  const parametersOf = (): [string, DocumentedParameter][] =>
    ofAdmin().flatMap(([name, { parameters = [] }]) =>
      parameters.map((one): [string, DocumentedParameter] => [name, one]),
    );

  it('gives each operation a unique name', () => {
    const ids = [...operations.values()].map(({ operationId }) => operationId);
    expect(ids.every((id) => typeof id === 'string' && id !== '')).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('lists exactly the routes of the admin API', async () => {
    const inProcess = await startAdminServer();
    interface Layer {
      readonly route?: { readonly path: string; readonly methods: Record<string, boolean> };
    }
    const { router } = inProcess.app.getHttpAdapter().getInstance() as { router: { stack: readonly Layer[] } };
    await inProcess.close();
    const routes = router.stack
      // The route of all unknown paths is no operation.
      .flatMap(({ route }) => (route?.path.startsWith(ROOT) && !route.path.endsWith('/*path') ? [route] : []))
      .flatMap(({ path, methods }) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
      .map((route) => route.replace(/:(\w+)/g, '{$1}'));
    expect(routes.length).toBeGreaterThan(10);
    expect(
      ofAdmin()
        .map(([name]) => name)
        .sort(),
    ).toEqual(routes.sort());
  });

  it('describes each operation and its need of a token', () => {
    const schemes = document.document.components.securitySchemes ?? {};
    for (const [name, { summary, tags, security = [] }] of ofAdmin()) {
      expect({ name, summary, tags }).toEqual({
        name,
        summary: expect.stringMatching(/\w{3}/) as string,
        tags: expect.arrayContaining([expect.any(String)]) as string[],
      });
      const used = security.flatMap((one) => Object.keys(one)).map((scheme) => schemes[scheme]);
      expect(used).toEqual([expect.objectContaining({ type: 'http', scheme: 'bearer' })]);
    }
  });

  it('describes each response', () => {
    const silent = ofAdmin().flatMap(([name, { responses }]) =>
      Object.entries(responses).flatMap(([status, { description }]) => (description ? [] : [`${name} ${status}`])),
    );
    expect(silent).toEqual([]);
  });

  it('documents the problem of each error response', () => {
    for (const [name, { responses }] of ofAdmin()) {
      const refused = Object.keys(responses).filter((status) => Number(status) >= 400);
      expect({ name, refused }).toEqual({
        name,
        refused: expect.arrayContaining(['401', '403', '404', '429', '500', '503']) as string[],
      });
      for (const status of refused)
        expect(Object.keys(responses[status].content ?? {})).toEqual(['application/problem+json']);
    }
  });

  it('gives a complete example of each problem, with the matching status', () => {
    for (const [, operation] of ofAdmin()) {
      for (const status of statusesOf(operation)) {
        expect(examplesOf(operation, status)).not.toEqual([]);
        for (const example of examplesOf(operation, status) as Problem[]) {
          const kind = example.type.replace('urn:signalbox:problem:', '') as ProblemKind;
          expect(example).toEqual({ ...problemOf(kind, example.detail), status });
        }
      }
    }
  });

  it('has a call in this test for each status that is specific to an operation', () => {
    const called = new Set(CALLS.map(({ operation, status }) => `${operation} ${status}`));
    const examples = ofAdmin().flatMap(([name, operation]) =>
      statusesOf(operation).flatMap((status) =>
        examplesOf(operation, status).map((example) => ({
          key: `${name.replace(ROOT, '')} ${status}`,
          text: JSON.stringify(example),
        })),
      ),
    );
    const isOfAll = (text: string) => examples.filter((one) => one.text === text).length === ofAdmin().length;
    // A thousand blocks are made elsewhere.
    const elsewhere = (key: string) => key.endsWith(' 503') || key === 'POST blocks 409';
    const own = examples.filter(({ key, text }) => !isOfAll(text) && !elsewhere(key));
    expect(own.length).toBeGreaterThan(30);
    expect(own.filter(({ key }) => !called.has(key))).toEqual([]);
  });

  it('states the type of each query parameter', () => {
    const inQueries = parametersOf().filter(([, { in: where }]) => where === 'query');
    expect(new Set(inQueries.map(([, { name }]) => name))).toEqual(new Set(Object.keys(TYPES)));
    for (const [operation, { name, schema, required = false }] of inQueries) {
      const expected = OWN_TYPES[operation]?.[name] ?? TYPES[name];
      expect({ operation, name, required, schema }).toMatchObject({ name, required: false, schema: expected });
    }
  });

  it('lists each path parameter', () => {
    for (const [name, { parameters = [] }] of ofAdmin()) {
      const inPath = parameters.filter((parameter) => parameter.in === 'path');
      expect(inPath.map((parameter) => `{${parameter.name}}`)).toEqual(name.match(/\{\w+\}/g) ?? []);
      for (const { required, schema } of inPath)
        expect({ required, schema }).toMatchObject({ required: true, schema: { type: 'string' } });
    }
  });

  it('describes each parameter', () => {
    const silent = parametersOf().filter(([, { description = '' }]) => description === '');
    expect(silent.map(([operation, { name }]) => `${operation}: ${name}`)).toEqual([]);
  });

  it('has a successful and a failing call in this test for each operation', () => {
    const called = (isMeant: (status: number) => boolean) =>
      new Set(CALLS.filter(({ status }) => isMeant(status)).map(({ operation }) => operation.replace(' ', ` ${ROOT}`)));
    const all = new Set(ofAdmin().map(([name]) => name));
    expect(called((status) => status >= 400)).toEqual(all);
    const apart = [`GET ${ROOT}events`, `POST ${ROOT}webhooks/{n}/replay`];
    expect(new Set([...called((status) => status < 400), ...apart])).toEqual(all);
  });

  describe('and the server agree on', () => {
    let scene: Scene;
    let peer: PeerJsSocket;

    beforeEach(async () => {
      const [first, second] = await ConnectorClient.connectMany(2, server.wsUrl);
      peer = await PeerJsSocket.open(server.wsUrl, 'pia');
      const caller = await EasyRtcClient.login(server.url, { applicationName: 'default' });
      await makeRoom('den', first, second);
      const api = new AdminApi(server.url, OPERATE_TOKEN);
      const { body } = await api.get<NodeList>('nodes');
      const { id: block } = (await api.post<MadeBlock>('blocks', { user: 'mallory', seconds: 60 })).body;
      scene = { ann: first.id, bob: second.id, caller: caller.id, node: body.items[0].name, block };
    });
    afterEach(async () => {
      EasyRtcClient.closeAll();
      await Promise.all([ConnectorClient.closeAll(), peer.close()]);
      const api = new AdminApi(server.url, OPERATE_TOKEN);
      await until(async () => (await api.get<{ clients: number }>('stats')).body.clients === 0);
      if ((await api.get<NodeList>('nodes')).body.items[0].isDraining) {
        await server.stop();
        await start();
      }
    });

    it.each(CALLS.map((call) => [`${call.operation}: ${call.status}`, call] as const))('%s', async (_, call) => {
      const { operation: name, parameters, query, body, token = OPERATE_TOKEN } = call;
      const operation = operationOf(name);
      const [method, template] = name.split(' ');
      const values = parameters?.(scene) ?? {};
      const path = template.replace(/\{(\w+)\}/g, (__, parameter: string) => encodeURIComponent(values[parameter]));
      if (call.status < 400) {
        expect(document.errorsOfRequest(operation, body)).toEqual([]);
        for (const parameter of Object.keys(query ?? {})) {
          expect(operation.parameters?.map((one) => one.name)).toContain(parameter);
        }
      }
      const answer = await new AdminApi(server.url, token).request(method, path, { query, body });
      expect({ status: answer.status, body: answer.body }).toMatchObject({ status: call.status });
      expect(document.differences(operation, answer.status, answer.type, answer.body)).toEqual([]);
      if (call.status >= 400)
        expect(examplesOf(operation, call.status).map(nameless)).toContainEqual(nameless(answer.body));
    });

    it('GET events: 200', async () => {
      const abort = new AbortController();
      const response = await new AdminApi(server.url, READ_TOKEN).fetch('GET', 'events', {}, abort.signal);
      const { content = {} } = operationOf('GET events').responses[String(response.status)];
      expect(Object.keys(content)).toEqual([response.headers.get('content-type')?.split(';')[0]]);
      abort.abort();
    });

    it('POST webhooks/{n}/replay: 200', async () => {
      const events = await EventStream.connect(new AdminApi(server.url, READ_TOKEN), { since: 'the-beginning' });
      let found = await events.next();
      while (found.event !== 'client.connected') found = await events.next();
      events.close();
      const operation = operationOf('POST webhooks/{n}/replay');
      const answer = await new AdminApi(server.url, OPERATE_TOKEN).post('webhooks/0/replay', { event: found.id });
      expect(answer.status).toBe(200);
      expect(document.differences(operation, answer.status, answer.type, answer.body)).toEqual([]);
    });

    it('only what conforms: the comparison detects differences', () => {
      const differences = (type: string, body: unknown, status = 200) =>
        document.differences(operationOf('GET realms'), status, type, body);
      const good = { realm: 'a', clients: 1, rooms: 1 };
      expect(differences('application/json', { items: [good], total: 1 })).toEqual([]);
      for (const items of [null, {}, [{ ...good, more: 1 }], [{ realm: 'a' }], [{ ...good, clients: '1' }], [null]]) {
        expect(differences('application/json', { items, total: 1 })).not.toEqual([]);
      }
      expect(differences('application/json', { items: [], total: 0, more: 1 })).not.toEqual([]);
      expect(differences('text/plain', 'text')).not.toEqual([]);
      expect(differences('application/json', { items: [], total: 0 }, 418)).not.toEqual([]);
    });
  });
});
