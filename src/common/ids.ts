import { randomUUID } from 'node:crypto';

const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const BASE = BigInt(ALPHABET.length);
const LENGTH = 22;

/** A random UUID written with the 57 letters and digits that people do not mix up: 22 characters. */
export function shortUuid(): string {
  let rest = BigInt(`0x${randomUUID().replaceAll('-', '')}`);
  let id = '';
  for (let i = 0; i < LENGTH; i++) {
    id = ALPHABET[Number(rest % BASE)] + id;
    rest /= BASE;
  }
  return id;
}
