import type { Browser, Locator, Page } from 'playwright-core';
import type { ClientPage } from '../../../src/admin/client.dto.js';
import { type AdminServer, OPERATE_TOKEN, READ_TOKEN, startAdminServer } from '../../support/admin-api.js';
import { launchBrowser } from '../../support/browser.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { PATIENCE_MS } from '../../support/patience.js';

/** An operation on the page, by its method and path. */
interface Operation {
  readonly method: string;
  readonly path: string;
}

const LIST: Operation = { method: 'get', path: '/admin/v1/clients' };
const REMOVE: Operation = { method: 'delete', path: '/admin/v1/clients/{id}' };

describe('Swagger UI', () => {
  let server: AdminServer;
  let browser: Browser;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    server = await startAdminServer();
    browser = await launchBrowser();
  });

  afterAll(() => browser.close());
  afterAll(() => server.close());

  beforeEach(async () => {
    problems = [];
    const context = await browser.newContext({ viewport: { width: 1280, height: 1600 } });
    page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('requestfailed', (request) => problems.push(`${request.url()} failed`));
    page.on('response', (response) => {
      // The tests check the answers of the API themselves.
      if (response.status() >= 400 && !response.url().includes('/admin/')) problems.push(response.url());
    });
    await page.goto(`${server.url}/docs`);
    await page.locator('.opblock').first().waitFor();
  });

  afterEach(async () => {
    await page.context().close();
    EasyRtcClient.closeAll();
    await ConnectorClient.closeAll();
    expect(problems).toEqual([]);
  });

  /** Enters an admin token in the page's dialog, which also has a field for the token of a client. */
  async function authorize(token: string): Promise<void> {
    await page.locator('.btn.authorize').click();
    const dialog = page.locator('.dialog-ux');
    const form = dialog.locator('form').filter({ hasText: 'adminTokens' });
    await form.locator('input').fill(token);
    await form.locator('.auth-btn-wrapper .authorize').click();
    await form.getByText('Authorized', { exact: true }).first().waitFor();
    await form.locator('.auth-btn-wrapper .btn-done').click();
    await dialog.waitFor({ state: 'detached' });
  }

  /** Expands an operation and enables "Try it out". */
  async function open({ method, path }: Operation): Promise<Locator> {
    const exactly = page.locator(`[data-path="${path}"]`);
    const block = page.locator(`.opblock-${method}`).filter({ has: exactly });
    await block.locator('.opblock-summary-control').click();
    await block.getByRole('button', { name: 'Try it out' }).click();
    return block;
  }

  /** Executes an operation. Returns the status and text that the page displays. */
  async function execute(block: Locator): Promise<{ status: number; text: string }> {
    await block.locator('.btn.execute').click();
    const live = block.locator('.live-responses-table tbody tr.response').first();
    const status = Number((await live.locator('.response-col_status').innerText()).trim().split(/\s/)[0]);
    const body = live.locator('.highlight-code code');
    return { status, text: (await body.count()) > 0 ? await body.innerText() : '' };
  }

  const parameter = (block: Locator, name: string): Locator => {
    return block.locator(`tr[data-param-name="${name}"] input, tr[data-param-name="${name}"] textarea`);
  };

  it('lists the clients and disconnects one of them from the page', async () => {
    const [ann, bob] = await ConnectorClient.connectMany(2, server.wsUrl);
    const eve = await EasyRtcClient.login(server.url, { applicationName: 'chess' });
    await authorize(OPERATE_TOKEN);

    const list = await execute(await open(LIST));
    expect(list.status).toBe(200);
    const { items } = JSON.parse(list.text) as ClientPage;
    expect(items.map(({ id }) => id)).toEqual([ann.id, bob.id, eve.id]);

    const removal = await open(REMOVE);
    await parameter(removal, 'id').fill(ann.id);
    expect((await execute(removal)).status).toBe(204);
    expect(await ann.closed).toMatchObject({ reason: 'removed' });
    expect(await bob.drain()).toEqual([]);
    const { body } = await server.reader.get<ClientPage>('clients');
    expect(body.items.map(({ id }) => id)).toEqual([bob.id, eve.id]);
  });

  it('shows the errors without a token and with a read-only token', async () => {
    const ann = await ConnectorClient.connect(server.wsUrl);
    const list = await open(LIST);
    const refused = await execute(list);
    expect(refused.status).toBe(401);
    expect(refused.text).toContain('urn:signalbox:problem:unauthorized');

    await authorize(READ_TOKEN);
    await list.locator('.btn-clear').click();
    expect((await execute(list)).status).toBe(200);

    const removal = await open(REMOVE);
    await parameter(removal, 'id').fill(ann.id);
    const forbidden = await execute(removal);
    expect(forbidden.status).toBe(403);
    expect(forbidden.text).toContain('urn:signalbox:problem:forbidden');
    expect(await ann.drain()).toEqual([]);
  });

  it('shows every operation of the document, and loads nothing from other hosts', async () => {
    const document = (await (await fetch(`${server.url}/docs-json`)).json()) as { paths: Record<string, object> };
    const described = Object.entries(document.paths).flatMap(([path, operations]) => {
      return Object.keys(operations).map((method) => `${method} ${path}`);
    });
    const methods = await page.locator('.opblock-summary-method').allTextContents();
    const paths = await Promise.all(
      (await page.locator('.opblock-summary-path').all()).map((path) => path.getAttribute('data-path')),
    );
    const shown = methods.map((method, at) => `${method.toLowerCase()} ${paths[at]}`);
    expect(described).toEqual(expect.arrayContaining(['get /admin/v1/clients', 'get /health/ready']));
    expect(shown.sort()).toEqual(described.sort());

    const foreign: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url) && !request.url().startsWith('data:')) foreign.push(request.url());
    });
    await page.reload();
    await page.locator('.opblock').first().waitFor();
    expect(foreign).toEqual([]);
  });
});
