// An Express program with a PeerServer beside its own routes. With npm `peer`, only the line with signalbox/peer is another one.
import { createServer } from 'node:http';
import express from 'express';
import { ExpressPeerServer } from 'signalbox/peer';

const app = express();
const server = createServer(app);

/** Ids of the connected clients. */
const online = new Set();

app.get('/online', (_request, response) => {
  response.json([...online].sort());
});

const peerServer = ExpressPeerServer(server, { path: '/myapp', key: 'peerjs', allow_discovery: true });
app.use('/peerjs', peerServer);

peerServer.on('connection', (client) => {
  online.add(client.getId());
  console.log(`${client.getId()} has connected`);
});
peerServer.on('disconnect', (client) => {
  online.delete(client.getId());
  console.log(`${client.getId()} has gone`);
});

server.listen(Number(process.env.PORT ?? 9000), () => {
  console.log(`listening on port ${server.address().port}`);
});

// Clients are disconnected, and the process ends when the last connection is closed.
process.on('SIGTERM', () => server.close());
process.on('SIGINT', () => server.close());
