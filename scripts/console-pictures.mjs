// Takes the pictures of docs/console.md: starts the built server with a crowd of clients, and opens the console in
// Chromium. The lines of the last 15 minutes are made up, because nobody wants to wait for them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { WebSocket } from 'ws';

const ROOT = resolve(import.meta.dirname, '..');
const PORT = Number(process.env.PORT ?? 9321);
const TOKEN = 'a-token-for-the-pictures-alone';
const NODE = 'web-1';
const ROOMS = ['lobby', 'standup', 'support', 'music', 'chess'];
const SAMPLES = 180;
const INTERVAL_SECONDS = 5;

const PICTURES = [
  ['overview', '#/overview', { width: 1280, height: 800 }, 'light'],
  ['clients', '#/clients', { width: 1280, height: 640 }, 'dark'],
  ['live', '#/live', { width: 1280, height: 640 }, 'light'],
  ['phone', '#/rooms/default/lobby', { width: 375, height: 812 }, 'dark'],
];

const server = spawn(
  process.execPath,
  [join(ROOT, 'dist/main.js'), '--port', String(PORT), '--host', '127.0.0.1', '--node-name', NODE],
  { env: { ...process.env, SIGNALBOX_ADMIN_TOKENS: `olga:operate:${TOKEN}` }, stdio: ['ignore', 'pipe', 'inherit'] },
);
try {
  await once(server.stdout, 'data');
  server.stdout.resume();
  const timer = await crowd();
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  for (const [name, hash, viewport, colorScheme] of PICTURES) await take(browser, name, hash, viewport, colorScheme);
  await browser.close();
  clearInterval(timer);
} finally {
  server.kill();
}
process.exit();

async function take(browser, name, hash, viewport, colorScheme) {
  const page = await browser.newPage({ viewport, colorScheme });
  await page.route('**/admin/v1/history*', (route) => route.fulfill({ json: history() }));
  await page.goto(`http://127.0.0.1:${PORT}/console${hash}`);
  await page.getByLabel('Admin token').fill(TOKEN);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('Live', { exact: true }).first().waitFor();
  await page.waitForTimeout(11_000);
  await page.screenshot({ path: join(ROOT, `docs/images/console-${name}.png`) });
  await page.close();
}

/** Connects clients, some of which come and go. */
async function crowd() {
  const base = `ws://127.0.0.1:${PORT}`;
  for (const [place, room] of ROOMS.entries()) {
    for (let number = 0; number < 6; number++) {
      const socket = new WebSocket(base);
      await once(socket, 'message');
      socket.send(JSON.stringify({ event: number === 0 ? 'Create_Room' : 'Join_Room', data: { room } }));
      const message = JSON.stringify({ event: 'Message', room, data: 'hello' });
      setInterval(() => socket.send(message), 700 + 300 * place);
    }
  }
  const visit = (number) => {
    const id = ['anna', 'ben', 'carl', 'dora', 'emil', 'fay'][number % 6];
    return new WebSocket(`${base}/peerjs?key=peerjs&id=${id}-${number}&token=${number}`);
  };
  for (let number = 0; number < 12; number++) await once(visit(number), 'message');
  let next = 12;
  return setInterval(() => {
    const socket = visit(next++);
    socket.on('open', () => setTimeout(() => socket.close(), 5000));
  }, 1500);
}

function history() {
  const now = Math.floor(Date.now() / 1000 / INTERVAL_SECONDS) * INTERVAL_SECONDS;
  const column = (value) => Array.from({ length: SAMPLES }, (_, at) => value(at));
  const wave = (base, swing, period) => column((at) => base + swing * Math.sin(at / period) + swing * 0.3 * noise(at));
  const counts = (...shape) => wave(...shape).map((value) => Math.max(0, Math.round(value)));
  const node = {
    name: NODE,
    time: column((at) => now - (SAMPLES - 1 - at) * INTERVAL_SECONDS),
    connects: counts(14, 6, 17),
    disconnects: {
      'closed by client': counts(11, 5, 17),
      'connection lost': counts(2, 2, 9),
      'too slow': counts(0, 1, 5),
    },
    refusals: { 401: counts(1, 1, 7), 429: column((at) => (at > 100 && at < 112 ? 40 + 10 * noise(at) : 0)) },
    framesIn: counts(2100, 500, 23),
    framesOut: counts(2600, 700, 23),
    handlingP99Ms: wave(0.4, 0.1, 11),
    eventLoopDelayP99Ms: wave(22, 1.5, 8),
    rssBytes: column((at) => 118e6 + 90_000 * at + 2e6 * noise(at)),
    clients: counts(42, 4, 17),
    rooms: column(() => ROOMS.length),
    backplaneUp: column(() => 1),
  };
  return { intervalSeconds: INTERVAL_SECONDS, next: now, nodes: [node], unreachable: [] };
}

/** Repeatable, from -1 to 1. */
function noise(at) {
  return 2 * ((Math.sin(at * 12.9898) * 43758.5453) % 1);
}
