import { createHmac, randomUUID } from 'node:crypto';

const ENCODED = 'whsec_';

/**
 * Returns the headers that sign a request, as Standard Webhooks describes them; none without a secret.
 * @param secrets each signs. One with the prefix `whsec_` is Base64, any other one is used as it is
 */
export function signatureOf(body: string, secrets: readonly string[]): Record<string, string> {
  if (secrets.length === 0) return {};
  const id = `msg_${randomUUID()}`;
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signatures = secrets.map((secret) => {
    const hmac = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`);
    return `v1,${hmac.digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}

function keyOf(secret: string): Buffer {
  return secret.startsWith(ENCODED) ? Buffer.from(secret.slice(ENCODED.length), 'base64') : Buffer.from(secret);
}
