import type { OptionInfo } from './option.js';

/** Returns the option whose name is closest to a misspelled one, if any is close enough. */
export function suggest(word: string, options: readonly OptionInfo[]): OptionInfo | undefined {
  const wanted = plain(word);
  let best: OptionInfo | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const option of options) {
    for (const name of [option.name, ...option.aliases.filter((alias) => alias.startsWith('--'))]) {
      const distance = editDistance(wanted, plain(name));
      if (distance < bestDistance) [best, bestDistance] = [option, distance];
    }
  }
  return best;
}

/** Removes what differs between `--max_rooms`, `MAX_ROOMS` and `maxRooms`: separators and case. */
function plain(word: string): string {
  return word.replace(/[-_]/g, '').toLowerCase().slice(0, 64);
}

/** Counts the insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(replaced, last[j]! + 1, row[j - 1]! + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}
