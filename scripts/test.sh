#!/usr/bin/env bash
# Sets up what the tests need beyond npm, then runs everything: build, types, lint, unit and end-to-end tests.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/install-test-tools.sh
npm run build
npm run types
npm run lint
npm run jest -- --json --outputFile=test-results.json "$@"
