const GAP_PX = 8;
const MIN_WIDTH_PX = 90;
const NARROWEST = 4 / 3;
const WIDEST = 16 / 9;

/**
 * Keeps the tiles as large as possible while all of them fit into the area around them. Where they would be too small to
 * recognise a face, they keep their least size, and the area scrolls.
 *
 * `--tile-width`, `--tile-height` and `--row-width` are set on `tiles` whenever its children or the size of `area` change.
 */
export function fitTiles(area, tiles) {
  const fit = () => {
    const count = [...tiles.children].filter((child) => child.checkVisibility()).length;
    const { columns, width, height } = arrange(count, area.clientWidth, area.clientHeight);
    tiles.style.setProperty('--tile-width', `${width}px`);
    tiles.style.setProperty('--tile-height', `${height}px`);
    tiles.style.setProperty('--row-width', `${columns * (width + GAP_PX) - GAP_PX}px`);
  };
  tiles.style.gap = `${GAP_PX}px`;
  new ResizeObserver(fit).observe(area);
  new MutationObserver(fit).observe(tiles, { childList: true });
}

/** The number of columns with the largest tiles, and the size of a tile in pixels. */
function arrange(count, areaWidth, areaHeight) {
  let best = { width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const size = tileSize(share(areaWidth, columns), share(areaHeight, rows));
    if (size.width * size.height > best.width * best.height) best = { columns, ...size };
  }
  if (best.width >= MIN_WIDTH_PX) return best;
  const columns = Math.max(1, Math.floor((areaWidth + GAP_PX) / (MIN_WIDTH_PX + GAP_PX)));
  return { columns, ...tileSize(share(areaWidth, columns), Infinity) };
}

/** The part of a length that each of several tiles beside one another gets. */
function share(length, tiles) {
  return (length + GAP_PX) / tiles - GAP_PX;
}

/** The largest tile that fits into a cell. */
function tileSize(cellWidth, cellHeight) {
  const width = Math.floor(Math.max(0, Math.min(cellWidth, cellHeight * WIDEST)));
  return { width, height: Math.floor(Math.max(0, Math.min(cellHeight, width / NARROWEST))) };
}
