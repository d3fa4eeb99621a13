import { writeFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { WebSocket } from 'ws';
import { becomes } from '../../support/becomes.js';
import { type CertificateFiles, createCertificate, writeCertificate } from '../../support/certificates.js';
import { freePort } from '../../support/ports.js';
import { ProcessServer } from '../../support/process-server.js';
import { atTeardown } from '../../support/teardown.js';

const SOCKETS = 1000;
/** Sockets that are opened at a time. */
const AT_ONCE = 50;

/** Time within which a certificate on disk is served. */
const WITHIN_MS = 5000;
const PAUSE_MS = 20;

const REFUSED = 'reload refused, nothing has changed';

/** Makes a TLS handshake. Returns the name in the certificate that the server serves. */
function servedName(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      const { subject } = socket.getPeerCertificate();
      socket.destroy();
      resolve(String(subject.CN));
    });
    socket.once('error', reject);
  });
}

async function start(files: CertificateFiles, flags: readonly string[] = []): Promise<ProcessServer> {
  const server = await ProcessServer.start(['--sslkey', files.sslkey, '--sslcert', files.sslcert, ...flags]);
  atTeardown(() => server.stop('SIGKILL'));
  return server;
}

function openSocket(port: number): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`wss://127.0.0.1:${port}`, { rejectUnauthorized: false });
    atTeardown(() => socket.terminate());
    socket.once('error', reject).once('open', () => resolve(socket));
  });
}

async function openSockets(port: number): Promise<WebSocket[]> {
  const sockets: WebSocket[] = [];
  while (sockets.length < SOCKETS) {
    sockets.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => openSocket(port)))));
  }
  return sockets;
}

/** Pings each socket. Returns how many answer. */
async function countAlive(sockets: readonly WebSocket[]): Promise<number> {
  const pongs = sockets.map((socket) => {
    return new Promise<number>((resolve) => {
      socket.once('pong', () => resolve(1)).once('close', () => resolve(0));
      if (socket.readyState === WebSocket.OPEN) socket.ping();
      else resolve(0);
    });
  });
  return (await Promise.all(pongs)).reduce((sum, one) => sum + one, 0);
}

it(`serves a replaced certificate, with ${SOCKETS} sockets untouched and no failed handshake`, async () => {
  const files = createCertificate('old.example');
  const { port } = await start(files);
  const sockets = await openSockets(port);
  const names: string[] = [];
  let isDone = false;
  const handshakes = (async () => {
    while (!isDone) {
      names.push(await servedName(port));
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  })();
  await becomes(() => names.at(-1), 'old.example');
  writeCertificate(files, 'new.example');
  await becomes(() => names.at(-1), 'new.example', WITHIN_MS);
  expect(await countAlive(sockets)).toBe(SOCKETS);
  isDone = true;
  // It would reject for a handshake that has failed.
  await handshakes;
  expect(names.join(' ')).toMatch(/^(old\.example )+new\.example( new\.example)*$/);
});

it('serves a replaced certificate on the admin port, too', async () => {
  const files = createCertificate('old.example');
  const adminPort = await freePort();
  await start(files, ['--admin-port', String(adminPort)]);
  expect(await servedName(adminPort)).toBe('old.example');
  writeCertificate(files, 'new.example');
  await becomes(() => servedName(adminPort), 'new.example', WITHIN_MS);
});

describe('a bad certificate on disk is refused, and the former one served:', () => {
  it.each<[string, (files: CertificateFiles) => void, RegExp]>([
    ['no certificate', ({ sslcert }) => writeFileSync(sslcert, 'words'), /^sslcert \(.*\) is not a certificate in PEM/],
    ['no key', ({ sslkey }) => writeFileSync(sslkey, 'words'), /^sslkey \(.*\) is not a private key in PEM/],
    [
      'the certificate of another key',
      ({ sslkey, sslcert }) => writeCertificate({ sslkey: `${sslkey}.other`, sslcert }, 'new.example'),
      /^sslkey \(.*\) is not the private key of the certificate in sslcert/,
    ],
    [
      'a certificate that has expired',
      (files) => writeCertificate(files, 'new.example', -1),
      /^sslcert \(.*\) holds a certificate that has expired$/,
    ],
  ])('%s', async (_, spoil, problem) => {
    const files = createCertificate('old.example');
    const server = await start(files);
    spoil(files);
    const { level, problems } = await server.line(REFUSED);
    expect({ level, problems }).toEqual({ level: 50, problems: [expect.stringMatching(problem)] });
    expect(await servedName(server.port)).toBe('old.example');
    // The next good one is served.
    writeCertificate(files, 'new.example');
    await becomes(() => servedName(server.port), 'new.example', WITHIN_MS);
  });
});

it('starts with a certificate that has expired, and warns', async () => {
  const files = createCertificate('old.example');
  writeCertificate(files, 'old.example', -1);
  const server = await start(files);
  expect(await server.line('the certificate has expired')).toMatchObject({ level: 40, sslcert: files.sslcert });
});

it('refuses to turn TLS off while the server runs', async () => {
  const files = createCertificate('old.example');
  const folder = files.sslkey.replace(/key\.pem$/, '');
  const config = `${folder}signalbox.yaml`;
  writeFileSync(config, JSON.stringify(files));
  const server = await ProcessServer.start(['--config', config]);
  atTeardown(() => server.stop('SIGKILL'));
  writeFileSync(config, '');
  process.kill(server.pid, 'SIGHUP');
  const { problems } = await server.line(REFUSED);
  expect(problems).toEqual(['sslkey turns TLS on or off, which needs a restart']);
  expect(await servedName(server.port)).toBe('old.example');
});
