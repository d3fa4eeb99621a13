import type { Socket } from 'socket.io-client';
import { authentication, fields, rooms } from './easyrtc-client.js';
import { Random } from './random.js';

const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', 'length'];
const EVENTS = ['easyrtccmd', 'message', 'easyrtcHttp', '', ...NAMES];
const TEXTS = ['', 'default', 'a b', '../..', '\u0000', 'ä€😀', 'x'.repeat(33), 'y'.repeat(5000), ...NAMES];
const POLLUTING = ['{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}'];
/** Invalid frames of socket.io. The server may end the connection after them. */
const FRAMES = [
  '42',
  '42[',
  '42[null]',
  '42["disconnect"]',
  '43[]',
  '431["x"]',
  '44"x"',
  '451-[1]',
  '49',
  '41',
  '5',
  'b',
];

/** Generates valid EasyRTC messages with an error in each, always the same ones for the same seed. */
export class Mutations {
  private readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  /**
   * Sends a mutated message.
   * @returns whether the server may end the connection because of it and ignore later messages
   */
  send(socket: Socket, ids: readonly string[]): boolean {
    if (this.random.oneIn(400)) {
      socket.io.engine.write(this.random.pick(FRAMES));
      return true;
    }
    const isLogin = this.random.oneIn(50);
    const event = isLogin ? 'easyrtcAuth' : this.random.oneIn(3) ? 'easyrtcMsg' : 'easyrtcCmd';
    let packet: unknown = { targetEasyrtcid: this.random.pick(ids), ...this.random.pick(VALID[event]) };
    for (let count = 1 + this.random.below(3); count > 0; count--) packet = this.mutated(packet, 0);
    const args = this.random.oneIn(50) ? [] : [packet];
    if (this.random.oneIn(50)) args.push(this.junk());
    if (!this.random.oneIn(20)) args.push(() => undefined);
    socket.emit(this.random.oneIn(50) ? this.random.pick(EVENTS) : event, ...args);
    return isLogin;
  }

  /** Returns a copy with one value changed at some depth. */
  private mutated(value: unknown, depth: number): unknown {
    if (typeof value !== 'object' || value === null || Buffer.isBuffer(value) || (depth > 0 && this.random.oneIn(4))) {
      return this.junk();
    }
    const entries = Object.entries(value);
    const at = this.random.below(entries.length);
    const chance = this.random.next();
    if (entries.length === 0 || chance < 0.1) entries.push([this.random.pick(TEXTS), this.junk()]);
    else if (chance < 0.25) entries.splice(at, 1);
    else if (chance < 0.4) entries[at] = [this.random.pick(TEXTS), entries[at][1]];
    else entries[at] = [entries[at][0], this.mutated(entries[at][1], depth + 1)];
    // Unlike an assignment, this creates a property of any name, even `__proto__`.
    return Array.isArray(value) ? entries.map(([, item]) => item as unknown) : Object.fromEntries(entries);
  }

  private junk(): unknown {
    const makers = [
      () => null,
      () => undefined,
      () => this.random.below(100) - 50,
      () => this.random.oneIn(2),
      () => this.random.pick(TEXTS),
      () => [],
      () => [this.junk(), this.junk()],
      () => ({}),
      () => Object.fromEntries([[this.random.pick(TEXTS), this.junk()]]),
      () => rooms(this.random.pick(TEXTS)),
      () => Buffer.from(this.random.pick(TEXTS)),
      () => JSON.parse(this.random.pick(POLLUTING)) as unknown,
      () => JSON.parse('['.repeat(300) + ']'.repeat(300)) as unknown,
    ];
    return this.random.pick(makers)();
  }
}

const LOGINS: readonly object[] = [
  {},
  { username: 'u', setPresence: { show: 'chat', status: 's' }, credential: { a: 1 }, easyrtcsid: 's' },
  { roomJoin: { ...rooms('default', 'a'), b: { roomName: 'b', roomParameter: { p: 1 } } }, setUserCfg: {} },
];

const COMMANDS: readonly object[] = [
  { msgType: 'offer', msgData: { sdp: 'v=0', type: 'offer' } },
  { msgType: 'answer', msgData: { sdp: 'v=0', list: [1, { a: null }] } },
  { msgType: 'candidate', msgData: { candidate: 'c', bytes: Buffer.from([1, 2]) } },
  { msgType: 'hangup' },
  { msgType: 'reject' },
  { msgType: 'getIceConfig', msgData: {} },
  { msgType: 'getRoomList' },
  { msgType: 'stillAlive' },
  { msgType: 'roomJoin', msgData: { roomJoin: { ...rooms('a', 'b'), c: { roomName: 'c', roomParameter: {} } } } },
  { msgType: 'roomLeave', msgData: { roomLeave: rooms('a', 'b') } },
  { msgType: 'setRoomApiField', msgData: { setRoomApiField: { roomName: 'default', field: fields({ f: 1, g: {} }) } } },
  { msgType: 'setPresence', msgData: { setPresence: { show: 'away', status: 'x' } } },
  { msgType: 'setUserCfg', msgData: { setUserCfg: { p2pList: { x: {} }, userSettings: { y: 1 } } } },
];

const MESSAGES: readonly object[] = [
  { msgType: 'm', msgData: { a: [1, { b: 'c' }] } },
  { msgType: 'm', msgData: Buffer.from([0, 1, 2]), targetRoom: 'default' },
  { msgType: 'm', msgData: 'x', targetEasyrtcid: undefined, targetRoom: 'default' },
  { msgType: 'm', msgData: '', targetGroup: 'g' },
];

const VALID = { easyrtcAuth: LOGINS.map(authentication), easyrtcCmd: COMMANDS, easyrtcMsg: MESSAGES };
