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
    const values = this.#of(scenario)
      .filter((turn) => turn.server === server && figure in turn.findings)
      .map(({ findings }) => findings[figure])
      .sort((one, other) => one - other);
    const half = values.length >> 1;
    return values.length % 2 === 1 || half === 0 ? values[half] : (values[half - 1] + values[half]) / 2;
  }

  #of(scenario) {
    return this.#turns.filter((turn) => turn.scenario === scenario);
  }
}

const distinct = (values) => [...new Set(values)];
