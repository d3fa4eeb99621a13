// Like plain-ws.mjs, but forwards the text of the payload unchanged. It assumes that `data` is the last member, as the
// load generator sends it.
import { WebSocketServer } from 'ws';

const clients = new Map();
let lastId = 0;
const server = new WebSocketServer({ port: Number(process.env.PORT), perMessageDeflate: false });

server.on('connection', (socket) => {
  const id = `client${++lastId}`;
  clients.set(id, socket);
  socket.send(JSON.stringify({ type: 'info', event: 'Client_Details', data: { id } }));
  socket.on('message', (data) => {
    const text = data.toString();
    const { event, to } = JSON.parse(text);
    const payload = text.slice(text.indexOf('"data":'));
    clients.get(to)?.send(`{"event":${JSON.stringify(event)},"from":"${id}",${payload}`);
  });
  socket.on('close', () => clients.delete(id));
  socket.on('error', () => {});
});
