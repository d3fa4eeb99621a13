// Prints what each entry of the package exports.
import * as signalbox from 'signalbox';
import * as admin from 'signalbox/admin';
import * as backplane from 'signalbox/backplane';
import * as monitoring from 'signalbox/monitoring';
import * as peer from 'signalbox/peer';
import * as protocol from 'signalbox/protocol';
import * as testing from 'signalbox/testing';

const entries = { signalbox, admin, backplane, monitoring, peer, protocol, testing };
const names = Object.entries(entries).map(([entry, its]) => [entry, Object.keys(its)]);
process.stdout.write(JSON.stringify(Object.fromEntries(names)));
