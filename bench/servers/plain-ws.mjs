// The plainest relay that one can write with ws: parse, look up the target, stringify, send. It speaks enough Peer2Peer
// Connector for the load generator.
import { WebSocketServer } from 'ws';

const clients = new Map();
let lastId = 0;
const server = new WebSocketServer({ port: Number(process.env.PORT), perMessageDeflate: false });

server.on('connection', (socket) => {
  const id = `client${++lastId}`;
  clients.set(id, socket);
  socket.send(JSON.stringify({ type: 'info', event: 'Client_Details', data: { id } }));
  socket.on('message', (data) => {
    const { to, ...message } = JSON.parse(data);
    clients.get(to)?.send(JSON.stringify({ ...message, from: id }));
  });
  socket.on('close', () => clients.delete(id));
  socket.on('error', () => {});
});
