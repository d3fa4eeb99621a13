// The npm package `peer`, started as in its README.
import { PeerServer } from 'peer';

PeerServer({
  port: Number(process.env.PORT),
  host: '127.0.0.1',
  path: '/',
  // Raises limits that the load would reach: many clients, which send no heartbeat.
  concurrent_limit: 20_000,
  alive_timeout: 3_600_000,
});
