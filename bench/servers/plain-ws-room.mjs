// The plainest room server that one can write with ws: on each join and leave, a loop sends one string to all members,
// with the same content as in Peer2Peer Connector.
import { randomUUID } from 'node:crypto';
import { WebSocketServer } from 'ws';

const rooms = new Map();
const server = new WebSocketServer({ port: Number(process.env.PORT), perMessageDeflate: false });

server.on('connection', (socket) => {
  // As long as a Peer2Peer Connector id.
  const id = randomUUID().replaceAll('-', '').slice(0, 22);
  socket.send(textOf('info', 'Client_Details', { id }));
  socket.on('message', (data) => {
    const { event, data: request } = JSON.parse(data);
    const { room } = request;
    if (event === 'Create_Room') rooms.set(room, new Map());
    const members = rooms.get(room);
    if (event === 'Leave_Room') {
      members.delete(id);
      socket.send(textOf('info', 'Room_Left', { room }));
    } else members.set(id, socket);
    const change = event === 'Leave_Room' ? 'Client_Removed' : 'Client_Added';
    const text = textOf('update', change, { clients: [...members.keys()], name: room, room });
    for (const member of members.values()) member.send(text);
  });
  socket.on('error', () => {});
});

function textOf(type, event, data) {
  return JSON.stringify({ type, event, data, timestamp: new Date().toISOString(), message_id: randomUUID() });
}
