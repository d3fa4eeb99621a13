/** Samples that are kept of each node: the last 15 minutes. */
const KEPT_SECONDS = 15 * 60;
/** Lines of a chart. Those with the largest values are shown. */
export const MAX_LINES = 8;

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {readonly (number | null)[]} values one for each time
 */

/**
 * Adds an answer of `GET history`, which has only what is new, to the nodes so far. What comes again is left out.
 * @param {readonly object[]} nodes so far
 * @param {{ nodes: readonly object[] }} answer
 */
export function withNews(nodes, answer) {
  const known = new Map(nodes.map((node) => [node.name, node]));
  return answer.nodes.map((news) => joined(known.get(news.name), news));
}

function joined(former, news) {
  if (!former) return news;
  const last = former.time.at(-1) ?? 0;
  const from = news.time.findIndex((time) => time > last);
  const added = from === -1 ? 0 : news.time.length - from;
  const oldest = (news.time.at(-1) ?? last) - KEPT_SECONDS;
  const gone = former.time.filter((time) => time < oldest).length;
  const column = (old, fresh) => [
    ...(old ?? new Array(former.time.length).fill(0)).slice(gone),
    ...(added === 0 ? [] : (fresh ?? new Array(news.time.length).fill(0)).slice(from)),
  ];
  const columns = {};
  for (const [name, value] of Object.entries(news)) {
    if (Array.isArray(value)) columns[name] = column(former[name], value);
    else if (typeof value === 'object') columns[name] = named(former[name], value, column);
  }
  return { ...columns, name: news.name };
}

/** Columns by names, such as reasons. A name that occurs for the first time had no events before. */
function named(former, news, column) {
  const names = new Set([...Object.keys(former), ...Object.keys(news)]);
  return Object.fromEntries([...names].map((name) => [name, column(former[name], news[name])]));
}

/** Returns all times of which a node has a sample, ascending. */
export function timesOf(nodes) {
  return [...new Set(nodes.flatMap(({ time }) => time))].sort((a, b) => a - b);
}

/**
 * Returns a line for each node.
 * @param {(node: object) => readonly (number | null)[]} read returns a column of a node
 * @returns {Line[]}
 */
export function linesOfNodes(nodes, times, read) {
  return nodes.map((node) => ({ name: node.name, values: spread(times, node.time, read(node)) }));
}

/**
 * Returns a line for each name, summed over the nodes.
 * @param {(node: object) => Record<string, readonly number[]>} read
 * @returns {Line[]}
 */
export function linesByName(nodes, times, read) {
  const names = [...new Set(nodes.flatMap((node) => Object.keys(read(node))))].sort();
  return names.map((name) => {
    const columns = nodes.map((node) => spread(times, node.time, read(node)[name] ?? []));
    return { name, values: times.map((_, at) => columns.reduce((sum, column) => sum + (column[at] ?? 0), 0)) };
  });
}

/** Places the values of a node at the times of all nodes; null where it has none. */
function spread(times, own, values) {
  const at = new Map(own.map((time, index) => [time, values[index] ?? null]));
  return times.map((time) => at.get(time) ?? null);
}

/** Converts counts of intervals to rates. */
export function perSecond(lines, intervalSeconds) {
  return lines.map(({ name, values }) => ({
    name,
    values: values.map((value) => (value === null ? null : value / intervalSeconds)),
  }));
}
