/** Measures a client that repeatedly joins and leaves a large room, whose members are all notified. */
import { CLIENTS, openClients } from '../clients/index.mjs';
import { measuring, sleep, until } from './measure.mjs';

const ROOM = 'town-hall';
const WARM_UP = 10;

export async function room({ port, pid, client, members: count, changes }) {
  const [guest, ...members] = await openClients(CLIENTS[client], port, count + 1);
  await members[0].createRoom(ROOM);
  for (const member of members.slice(1)) await member.joinRoom(ROOM);
  await sleep(500);

  let due;
  let heard = 0;
  for (const member of members) {
    member.heard = 0;
    member.onRoomChange = (change) => {
      if (change !== due || member.heard > 0) throw new Error(`${member.id} heard ${change} where ${due} was due`);
      member.heard++;
      heard++;
    };
  }
  const change = async (name) => {
    due = name;
    heard = 0;
    for (const member of members) member.heard = 0;
    await (name === 'joined' ? guest.joinRoom(ROOM) : guest.leaveRoom(ROOM));
    await until(() => heard === count, `news that a client has ${name} the room`);
  };
  const times = async (number) => {
    for (let i = 0; i < number; i += 2) {
      await change('joined');
      await change('left');
    }
  };
  await times(WARM_UP);
  const end = measuring([pid]);
  await times(changes);
  const { cpuUs, generatorBusy } = end();
  await sleep(100);
  return { 'CPU us for each delivery': cpuUs / (changes * count), 'generator busy': generatorBusy };
}
