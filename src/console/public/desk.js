import { Feed } from './feed.js';
import { StatusPoll } from './status.js';
import { Store } from './store.js';
import { createContext, useContext } from './ui.js';

const NOTICE_MS = 6000;

/** What all screens share while an operator is logged in. */
export class Desk {
  /** The last outcome, as a text. */
  notice = new Store('');
  /** The open dialog (parts/dialog.js); undefined if there is none. */
  dialog = new Store(undefined);
  #timer;

  /** @param {import('./session.js').Session} session */
  constructor(session) {
    this.session = session;
    this.api = session.api;
    this.status = new StatusPoll(session);
    this.feed = new Feed(session.api);
  }

  /** Shows an outcome for a while. */
  tell(text) {
    clearTimeout(this.#timer);
    this.notice.set(text);
    this.#timer = setTimeout(() => this.notice.set(''), NOTICE_MS);
  }

  /**
   * Asks before a change.
   * @param {import('./parts/dialog.js').Question} question
   */
  ask(question) {
    this.dialog.set(question);
  }

  close() {
    clearTimeout(this.#timer);
    this.status.stop();
    this.feed.stop();
  }
}

export const DeskContext = createContext(undefined);

/** @returns {Desk} */
export function useDesk() {
  return useContext(DeskContext);
}
