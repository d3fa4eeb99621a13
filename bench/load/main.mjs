/**
 * The load generator, a process of its own. Takes its parameters as a JSON argument and prints its findings as JSON.
 * Any error, also a lost, duplicated or reordered message, ends it.
 */
import { claims } from './claims.mjs';
import { crowd } from './crowd.mjs';
import { growth } from './growth.mjs';
import { idle } from './idle.mjs';
import { nodes } from './nodes.mjs';
import { paced, relay } from './relay.mjs';
import { room } from './room.mjs';

const KINDS = { relay, paced, idle, room, growth, nodes, claims, crowd };

const { kind, ...parameters } = JSON.parse(process.argv[2]);
console.log(JSON.stringify(await KINDS[kind](parameters)));
process.exit(0);
