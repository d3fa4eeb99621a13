/**
 * The load generator, in a process of its own. Arguments: port, scenario as JSON, the server's process id. Prints its
 * findings as JSON. A message that is lost, or comes twice, or out of order, ends it with an error.
 */
import { readFileSync } from 'node:fs';
import { maskedFrame, RawClient } from './raw-client.mjs';

const TICK_US = 10_000;
const PAYLOAD_BYTES = { offer: 2400, candidate: 200 };
const EVENTS = { offer: 'Offer', candidate: 'Candidate' };

const [port, scenarioText, serverPid] = process.argv.slice(2);
const scenario = JSON.parse(scenarioText);
const findings = scenario.kind === 'idle' ? await idle(scenario) : await relay(scenario);
console.log(JSON.stringify(findings));
process.exit(0);

/** Memory of the server for one connection that does nothing. */
async function idle({ connections }) {
  await openAll(100);
  const before = rssBytes();
  const cpuBefore = cpuUs();
  await openAll(connections);
  const cpuUsPerConnect = (cpuUs() - cpuBefore) / connections;
  await new Promise((resolve) => setTimeout(resolve, 3000));
  return { bytesPerConnection: (rssBytes() - before) / connections, cpuUsPerConnect };
}

/** CPU time of the server for one relayed message: pairs with so many messages on their way each. */
async function relay({ pairs, window, message, seconds }) {
  const clients = await openAll(pairs * 2);
  let relayed = 0;
  let failed;
  const until = { stop: false };
  let running = pairs;
  let allStopped;
  const stopped = new Promise((resolve) => (allStopped = resolve));
  for (let i = 0; i < pairs; i++) {
    const [from, to] = [clients[2 * i], clients[2 * i + 1]];
    let sent = 0;
    let received = 0;
    const send = () => {
      if (until.stop) {
        if (--running === 0) allStopped();
        return;
      }
      const frames = Array.from({ length: window }, () => messageFrame(message, to.id, sent++));
      from.socket.write(Buffer.concat(frames));
    };
    to.onFrame = (frame) => {
      const number = numberOf(frame);
      if (number !== received) failed = `message ${number} came where ${received} was due: ${frame.subarray(0, 200)}`;
      received++;
      relayed++;
      if (received === sent) send();
    };
    from.onFrame = (frame) => (failed = `unexpected: ${frame}`);
    send();
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const [start, cpuStart, relayedStart, own] = [performance.now(), cpuUs(), relayed, process.cpuUsage()];
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const [ms, cpu, count] = [performance.now() - start, cpuUs() - cpuStart, relayed - relayedStart];
  const { user, system } = process.cpuUsage(own);
  until.stop = true;
  await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, 2000))]);
  if (running > 0) failed ??= `${running} pairs lost messages`;
  if (failed) throw new Error(failed);
  return { cpuUsPerMessage: cpu / count, perSecond: (count / ms) * 1000, generatorBusy: (user + system) / 1000 / ms };
}

async function openAll(count) {
  const clients = [];
  while (clients.length < count) {
    const batch = Array.from({ length: Math.min(100, count - clients.length) }, () => RawClient.open(Number(port)));
    clients.push(...(await Promise.all(batch)));
  }
  return clients;
}

function messageFrame(kind, to, number) {
  const head = `{"event":"${EVENTS[kind]}","to":"${to}","data":{"n":${number},"text":"`;
  const line = kind === 'offer' ? 'a=rtpmap:111 opus/48000/2\\r\\n' : 'candidate:1 1 udp 2122260223 192.0.2.1 ';
  const size = PAYLOAD_BYTES[kind];
  return maskedFrame(`${head}${line.repeat(Math.ceil(size / line.length)).slice(0, size - (size % line.length))}"}}`);
}

function numberOf(frame) {
  const at = frame.indexOf('"n":') + 4;
  return parseInt(frame.toString('latin1', at, at + 12), 10);
}

/** utime + stime of the server. */
function cpuUs() {
  const stat = readFileSync(`/proc/${serverPid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

function rssBytes() {
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${serverPid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}
