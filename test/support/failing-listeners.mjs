// An application around the built server with listeners that throw. Sends the port to its parent process.
import 'reflect-metadata';
import { createApp, listen, ServerEvents } from '../../dist/index.js';

const app = await createApp({ host: '127.0.0.1', port: 0, logFormat: 'json' });
const events = app.get(ServerEvents, { strict: false });
events.on('client.connected', async ({ client }) => {
  await Promise.resolve();
  throw new Error(`late: ${client}`);
});
events.on('client.connected', ({ client }) => {
  throw new Error(`at once: ${client}`);
});
process.send(await listen(app));
process.once('disconnect', () => process.exit());
