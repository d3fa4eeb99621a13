import { plural } from './format.js';

const REASON = {
  name: 'reason',
  label: 'Reason',
  hint: 'The clients hear it, and the audit log has it.',
  maxLength: 256,
};

/** How long a block lasts, in seconds. */
const TIMES = { '10 minutes': 600, '1 hour': 3600, '1 day': 86_400, '7 days': 604_800, '30 days': 2_592_000 };

/** Asks, and disconnects clients. @param {import('./desk.js').Desk} desk */
export function disconnectClients(desk, { title, text, selections, onDone }) {
  desk.ask({
    title,
    text,
    action: 'Disconnect',
    isDangerous: true,
    fields: [REASON],
    run: async ({ reason }) => {
      const why = reason.trim() === '' ? {} : { reason: reason.trim() };
      let removed = 0;
      for (const selection of selections) {
        removed += (await desk.api.post(['clients', 'disconnect'], { ...selection, ...why })).removed;
      }
      onDone();
      return `${plural(removed, 'client')} disconnected.`;
    },
  });
}

/**
 * Asks, and shuts out an address or a user on all nodes, for a time.
 * @param {import('./desk.js').Desk} desk
 * @param {{ kind: 'address' | 'user', value?: string, realm?: string, onDone?: () => void }} target
 */
export function block(desk, { kind, value = '', realm = '', onDone }) {
  const ofRealm = { name: 'realm', label: 'Realm', hint: 'All realms if it is empty.', value: realm };
  desk.ask({
    title: kind === 'address' ? 'Block an address' : 'Block a user',
    text: 'Its clients are disconnected and hear the reason. New ones are refused, on all nodes.',
    action: 'Block',
    isDangerous: true,
    fields: [
      kind === 'address'
        ? { name: kind, label: 'Address or range', value, isRequired: true }
        : { name: kind, label: 'User', value, isRequired: true },
      ...(kind === 'user' ? [ofRealm] : []),
      { name: 'time', label: 'For', options: Object.keys(TIMES), value: '1 hour' },
      REASON,
    ],
    run: async ({ time, ...values }) => {
      const given = Object.entries(values).filter(([, text]) => text.trim() !== '');
      const body = { ...Object.fromEntries(given), seconds: TIMES[time] };
      const { removed } = await desk.api.post(['blocks'], body);
      onDone?.();
      return `${values[kind]} is blocked, ${plural(removed, 'client')} disconnected.`;
    },
  });
}

/** Asks for a message from the server, and sends it. @param {import('./desk.js').Desk} desk */
export function sendMessage(desk, { title, path, realm }) {
  desk.ask({
    title,
    action: 'Send',
    fields: [
      { name: 'data', label: 'Message', hint: 'JSON, or a text.', isLong: true, isRequired: true },
      { name: 'msgType', label: 'Type, for EasyRTC clients', value: 'message', maxLength: 256 },
    ],
    run: async ({ data, msgType }) => {
      await desk.api.post([...path, 'messages'], { data: jsonOrText(data), msgType: msgType || undefined }, { realm });
      return 'Message sent.';
    },
  });
}

function jsonOrText(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
