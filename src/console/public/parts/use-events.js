import { useDesk } from '../desk.js';
import { useEffect, useRef, useState } from '../ui.js';

/** Interval between two renderings of events, whatever their rate is. */
const RENDER_MS = 500;

/**
 * The last events of a screen, newest first, up to a number of them.
 * @param {{ types: readonly string[], client?: string, since?: string }} query
 * @param {(event: object) => boolean} matches
 * @param {number} kept
 * @param {boolean} isPaused whether what arrives is only counted
 * @returns {{ events: readonly object[], missed: number, clear: () => void }}
 */
export function useEvents(query, matches, kept, isPaused = false) {
  const { feed } = useDesk();
  const [state, setState] = useState({ events: [], missed: 0 });
  const current = useRef();
  current.current = { matches, isPaused };
  const key = JSON.stringify(query);
  useEffect(() => {
    let waiting = [];
    let missed = 0;
    const timer = setInterval(() => {
      if (waiting.length === 0 && missed === 0) return;
      const [news, count] = [waiting.reverse(), missed];
      [waiting, missed] = [[], 0];
      setState((former) => ({
        events: merged(news, former.events).slice(0, kept),
        missed: former.missed + count,
      }));
    }, RENDER_MS);
    const blur = feed.focus(query, (events) => {
      const wanted = events.filter((event) => isWanted(event, query, current.current.matches));
      if (current.current.isPaused) missed += wanted.length;
      else waiting = [...waiting, ...wanted].slice(-kept);
    });
    return () => {
      clearInterval(timer);
      blur();
    };
  }, [key]);
  useEffect(() => {
    if (!isPaused) setState((former) => ({ ...former, missed: 0 }));
  }, [isPaused]);
  return { ...state, clear: () => setState({ events: [], missed: 0 }) };
}

/** A stream that begins in the past begins with a gap. */
function isWanted(event, { types, since }, matches) {
  if (event.type === 'gap') return since === undefined;
  return types.includes(event.type) && matches(event);
}

/** A stream that is opened again may repeat events. */
function merged(news, former) {
  const known = new Set(former.map(({ id }) => id));
  return [...news.filter(({ id }) => !known.has(id)), ...former];
}
