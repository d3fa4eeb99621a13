/** What all turns have found. */
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

  /** The median of all rounds; nothing if it was not measured. */
  median(scenario, server, figure) {
    return middle(this.#values(scenario, server, figure));
  }

  /** The median, over the rounds, of what comes of a server's figure and a reference's of the same round. */
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

/** The middle one, or what is between the two in the middle; nothing of nothing. */
function middle(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 || half === 0 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

const distinct = (values) => [...new Set(values)];
