import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PeerJsSocket, until } from '../support/peerjs-socket.js';
import { freePort } from '../support/ports.js';
import { atTeardown } from '../support/teardown.js';
import { EXPRESS_VERSIONS, IMPORT_LINES } from './programs.js';

const ROOT = resolve(import.meta.dirname, '../..');

const folder = mkdtempSync(join(tmpdir(), 'peer-readme-'));
const [KEY, CERT] = ['key.pem', 'cert.pem'].map((name) => join(folder, name));

/** The examples of the README of npm `peer` 1.0.2, word for word but for the port, the files and the module system. */
const EXAMPLES: Record<string, string> = {
  'a custom server': `
const { PeerServer } = require("peer");
const peerServer = PeerServer({ port: 9000, path: "/myapp" });`,
  HTTPS: `
const fs = require("fs");
const { PeerServer } = require("peer");
const peerServer = PeerServer({
	port: 9000,
	ssl: {
		key: fs.readFileSync("/path/to/your/ssl/key/here.key"),
		cert: fs.readFileSync("/path/to/your/ssl/certificate/here.crt"),
	},
});`,
  'behind a reverse proxy': `
const { PeerServer } = require("peer");
const peerServer = PeerServer({
	port: 9000,
	path: "/myapp",
	proxied: true,
});`,
  'custom ids': `
const { PeerServer } = require("peer");
const customGenerationFunction = () =>
	(Math.random().toString(36) + "0000000000000000000").substr(2, 16);
const peerServer = PeerServer({
	port: 9000,
	path: "/myapp",
	generateClientId: customGenerationFunction,
});`,
};

const IN_EXPRESS: Record<string, string> = {
  'combined with a listening Express program': `
const express = require("express");
const { ExpressPeerServer } = require("peer");
const app = express();
app.get("/", (req, res, next) => res.send("Hello world!"));
const server = app.listen(9000);
const peerServer = ExpressPeerServer(server, {
	path: "/myapp",
});
app.use("/peerjs", peerServer);`,
  'combined with the HTTP server of an Express program': `
const express = require("express");
const { ExpressPeerServer } = require("peer");
const app = express();
app.get("/", (req, res, next) => res.send("Hello world!"));
const http = require("http");
const server = http.createServer(app);
const peerServer = ExpressPeerServer(server, {
	debug: true,
	path: "/myapp",
});
app.use("/peerjs", peerServer);
server.listen(9000);
peerServer.on('connection', (client) => { console.log('connection ' + client.getId()); });
peerServer.on('disconnect', (client) => { console.log('disconnect ' + client.getId()); });`,
  'Google App Engine': `
const express = require("express");
const { ExpressPeerServer } = require("peer");
const app = express();
app.enable("trust proxy");
const PORT = process.env.PORT || 9000;
const server = app.listen(PORT, () => {
	console.log(\`App listening on port \${PORT}\`);
	console.log("Press Ctrl+C to quit.");
});
const peerServer = ExpressPeerServer(server, {
	path: "/",
});
app.use("/", peerServer);
module.exports = app;`,
};

interface Running {
  readonly port: number;
  readonly output: () => string;
}

/** Turns \`require\` into \`import\`. */
function asModule(program: string): string {
  return program
    .replace(/const (\{ \w+ \}) = require\("(.+?)"\);/g, 'import $1 from "$2";')
    .replace(/const (\w+) = require\("(.+?)"\);/g, 'import $1 from "$2";')
    .replace('module.exports =', 'export default');
}

