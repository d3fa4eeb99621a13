/** An EasyRTC client over a WebSocket, with hand-written packets of engine.io and socket.io. */
import { FIRST_NUMBER, textFrame } from './frames.mjs';
import { numberIn, payload } from './payload.mjs';
import { RawClient, shown } from './raw-client.mjs';

const OPEN = 48; // '0'
const PING = 50; // '2'
const PONG_FRAME = textFrame('3');
const EVENT = 50; // '2', after the '4' of a message
const ACK = 51; // '3'
const ACK_TEXT = '[{"msgType":"ack"}]';

export class EasyRtcClient extends RawClient {
  static #opened = 0;
  #asked = 0;
  /** Number of the next message that the server must acknowledge. */
  #due = FIRST_NUMBER;

  /** Two clients share a room, as in a call. With one room for all, each login would cost more than the last. */
  static async open(port) {
    const roomName = `call-${this.#opened++ >> 1}`;
    const client = new this(port, '/socket.io/?EIO=4&transport=websocket');
    await client.ask();
    await client.ask('40');
    const answer = await client.#emit('easyrtcAuth', {
      msgType: 'authenticate',
      msgData: { apiVersion: '1.1.1-beta', applicationName: 'default', roomJoin: { [roomName]: { roomName } } },
    });
    client.id = answer.msgData.easyrtcid;
    return client;
  }

  static relayText(kind, to) {
    const message = `{"msgType":"${kind}","targetEasyrtcid":"${to}","msgData":${payload(kind)}}`;
    return `42${FIRST_NUMBER}["easyrtcCmd",${message}]`;
  }

  createRoom(room) {
    return this.joinRoom(room);
  }

  joinRoom(room) {
    return this.#emit('easyrtcCmd', { msgType: 'roomJoin', msgData: { roomJoin: { [room]: { roomName: room } } } });
  }

  leaveRoom(room) {
    return this.#emit('easyrtcCmd', { msgType: 'roomLeave', msgData: { roomLeave: { [room]: { roomName: room } } } });
  }

  relay(numberedFrame, firstNumber, count) {
    this.unanswered += count;
    super.relay(numberedFrame, firstNumber, count);
  }

  received(frame) {
    if (frame[0] === PING) this.write(PONG_FRAME);
    else if (frame[0] === OPEN || (frame[0] === 52 && frame[1] === OPEN)) this.answer(frame);
    else if (frame[1] === EVENT) this.#receivedEvent(frame);
    else if (frame[1] === ACK) this.#receivedAck(frame);
    else super.received(frame);
  }

  #receivedEvent(frame) {
    const bracket = frame.indexOf('[');
    // The client library also does this at once.
    if (bracket > 2) this.write(textFrame(`43${frame.toString('latin1', 2, bracket)}${ACK_TEXT}`));
    const number = numberIn(frame);
    if (number !== undefined) this.onRelayed(number, frame);
    else if (frame.includes('"updateClient"')) this.onRoomChange('joined');
    else if (frame.includes('"removeClient"')) this.onRoomChange('left');
    else super.received(frame);
  }

  #receivedAck(frame) {
    const bracket = frame.indexOf('[');
    const number = Number(frame.toString('latin1', 2, bracket));
    if (frame.includes('"msgType":"error"')) throw new Error(`refused: ${shown(frame)}`);
    if (number < FIRST_NUMBER) return void this.answer(frame.subarray(bracket));
    if (number !== this.#due) throw new Error(`an answer to message ${number} came where ${this.#due} was due`);
    this.#due++;
    this.unanswered--;
  }

  async #emit(event, message) {
    const [answer] = JSON.parse(await this.ask(`42${this.#asked++}${JSON.stringify([event, message])}`));
    return answer;
  }
}
