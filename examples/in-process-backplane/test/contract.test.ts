import { describe, it } from 'node:test';
import { describeContracts } from 'signalbox/testing';
import { Hub } from '../src/hub.js';
import { HubNode } from '../src/hub-node.js';

describeContracts({ describe, it }, (config) => {
  const hub = new Hub();
  const [a, b] = [new HubNode(hub, 'a', config), new HubNode(hub, 'b', config)];
  const close = async (): Promise<void> => {
    await a.stop();
    await b.stop();
  };
  return Promise.resolve({ a, b, close });
});
