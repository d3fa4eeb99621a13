/** The findings of all turns. */
export class Findings {
  #turns = [];

  add(scenario, server, findings) {
    this.#turns.push({ scenario, server, findings });
  }

  scenarios() {
    return distinct(this.#turns.map(({ scenario }) => scenario));
  }

  servers(scenario) {
    return distinct(this.#of(scenario).map(({ server }) => server));
  }

  figures(scenario) {
    return distinct(this.#of(scenario).flatMap(({ findings }) => Object.keys(findings)));
  }

  /** Returns the median over all rounds; undefined if nothing was measured. */
  median(scenario, server, figure) {
    return middle(this.#values(scenario, server, figure));
  }

  /** Returns the median of a comparison of two servers, which is made for each round. */
  medianOf(compare, scenario, server, reference, figure) {
    const [ours, theirs] = [server, reference].map((name) => this.#values(scenario, name, figure));
    return middle(ours.slice(0, theirs.length).map((value, round) => compare(value, theirs[round])));
  }

  #values(scenario, server, figure) {
    return this.#of(scenario)
      .filter((turn) => turn.server === server && figure in turn.findings)
      .map(({ findings }) => findings[figure]);
  }

  #of(scenario) {
    return this.#turns.filter((turn) => turn.scenario === scenario);
  }
}

/** Returns the median; undefined for no values. */
function middle(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 || half === 0 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

const distinct = (values) => [...new Set(values)];
