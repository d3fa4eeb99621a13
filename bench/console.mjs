/** A console in Chromium, which an operator uses while the load runs. */
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const ADMIN_TOKEN = 'operator-of-the-benchmark';
/** Time between two changes of the screen. */
const LOOK_MS = 500;
/** Notes the longest time for which the page could not react. */
const WATCH_TASKS = `
  globalThis.longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
  }).observe({ entryTypes: ['longtask'] });
`;

/**
 * Opens the console on a screen.
 * @param {string} screen name of its link
 */
export async function openConsole(port, screen) {
  const browser = await chromium.launch({
    executablePath: fileURLToPath(new URL('./niced-chromium.sh', import.meta.url)),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-sync', '--disable-background-networking'],
  });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${port}/console`);
  await page.getByLabel('Admin token').fill(ADMIN_TOKEN);
  await page.getByRole('button', { name: 'Log in' }).click();
  const show = async (name) => {
    await page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
  };
  await show(screen);
  return { page, show, close: () => browser.close() };
}

/**
 * Leaves a screen and comes back to it again and again.
 * @returns a function that ends this, and resolves with the longest times that the page took
 */
export function use({ page, show }, screen) {
  let isOver = false;
  const run = async () => {
    const changes = [];
    await page.evaluate(WATCH_TASKS);
    while (!isOver) {
      const startedAt = performance.now();
      await show('Nodes');
      await show(screen);
      changes.push((performance.now() - startedAt) / 2);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return { 'change of screen ms': Math.max(...changes), 'longest task ms': await page.evaluate('longest') };
  };
  const done = run();
  return () => {
    isOver = true;
    return done;
  };
}
