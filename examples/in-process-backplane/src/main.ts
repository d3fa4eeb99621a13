import { createApp, listen } from 'signalbox';
import { Hub } from './hub.js';
import { HubModule } from './hub.module.js';

const first = Number(process.env.PORT ?? 9001);
const hub = new Hub();

for (const port of [first, first + 1]) {
  const app = await createApp({ port, backplane: HubModule.of(hub) });
  app.enableShutdownHooks();
  await listen(app);
}
