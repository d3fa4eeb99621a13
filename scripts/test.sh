#!/usr/bin/env bash
# Sets up what the tests need beyond npm, then runs everything: build, types, lint, unit and end-to-end tests.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/install-test-tools.sh
npm run build
npm run types
npm run lint
# What has times to keep runs alone, one file after the other. All of it runs, whatever fails.
status=0
npm run jest -- --selectProjects unit e2e nodes --maxWorkers=2 --json --outputFile=test-results.json || status=$?
npm run jest -- --selectProjects cluster --maxWorkers=1 --json --outputFile=test-results-cluster.json || status=$?
exit "$status"
