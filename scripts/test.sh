#!/usr/bin/env bash
# Sets up what the tests need beyond npm, then runs everything: build, types, lint, unit and end-to-end tests, and the benchmark
# for a moment.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/install-test-tools.sh
npm run build
npm run types
npm run lint
# Browsers, loads, and faults with times to keep run with nothing beside them. All of it runs, whatever fails.
alone='/test/(attacks|cluster)/|-browser\.e2e|-(client|memory)\.e2e|/(demo|limits|mixed-load|readme|swagger-ui)\.e2e'
status=0
npm run jest -- --selectProjects unit e2e nodes --testPathIgnorePatterns "$alone" --maxWorkers=2 \
  --json --outputFile=test-results.json || status=$?
npm run jest -- --selectProjects e2e nodes cluster attacks --testPathPatterns "$alone" --maxWorkers=1 \
  --json --outputFile=test-results-alone.json || status=$?
# Each server is driven for a moment: nothing may be lost. How fast it is, nobody judges here.
node bench/run.mjs --quick || status=$?
exit "$status"
