/** Payloads with the size of a real offer and a real candidate. */
import { FIRST_NUMBER } from './frames.mjs';

const BYTES = { offer: 2400, candidate: 200 };
const LINES = { offer: 'a=rtpmap:111 opus/48000/2\\r\\n', candidate: 'candidate:1 1 udp 2122260223 192.0.2.1 ' };
const NUMBER = '"n":';

/**
 * Returns the JSON of a payload.
 * @param {'offer' | 'candidate'} kind
 */
export function payload(kind) {
  const line = LINES[kind];
  return `{${NUMBER}${FIRST_NUMBER},"text":"${line.repeat(Math.ceil(BYTES[kind] / line.length))}"}`;
}

/** Returns the number of the relayed message in a frame; undefined for other frames. */
export function numberIn(frame) {
  const at = frame.indexOf(NUMBER);
  if (at === -1) return undefined;
  let number = 0;
  for (let i = at + NUMBER.length; frame[i] >= 48 && frame[i] <= 57; i++) number = number * 10 + frame[i] - 48;
  return number;
}
