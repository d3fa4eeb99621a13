// An application around the built server with listeners that throw. Sends the port to its parent process.
import 'reflect-metadata';
import { createApp, listen, ServerEvents } from '../../dist/index.js';

const app = await createApp({ host: '127.0.0.1', port: 0, logFormat: 'json' });
const events = app.get(ServerEvents, { strict: false });
events.on('clientConnected', async ({ id }) => {
  await Promise.resolve();
  throw new Error(`late: ${id}`);
});
events.on('clientConnected', ({ id }) => {
  throw new Error(`at once: ${id}`);
});
process.send(await listen(app));
process.once('disconnect', () => process.exit());
