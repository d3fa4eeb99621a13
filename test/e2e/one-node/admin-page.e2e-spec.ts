import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROBLEMS } from '../../../src/admin/problem.js';
import { type AdminServer, OPERATE_TOKEN, startAdminServer } from '../../support/admin-api.js';
import { ConnectorClient } from '../../support/connector-client.js';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/admin.md'), 'utf8');
const ROUTES = readFileSync(join(import.meta.dirname, '../../../src/admin/admin.module.ts'), 'utf8');

/** The variables of the page come first. */
const [VARIABLES, ...SNIPPETS] = [...PAGE.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, snippet]) => snippet);
const COMMANDS = SNIPPETS.flatMap((snippet) => snippet.replaceAll('\\\n', ' ').trim().split('\n'));

let server: AdminServer;

beforeAll(async () => {
  server = await startAdminServer();
});
afterAll(async () => {
  await ConnectorClient.closeAll();
  await server.close();
});

/** Runs a command of the page against the server. A stream without an end is cut. */
async function run(command: string, variables: Record<string, string>): Promise<string> {
  const own = VARIABLES.replace('http://localhost:9000', server.url).replace('a-long-random-secret', OPERATE_TOKEN);
  const isEndless = command.includes(' -N ');
  const line = isEndless ? `${command.replace('curl ', 'curl --max-time 1 ')} || [ $? = 28 ]` : command;
  const env = { ...process.env, ...variables };
  return (await promisify(execFile)('bash', ['-euc', `${own}\n${line}`], { env })).stdout;
}

it.each(COMMANDS)('docs/admin.md: %s', async (command) => {
  const client = await ConnectorClient.connect(server.wsUrl);
  const block = await server.api.post<{ id: string }>('blocks', { user: 'eve', seconds: 60 });
  const text = await run(command, { CLIENT: client.id, NODE: 'node-1', BLOCK: block.body.id });
  if (text !== '' && !command.includes(' -N ')) expect(JSON.parse(text)).toEqual(expect.any(Object));
  await server.api.post(['nodes', 'node-1', 'undrain']);
  await server.api.put(['nodes', 'node-1', 'log-level'], { level: 'silent' });
});

it('docs/admin.md names all kinds of problems, with their status', () => {
  for (const [kind, [status]] of Object.entries(PROBLEMS)) {
    expect(PAGE).toMatch(new RegExp(`^\\| ${status} +\\|[^|]*\`${kind}\``, 'm'));
  }
});

it('docs/admin.md has a command for each resource', () => {
  const resources = [...ROUTES.matchAll(/^ {4}Admin(\w+)Controller,$/gm)].map(([, name]) => name.toLowerCase());
  const named = new Set(COMMANDS.flatMap((command) => /\$API\/(\w+)/.exec(command)?.[1] ?? []));
  expect([...named].sort()).toEqual(resources.filter((name) => name !== 'unknownpaths').sort());
});
