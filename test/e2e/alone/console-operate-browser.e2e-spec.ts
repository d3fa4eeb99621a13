import type { Browser } from 'playwright-core';
import { type AdminServer, OPERATE_TOKEN, startAdminServer } from '../../support/admin-api.js';
import { becomes } from '../../support/becomes.js';
import { launchBrowser } from '../../support/browser.js';
import { ConsolePage } from '../../support/console-page.js';
import { makeRoom, Visitors } from '../../support/visitors.js';
import { WEBHOOK_SECRET, WebhookReceiver } from '../../support/webhook-receiver.js';

describe('the console, with a token that may operate', () => {
  let browser: Browser;
  let receiver: WebhookReceiver;
  let server: AdminServer;
  let visitors: Visitors;

  beforeAll(async () => {
    browser = await launchBrowser();
    receiver = await WebhookReceiver.start();
    const webhooks = [{ url: receiver.url, secret: WEBHOOK_SECRET, events: ['room.created' as const] }];
    server = await startAdminServer({ webhooks });
    visitors = new Visitors(server, server.api);
  });
  afterEach(() => visitors.leave());
  afterAll(() => browser.close());

  const logIn = () => ConsolePage.logIn(browser, server.url, OPERATE_TOKEN);
  const clients = async () => (await server.api.get<{ clients: number }>('stats')).body.clients;

  it('finds a client by its address and disconnects it with a reason that it hears', async () => {
    const [ann, bob] = await visitors.connectors(2);
    const console = await logIn();
    await console.page.getByRole('searchbox').fill('127.0.0.1');
    await console.button('Search').click();
    await console.row(ann.id).waitFor();
    await console.page.getByRole('link', { name: 'Show all: Clients at this address' }).click();
    await console.page.getByText('2 clients', { exact: true }).waitFor();
    await console.button(`Disconnect ${ann.id}`).click();
    await console.answer('Disconnect', { Reason: 'Please update.' });
    await console.hears('1 client disconnected.');
    expect((await ann.closed).reason).toContain('Please update.');
    await console.row(ann.id).waitFor({ state: 'detached' });
    await console.row(bob.id).waitFor();
    expect(console.problems).toEqual([]);
  });

  it('disconnects the selected clients, and all of an address', async () => {
    const [ann, bob, carl, dora] = await visitors.connectors(4);
    const console = await logIn();
    await console.show('Clients');
    for (const { id } of [ann, bob]) await console.page.getByLabel(`Select ${id}`).check();
    await console.button('Disconnect selected (2)').click();
    await console.answer('Disconnect', { Reason: 'Two of you' });
    await Promise.all([ann.closed, bob.closed]);
    await console.page.getByLabel('Address or range').fill('127.0.0.0/8');
    await console.button('Filter').click();
    await console.button('Disconnect all of address 127.0.0.0/8').click();
    await console.answer('Disconnect');
    await Promise.all([carl.closed, dora.closed]);
    await becomes(clients, 0);
  });

  it('shows a client with its events, follows it, and sends it a message', async () => {
    const [ann, bob] = await visitors.connectors(2);
    await makeRoom('den', ann);
    const console = await logIn();
    await console.go(`#/clients/default/${ann.id}`);
    await console.row('client.connected').waitFor();
    await console.row('room.joined').waitFor();
    await console.button('Message').click();
    await console.answer('Send', { Message: '{"text":"hello"}' });
    await console.hears('Message sent.');
    await ann.next(({ data }) => JSON.stringify(data) === '{"text":"hello"}');
    await console.page.getByLabel('Signals').check();
    await becomes(async () => {
      bob.send({ event: 'Message', to: ann.id, data: 'hello' });
      return (await console.row('signal.relayed').count()) > 0;
    }, true);
    await ann.close();
    await console.row('client.disconnected').waitFor();
    await console.page.getByText('This client is not connected.').waitFor();
    expect(await console.row(bob.id).filter({ hasText: 'client.connected' }).count()).toBe(0);
  });

  it('creates a room, removes a member, sends a message and ends a room', async () => {
    const [ann, bob] = await visitors.connectors(2);
    await makeRoom('den', ann, bob);
    const console = await logIn();
    await console.show('Rooms');
    await console.page.getByRole('link', { name: 'den' }).click();
    await console.button(`Remove ${bob.id}`).click();
    await console.answer('Remove');
    await console.row(bob.id).waitFor({ state: 'detached' });
    await console.button('Message').click();
    await console.answer('Send', { Message: 'to all' });
    await ann.next(({ data }) => data === 'to all');
    await console.button('End').click();
    await console.answer('End');
    await console.page.getByText('This room does not exist.').waitFor();
    expect((await server.api.get(['rooms', 'den'])).status).toBe(404);

    await console.show('Rooms');
    await console.button('Create a room').click();
    await console.answer('Create', { Id: 'hall', Name: 'The hall' });
    await console.page.getByRole('heading', { level: 1, name: 'hall' }).waitFor();
    expect((await server.api.get(['rooms', 'hall'])).body).toMatchObject({ name: 'The hall', isPermanent: true });
  });

  it('blocks the address of a client for a time, and unblocks it', async () => {
    const ann = await visitors.connector();
    const console = await logIn();
    await console.go(`#/clients/default/${ann.id}`);
    await console.button('Block address').click();
    // The address that the field has is that of the browser, too.
    await console.answer('Block', { 'Address or range': '203.0.113.9', For: '10 minutes', Reason: 'spam' });
    await console.hears('203.0.113.9 is blocked, 0 clients disconnected.');
    await console.show('Blocks');
    await console.row('203.0.113.9').filter({ hasText: 'spam' }).waitFor();
    await console.page.getByText('1 block', { exact: true }).waitFor();
    await console.button('Unblock 203.0.113.9').click();
    await console.answer('Unblock');
    await console.page.getByText('Nothing is blocked.').waitFor();
    expect((await server.api.get('blocks')).body).toMatchObject({ items: [] });
  });

  it('drains and undrains a node, says so in its top bar, and sets its log level', async () => {
    const console = await logIn();
    const state = console.page.locator('#state');
    await console.show('Nodes');
    await console.button('Drain node-1').click();
    await console.answer('Drain');
    await state.filter({ hasText: 'Not ready: node-1: draining' }).waitFor();
    await console.show('Overview');
    await console.page.getByRole('link', { name: 'Node node-1 drains, and refuses new clients.' }).click();
    await console.button('Undrain node-1').click();
    await console.answer('Undrain');
    await state.filter({ hasText: /^Live$/ }).waitFor();
    await console.button('Log level of node-1').click();
    await console.answer('Set', { 'Log level': 'debug' });
    await console.hears('node-1 logs debug and above.');
    await console.row('node-1').filter({ hasText: 'debug' }).waitFor();
    await server.api.put(['nodes', 'node-1', 'log-level'], { level: 'silent' });
  });

  it('shows events as they happen, filtered, until it is paused', async () => {
    const console = await logIn();
    await console.show('Live');
    await console.page.getByText(/^Live\. /).waitFor();
    await server.api.post('rooms', { id: 'first' });
    await console.row('first').waitFor();
    await console.page.getByLabel('Contains').fill('other');
    await console.button('Filter').click();
    await console.button('Pause').click();
    await server.api.post('rooms', { id: 'other-room' });
    await console.page.getByText('Paused, 1 since then').waitFor();
    expect(await console.row('other-room').count()).toBe(0);
    await console.button('Pause').click();
    await server.api.post('rooms', { id: 'room-of-nobody' });
    await server.api.post('rooms', { id: 'another' });
    await console.row('another').waitFor();
    expect(await console.row('room-of-nobody').count()).toBe(0);
  });

  it('tests a webhook, and replays an event to it', async () => {
    const console = await logIn();
    await console.show('Live');
    await console.page.getByText(/^Live\. /).waitFor();
    await server.api.post('rooms', { id: 'replayed' });
    await becomes(() => receiver.events.filter(({ room }) => room === 'replayed').length, 1);
    const row = console.row('room.created').filter({ hasText: 'replayed' });
    await row.getByText('All', { exact: true }).click();
    await row.getByRole('button', { name: 'Replay to a webhook' }).click();
    await console.answer('Replay', { Endpoint: '0' });
    await console.hears('Delivered: status 204');
    await becomes(() => receiver.events.filter(({ room }) => room === 'replayed').length, 2);

    await console.show('Webhooks');
    await console.row('delivering').waitFor();
    await console.button(/^Test /).click();
    await console.answer('Test');
    await becomes(() => receiver.events.filter(({ type }) => type === 'webhook.test').length, 1);
    await console.button(/^Replay an event to /).click();
    await console.answer('Replay', { 'Id of the event': 'none' });
    await console.page.getByRole('dialog').getByRole('alert').filter({ hasText: 'no such event' }).waitFor();
  });
});
