import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ApiDocument, examplesOf, type Operation } from '../../support/api-document.js';
import { ProcessServer } from '../../support/process-server.js';

const REDOCLY = join(import.meta.dirname, '../../../node_modules/@redocly/cli/bin/cli.js');
const LINT_TIMEOUT_MS = 60_000;

interface LintReport {
  readonly totals: { readonly errors: number; readonly warnings: number };
  readonly problems: readonly { readonly ruleId: string; readonly message: string }[];
}

/** Lints a document with Redocly's recommended rules, without telemetry. */
async function lint(document: unknown): Promise<LintReport> {
  const folder = await mkdtemp(join(tmpdir(), 'openapi-'));
  try {
    const file = join(folder, 'openapi.json');
    await writeFile(file, JSON.stringify(document));
    const args = [REDOCLY, 'lint', '--extends=recommended', '--format=json', file];
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    const options = { env, cwd: folder, timeout: LINT_TIMEOUT_MS };
    // The linter exits with 1 if it finds problems; execFile then rejects with an error that carries the report.
    const { stdout } = await promisify(execFile)(process.execPath, args, options).catch((error: unknown) => {
      const { stdout = '' } = error as { stdout?: string };
      if (stdout !== '') return { stdout };
      throw error;
    });
    return JSON.parse(stdout) as LintReport;
  } finally {
    await rm(folder, { recursive: true });
  }
}

// Uses the built server, because the compiler provides the types for the document.
describe('the OpenAPI document of a server without tokens', () => {
  let server: ProcessServer;
  let document: ApiDocument;

  beforeAll(async () => {
    // In production the server generates no token.
    server = await ProcessServer.start([], { NODE_ENV: 'production' });
    document = await ApiDocument.of(server.url);
  });
  afterAll(() => ProcessServer.killAll());

  const operationOf = (name: string): Operation => {
    const operation = document.operations().get(name);
    if (!operation) throw new Error(`${name} is not in the document`);
    return operation;
  };

  it(
    'passes the linter',
    async () => {
      const { totals, problems } = await lint(document.document);
      expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
      expect(totals).toMatchObject({ errors: 0, warnings: 0 });
    },
    LINT_TIMEOUT_MS,
  );

  it(
    'fails the linter with an empty list of servers',
    async () => {
      const { totals } = await lint({ ...document.document, servers: [] });
      expect(totals.errors).toBe(1);
    },
    LINT_TIMEOUT_MS,
  );

  it.each([
    ['GET /admin/v1/stats', '/admin/v1/stats', 404],
    ['GET /{key}/id', '/unknown/id', 401],
    ['GET /{key}/peers', '/unknown/peers', 401],
    ['GET /{key}/peers', '/peerjs/peers', 401],
    ['GET /{key}/ice-servers', '/unknown/ice-servers', 401],
    ['GET /turn/credentials', '/turn/credentials', 400],
    ['GET /turn/credentials', '/turn/credentials?service=turn', 404],
  ])('gives an example of the error response of %s: %s', async (name, path, status) => {
    const response = await fetch(server.url + path);
    const text = await response.text();
    const type = response.headers.get('content-type')?.split(';')[0] ?? '';
    const operation = operationOf(name);
    expect(response.status).toBe(status);
    expect(Object.keys(operation.responses[String(status)].content ?? {})).toEqual([type]);
    expect(examplesOf(operation, status)).toContainEqual(type === 'text/plain' ? text : JSON.parse(text));
  });

  it.each(['GET /{key}/peers', 'GET /{key}/ice-servers', 'GET /ice-servers', 'GET /turn/credentials'])(
    'describes the token and the refusals of %s',
    (name) => {
      const { security, parameters = [], responses } = operationOf(name);
      expect(security).toEqual(expect.arrayContaining([{ client: [] }, {}]));
      const schemes = document.document.components.securitySchemes ?? {};
      expect(schemes.client).toMatchObject({ type: 'http', scheme: 'bearer' });
      expect(parameters.find((one) => one.name === 'access_token')).toMatchObject({ in: 'query', required: false });
      expect(responses['401']).toMatchObject({ headers: { 'WWW-Authenticate': { schema: { example: 'Bearer' } } } });
      for (const status of ['403', '429']) expect(responses[status].description).toMatch(/\w/);
    },
  );

  it('is hidden from other machines, like Swagger UI', async () => {
    for (const path of ['/docs', '/docs-json', '/docs-async.json']) {
      // Requests with a proxy header do not count as local.
      const strangers = await fetch(server.url + path, { headers: { 'X-Forwarded-For': '203.0.113.9' } });
      expect([path, strangers.status, (await fetch(server.url + path)).status]).toEqual([path, 404, 200]);
    }
  });

  it('has the version of the package, an introduction and a description for each tag', () => {
    const { info, tags } = document.document as unknown as {
      info: { title: string; version: string; description: string };
      tags: { name: string; description: string }[];
    };
    expect(info).toMatchObject({
      title: 'Signalbox HTTP API',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
    });
    expect(info.description).toContain('adminTokens');
    const used = [...document.operations().values()].flatMap((operation) => operation.tags ?? []);
    const described = tags.filter(({ description }) => description !== '').map(({ name }) => name);
    expect(described).toEqual(expect.arrayContaining([...new Set(used)]));
  });

  it('lets Swagger UI keep the token over a reload', async () => {
    const script = await (await fetch(`${server.url}/docs/swagger-ui-init.js`)).text();
    expect(script).toMatch(/"persistAuthorization": true/);
    expect(await (await fetch(`${server.url}/docs`)).text()).toContain('<title>Signalbox HTTP API</title>');
  });

  it('gives an example of a rejected request for the metrics', async () => {
    // Requests with a proxy header do not count as local.
    const response = await fetch(`${server.url}/metrics`, { headers: { 'X-Forwarded-For': '203.0.113.9' } });
    expect(response.status).toBe(403);
    expect(examplesOf(operationOf('GET /metrics'), 403)).toEqual([await response.json()]);
  });

  it.each(['/', '/health/live', '/health/ready'])('documents that %s rejects malformed requests', async (path) => {
    const headers = { 'X-Long': 'x'.repeat(100_000) };
    const status = await new Promise((resolve, reject) => {
      get(server.url + path, { headers }, (response) => resolve(response.resume().statusCode)).on('error', reject);
    });
    expect(status).toBe(431);
    expect(operationOf(`GET ${path}`).responses['4XX'].description).toContain('431');
  });
});
