#!/usr/bin/env bash
# Installs what the tests need beyond npm, then runs everything: build, type check, lint, unit and end-to-end tests, and a short
# benchmark.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/install-test-tools.sh
npm run build
npm run types &
types=$!
npm run lint
wait "$types"
# Tests with heavy load or limits of time run one file at a time. The others often wait, so there are more of them at once
# than two processors would serve otherwise. A failure does not stop the rest.
timed='/test/(attacks/|cluster/|e2e/alone/(limits|mixed-load|[a-z-]+-memory)\.)'
browsers='/test/(e2e/(anywhere-)?alone/|peer/(browser|readme))'
# Each attack takes ten seconds where it is run by itself.
export ATTACK_SECONDS="${ATTACK_SECONDS:-3}"
status=0
npm run jest -- --selectProjects unit e2e nodes --testPathIgnorePatterns "$timed" "$browsers" --maxWorkers=3 \
  --json --outputFile=test-results.json || status=$?
# Tests with browsers wait most of all. Those of the project `apps` install packages, which would delay the tests above.
npm run jest -- --selectProjects e2e nodes apps --testPathPatterns "$browsers" /test/apps/ --testPathIgnorePatterns "$timed" \
  --maxWorkers=3 --json --outputFile=test-results-browsers.json || status=$?
npm run jest -- --selectProjects e2e cluster attacks --testPathPatterns "$timed" --maxWorkers=1 \
  --json --outputFile=test-results-timed.json || status=$?
# Drives each server briefly and fails if a message is lost. Speed is not judged here.
node bench/run.mjs --quick || status=$?
exit "$status"
