import { plural } from './format.js';

const REASON = {
  name: 'reason',
  label: 'Reason',
  hint: 'The clients hear it, and the audit log has it.',
  maxLength: 256,
};

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
