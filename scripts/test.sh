#!/usr/bin/env bash
# Installs what the tests need beyond npm, then runs everything: build, type check, lint, unit and end-to-end tests, and a short
# benchmark.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/install-test-tools.sh
npm run build
npm run types
npm run lint
# Tests with heavy load or limits of time run one file at a time, those with browsers two. A failure does not stop the rest.
timed='/test/(attacks/|cluster/|e2e/alone/(limits|mixed-load|[a-z-]+-memory)\.)'
browsers='/test/(e2e/(anywhere-)?alone/|peer/(browser|readme))'
# Each attack takes ten seconds where it is run by itself.
export ATTACK_SECONDS="${ATTACK_SECONDS:-3}"
status=0
npm run jest -- --selectProjects unit e2e nodes --testPathIgnorePatterns "$timed" "$browsers" --maxWorkers=2 \
  --json --outputFile=test-results.json || status=$?
npm run jest -- --selectProjects e2e nodes --testPathPatterns "$browsers" --testPathIgnorePatterns "$timed" --maxWorkers=2 \
  --json --outputFile=test-results-browsers.json || status=$?
npm run jest -- --selectProjects e2e cluster attacks --testPathPatterns "$timed" --maxWorkers=1 \
  --json --outputFile=test-results-timed.json || status=$?
# Most of their time they install packages, which would delay other tests.
npm run jest -- --selectProjects apps --maxWorkers=2 --json --outputFile=test-results-apps.json || status=$?
# Drives each server briefly and fails if a message is lost. Speed is not judged here.
node bench/run.mjs --quick || status=$?
exit "$status"
