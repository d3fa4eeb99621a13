const NUMBER = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const TIME = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

/** What is shown for a value that does not exist. */
export const NONE = '–';

/** @param {number | undefined} value */
export function count(value) {
  return value === undefined ? NONE : NUMBER.format(value);
}

/** Large numbers in few characters: 12.3K. */
export function brief(value) {
  return value === undefined ? NONE : COMPACT.format(value);
}

export function bytes(value) {
  if (value === undefined) return NONE;
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = value < 1000 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), units.length - 1);
  return `${NUMBER.format(value / 1000 ** power)} ${units[power]}`;
}

export function time(iso) {
  return iso === undefined ? NONE : TIME.format(new Date(iso));
}

/** How long ago a time is. Clocks of browsers may be behind. */
export function age(iso, now = Date.now()) {
  return iso === undefined ? NONE : duration(Math.max(0, now - Date.parse(iso)));
}

/** How long it is until a time. */
export function remaining(iso, now = Date.now()) {
  return duration(Math.max(0, Date.parse(iso) - now));
}

/** A duration in its two largest units. */
export function duration(ms) {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** @param {string} noun in the singular, whose plural ends with s */
export function plural(number, noun) {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
}