/** Runs a program in a process of its own, in a folder where Node finds this package by its name. */
async function run(program: string, isModule = false): Promise<Running> {
  const port = await freePort();
  const text = program
    .replaceAll('9000', String(port))
    .replace('/path/to/your/ssl/key/here.key', KEY)
    .replace('/path/to/your/ssl/certificate/here.crt', CERT);
  const type = isModule ? 'module' : 'commonjs';
  const code = isModule ? asModule(text) : text;
  const child: ChildProcess = spawn(process.execPath, [`--input-type=${type}`, '--no-warnings', '--eval', code], {
    cwd: ROOT,
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  atTeardown(async () => {
    const exit = once(child, 'exit');
    if (child.exitCode === null && child.kill('SIGKILL')) await exit;
  });
  await until(async () => {
    if (child.exitCode !== null) throw new Error(output);
    return isListening(port);
  });
  return { port, output: () => output };
}

async function isListening(port: number): Promise<boolean> {
  try {
    await PeerJsSocket.connect(`ws://127.0.0.1:${port}`, { mount: '/nothing', handshakeTimeout: 1000 });
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED';
  }
}

async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text();
}

/** Expects a PeerServer at this path: its document, an id, and two clients that find each other. */
async function expectServed({ port }: Running, path: string): Promise<void> {
  const url = `http://127.0.0.1:${port}${path}`;
  expect(JSON.parse(await textOf(url || '/'))).toMatchObject({ name: 'PeerJS Server', website: 'https://peerjs.com/' });
  expect(await textOf(`${url}/peerjs/id`)).toMatch(/^[\da-z-]{16,36}$/);
  const wsUrl = `ws://127.0.0.1:${port}`;
  const [alice, bob] = await Promise.all(['alice', 'bob'].map((id) => PeerJsSocket.open(wsUrl, { id, mount: path })));
  alice.send({ type: 'OFFER', dst: 'bob', payload: 'hello' });
  expect(await bob.next()).toEqual({ type: 'OFFER', src: 'alice', dst: 'bob', payload: 'hello' });
}

beforeAll(() => {
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', KEY];
  execFileSync('openssl', ['req', '-x509', ...curve, '-out', CERT, '-days', '1', '-subj', '/CN=localhost'], {
    stdio: 'pipe',
  });
});

afterAll(() => rmSync(folder, { recursive: true }));

describe.each(IMPORT_LINES)('the examples of the README with %s', (importLine) => {
  const withLine = (program: string): string => program.replace('"peer"', JSON.stringify(importLine));

  it.each([
    ['a custom server', false],
    ['a custom server', true],
    ['behind a reverse proxy', false],
  ])('%s (ES module: %s)', async (name, isModule) => {
    await expectServed(await run(withLine(EXAMPLES[name]), isModule), '/myapp');
  });

  it('HTTPS', async () => {
    const { port } = await run(withLine(EXAMPLES.HTTPS));
    const agent = new Agent({ rejectUnauthorized: false });
    const [response] = (await once(get(`https://127.0.0.1:${port}/peerjs/id`, { agent }), 'response')) as [
      { statusCode: number; resume(): void },
    ];
    response.resume();
    expect(response.statusCode).toBe(200);
    agent.destroy();
  });

  it('custom ids', async () => {
    const running = await run(withLine(EXAMPLES['custom ids']));
    await expectServed(running, '/myapp');
    expect(await textOf(`http://127.0.0.1:${running.port}/myapp/peerjs/id`)).toMatch(/^[\da-z]{16}$/);
  });

  describe.each(EXPRESS_VERSIONS)('%s', (version) => {
    const inVersion = (name: string): string =>
      withLine(IN_EXPRESS[name]).replace('"express"', JSON.stringify(version));

    it('combined with a listening Express program', async () => {
      const running = await run(inVersion('combined with a listening Express program'));
      await expectServed(running, '/peerjs/myapp');
      expect(await textOf(`http://127.0.0.1:${running.port}/`)).toBe('Hello world!');
    });

    it.each([false, true])('combined with the HTTP server of an Express program (ES module: %s)', async (isModule) => {
      const running = await run(inVersion('combined with the HTTP server of an Express program'), isModule);
      expect(await textOf(`http://127.0.0.1:${running.port}/`)).toBe('Hello world!');
      const carol = await PeerJsSocket.open(`ws://127.0.0.1:${running.port}`, { id: 'carol', mount: '/peerjs/myapp' });
      await carol.close();
      await until(() => running.output() === 'connection carol\ndisconnect carol\n');
      await expectServed(running, '/peerjs/myapp');
    });

    it('Google App Engine', async () => {
      const running = await run(inVersion('Google App Engine'));
      await expectServed(running, '');
      expect(running.output()).toBe(`App listening on port ${running.port}\nPress Ctrl+C to quit.\n`);
    });
  });
});
