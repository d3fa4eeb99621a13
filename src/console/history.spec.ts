interface Node {
  readonly name: string;
  readonly time: readonly number[];
  readonly connects: readonly number[];
  readonly refusals: Readonly<Record<string, readonly number[]>>;
}

interface Line {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

type Draw<T> = (nodes: readonly Node[], times: readonly number[], read: (node: Node) => T) => Line[];

interface HistoryModule {
  readonly withNews: (nodes: readonly Node[], answer: { nodes: readonly Node[] }) => Node[];
  readonly timesOf: (nodes: readonly Node[]) => number[];
  readonly linesOfNodes: Draw<readonly number[]>;
  readonly linesByName: Draw<Node['refusals']>;
}

/** A module of the page, of which TypeScript knows no types. */
const MODULE = ['./public', 'history.js'].join('/');
const { withNews, timesOf, linesOfNodes, linesByName } = (await import(MODULE)) as HistoryModule;

const node = (name: string, time: number[], connects: number[], refusals: Node['refusals'] = {}): Node => ({
  name,
  time,
  connects,
  refusals,
});

describe('the history of the console', () => {
  it('grows by what is new, and takes no sample twice', () => {
    const first = [node('a', [5, 10], [1, 2], { 429: [7, 8] })];
    const answer = { nodes: [node('a', [10, 15], [2, 3], { 429: [8, 9] })] };
    expect(withNews(first, answer)).toEqual([node('a', [5, 10, 15], [1, 2, 3], { 429: [7, 8, 9] })]);
    expect(withNews(first, { nodes: [node('a', [], [])] })).toEqual(first);
  });

  it('counts nothing where a reason has not occurred', () => {
    const first = [node('a', [5], [1], { 401: [4] })];
    const [grown] = withNews(first, { nodes: [node('a', [10], [1], { 503: [2] })] });
    expect(grown?.refusals).toEqual({ 401: [4, 0], 503: [0, 2] });
  });

  it('keeps 15 minutes, and drops nodes that have gone', () => {
    const first = [node('a', [5, 10, 900], [1, 2, 3], { 429: [1, 2, 3] }), node('b', [5], [1])];
    const grown = withNews(first, { nodes: [node('a', [910], [4], { 429: [4] })] });
    expect(grown).toEqual([node('a', [10, 900, 910], [2, 3, 4], { 429: [2, 3, 4] })]);
  });

  it('is drawn at the times of all nodes', () => {
    const nodes = [node('a', [5, 10], [1, 2], { 429: [1, 0] }), node('b', [10, 15], [3, 4], { 429: [2, 3] })];
    const times = timesOf(nodes);
    expect(times).toEqual([5, 10, 15]);
    expect(linesOfNodes(nodes, times, ({ connects }) => connects)).toEqual([
      { name: 'a', values: [1, 2, null] },
      { name: 'b', values: [null, 3, 4] },
    ]);
    expect(linesByName(nodes, times, ({ refusals }) => refusals)).toEqual([{ name: '429', values: [1, 2, 3] }]);
  });
});
