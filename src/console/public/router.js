import { useEffect, useState } from './ui.js';

/**
 * @typedef {object} Route
 * @property {readonly string[]} path decoded segments behind `#/`
 * @property {Readonly<Record<string, string>>} query
 */

/**
 * Returns the link to a screen.
 * @param {readonly string[]} path
 * @param {Record<string, string | undefined>} [query] without what is undefined or empty
 */
export function href(path, query = {}) {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = entries.length > 0 ? `?${new URLSearchParams(entries)}` : '';
  return `#/${path.map(encodeURIComponent).join('/')}${search}`;
}

/** Shows a screen. */
export function go(path, query) {
  location.hash = href(path, query);
}

/** @returns {Route} */
export function useRoute() {
  const [route, setRoute] = useState(() => parse(location.hash));
  useEffect(() => {
    const onChange = () => setRoute(parse(location.hash));
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  }, []);
  return route;
}

/** @returns {Route} */
function parse(hash) {
  const [path, search = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  return {
    path: path.split('/').filter(Boolean).map(decoded),
    query: Object.fromEntries(new URLSearchParams(search)),
  };
}

/** A link that an operator has typed may be malformed. */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
