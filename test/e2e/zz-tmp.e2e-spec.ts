import { startServer } from '../support/server.js';
it('t', async () => {
  const out: string[] = [];
  for (let i = 0; i < 12; i++) {
    const a = performance.now();
    const s = await startServer();
    const b = performance.now();
    await s.close();
    const c = performance.now();
    out.push(`${(b - a).toFixed(0)}+${(c - b).toFixed(0)}`);
  }
  process.stderr.write(out.join(' ') + '\n');
});
