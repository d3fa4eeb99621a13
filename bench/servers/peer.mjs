// npm `peer`, as its README starts it.
import { PeerServer } from 'peer';

PeerServer({
  port: Number(process.env.PORT),
  host: '127.0.0.1',
  path: '/',
  // Limits that the load itself would trip: many clients, which send no heartbeat.
  concurrent_limit: 20_000,
  alive_timeout: 3_600_000,
});
