/** The key pair (ES256) of the servers that verify tokens, and tokens signed with it. */
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (file) => fileURLToPath(new URL(`node_modules/.built/${file}`, import.meta.url));

export const PUBLIC_KEY_FILE = path('public-key.pem');
const PRIVATE_KEY_FILE = path('private-key.pem');
const HOUR_S = 3600;

export function createKeys() {
  if (existsSync(PRIVATE_KEY_FILE)) return;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(PUBLIC_KEY_FILE, publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(PRIVATE_KEY_FILE, privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

let key;

/** Returns a token that is valid for an hour. */
export function tokenOf(sub, claims = {}) {
  key ??= createPrivateKey(readFileSync(PRIVATE_KEY_FILE));
  const exp = Math.floor(Date.now() / 1000) + HOUR_S;
  const signed = [{ alg: 'ES256' }, { sub, exp, signalbox: claims }].map(encoded).join('.');
  return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

function encoded(part) {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
