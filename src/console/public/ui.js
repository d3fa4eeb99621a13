import htm from './vendor/htm.js';
import { h } from './vendor/preact.js';

export { useEffect, useMemo, useRef, useState } from './vendor/hooks.js';
export { createContext, render } from './vendor/preact.js';
export { useContext } from './vendor/hooks.js';

/** Renders a template to elements of preact. */
export const html = htm.bind(h);
