import { MAX_LINES } from '../history.js';
import { html, useEffect, useRef, useState } from '../ui.js';
import Plot from '../vendor/uplot.js';

const HEIGHT = 140;
const AXIS_WIDTH = 58;
const AXIS_HEIGHT = 28;
const SPAN_SECONDS = 900;
const FONT = '12px system-ui, sans-serif';
const DARK = matchMedia('(prefers-color-scheme: dark)');

/**
 * Lines over the last minutes, with their last values as a text.
 * @param {object} props
 * @param {string} props.title
 * @param {readonly number[]} props.times seconds since 1970
 * @param {readonly import('../history.js').Line[]} props.lines
 * @param {(value: number | undefined) => string} props.format
 */
export function Chart({ title, times, lines, format }) {
  // By name, so that a line keeps its colour.
  const shown = largest(lines).sort((a, b) => (a.name < b.name ? -1 : 1));
  const more = lines.length - shown.length;
  return html`
    <figure class="card chart">
      <figcaption>${title}</figcaption>
      ${
        shown.length === 0
          ? html`<p class="soft">None.</p>`
          : html`<${Canvas} times=${times} lines=${shown} format=${format} />
              <ul class="legend">
                ${shown.map(
                  (line, at) =>
                    html`<li key=${line.name}>
                      <span class="line-${at + 1}" aria-hidden="true"></span>${`${line.name}: `}<b
                        >${format(lastOf(line))}</b
                      >
                    </li>`,
                )}
                ${more > 0 && html`<li>and ${more} more</li>`}
              </ul>`
      }
    </figure>
  `;
}

/** The drawing, which the legend has in words. */
function Canvas({ times, lines, format }) {
  const element = useRef();
  const plot = useRef();
  const isDark = useIsDark();
  const names = lines.map(({ name }) => name).join('\n');
  const data = [times, ...lines.map(({ values }) => values)];
  useEffect(() => {
    const width = element.current.clientWidth;
    const current = new Plot(optionsOf(lines, format, width), data, element.current);
    plot.current = current;
    const resizes = new ResizeObserver(([{ contentRect }]) => {
      current.setSize({ width: Math.floor(contentRect.width), height: HEIGHT });
    });
    resizes.observe(element.current);
    return () => {
      resizes.disconnect();
      current.destroy();
    };
  }, [names, isDark]);
  useEffect(() => plot.current.setData(data), [times, lines]);
  return html`<div class="canvas" aria-hidden="true" ref=${element}></div>`;
}

function optionsOf(lines, format, width) {
  const colours = getComputedStyle(document.documentElement);
  const colour = (name) => colours.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--soft'),
    font: FONT,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { range: (_plot, _min, max) => [max - SPAN_SECONDS, max] },
      y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.1 : 1] },
    },
    axes: [
      { ...axis, size: AXIS_HEIGHT, space: 70, values: (_plot, seconds) => seconds.map(clock) },
      { ...axis, size: AXIS_WIDTH, space: 36, values: (_plot, values) => values.map((value) => format(value)) },
    ],
    series: [
      {},
      ...lines.map((_, at) => ({ stroke: colour(`--chart-${at + 1}`), width: 1.5, points: { show: false } })),
    ],
  };
}

function useIsDark() {
  const [isDark, setIsDark] = useState(DARK.matches);
  useEffect(() => {
    const onChange = () => setIsDark(DARK.matches);
    DARK.addEventListener('change', onChange);
    return () => DARK.removeEventListener('change', onChange);
  }, []);
  return isDark;
}

function largest(lines) {
  const maxOf = ({ values }) => values.reduce((max, value) => Math.max(max, value ?? 0), 0);
  return [...lines].sort((a, b) => maxOf(b) - maxOf(a)).slice(0, MAX_LINES);
}

function lastOf({ values }) {
  return values.findLast((value) => value !== null) ?? 0;
}

function clock(seconds) {
  const date = new Date(seconds * 1000);
  return [date.getHours(), date.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':');
}
