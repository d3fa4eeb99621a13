import { useEffect, useRef, useState } from './ui.js';

/** A page that nobody sees asks this many times less often. */
const HIDDEN_FACTOR = 6;

/**
 * Calls a function at once, and then again and again, each time when the former call has ended. A page that is shown
 * again calls it at once.
 * @param {(isFirst: boolean) => Promise<void>} work which never rejects
 * @param {number} everyMs
 * @returns {{ now: () => void, stop: () => void }}
 */
export function poll(work, everyMs) {
  let timer;
  let isWorking = false;
  let isWanted = false;
  let isStopped = false;
  const run = async (isFirst = false) => {
    isWanted = isWorking;
    if (isStopped || isWorking) return;
    clearTimeout(timer);
    isWorking = true;
    await work(isFirst);
    isWorking = false;
    if (isStopped) return;
    if (isWanted) void run(true);
    else timer = setTimeout(run, everyMs * (document.hidden ? HIDDEN_FACTOR : 1));
  };
  const onShown = () => document.hidden || run();
  document.addEventListener('visibilitychange', onShown);
  void run(true);
  return {
    now: () => void run(true),
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onShown);
    },
  };
}

/**
 * Loads data for a component, again and again while it is shown.
 * @template T
 * @param {(isUrgent: boolean) => Promise<T>} load
 * @param {number} everyMs
 * @param {string} key what is loaded: with another key the former data are dropped
 * @returns {{ data?: T, error?: Error, reload: () => void }} the last data stay beside an error
 */
export function usePoll(load, everyMs, key = '') {
  const [state, setState] = useState({ key });
  const loader = useRef(load);
  loader.current = load;
  const polling = useRef();
  useEffect(() => {
    const current = poll(async (isFirst) => {
      const outcome = await loader.current(isFirst).then(
        (data) => ({ data, error: undefined }),
        (error) => ({ error }),
      );
      if (polling.current === current) {
        setState((former) => ({ ...(former.key === key && former), key, ...outcome }));
      }
    }, everyMs);
    polling.current = current;
    return () => current.stop();
  }, [key, everyMs]);
  const { data, error } = state.key === key ? state : {};
  return { data, error, reload: () => polling.current?.now() };
}
