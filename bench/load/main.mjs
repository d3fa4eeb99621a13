/**
 * The load generator, in a process of its own. Argument: what to do, as JSON. Prints its findings as JSON. Whatever goes
 * wrong ends it with an error: a message that is lost, comes twice or out of order, too.
 */
import { claims } from './claims.mjs';
import { growth } from './growth.mjs';
import { idle } from './idle.mjs';
import { nodes } from './nodes.mjs';
import { paced, relay } from './relay.mjs';
import { room } from './room.mjs';

const KINDS = { relay, paced, idle, room, growth, nodes, claims };

const { kind, ...parameters } = JSON.parse(process.argv[2]);
console.log(JSON.stringify(await KINDS[kind](parameters)));
process.exit(0);
