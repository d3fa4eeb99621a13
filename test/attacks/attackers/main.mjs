import { setPriority } from 'node:os';
import * as requests from './requests.mjs';
import * as sockets from './sockets.mjs';

// node main.mjs NAME PORT SECONDS: runs one attack, and prints its counts as JSON.

const [name, port, seconds] = process.argv.slice(2);
const attack = { ...requests, ...sockets }[name];
if (!attack) throw new Error(`no attack is called ${name}`);

// Low priority leaves the processor to the server, which is measured.
setPriority(19);

const target = { host: '127.0.0.1', port: Number(port), until: performance.now() + Number(seconds) * 1000, count: {} };
await Promise.race([attack(target), new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000 + 2000))]);
process.stdout.write(`${JSON.stringify(target.count)}\n`);
process.exit(0);
