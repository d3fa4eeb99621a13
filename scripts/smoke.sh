#!/usr/bin/env bash
# Runs a small part of the tests with another version of Node: `scripts/smoke.sh 22`. Takes about a minute.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$1
export version
# npm runs its scripts with the `node` that npx puts first in the PATH.
npx --yes --package "node@$version" --call '
  node --version &&
  npm run jest -- --selectProjects unit e2e apps \
    --testPathPatterns "src/(transport|config|logging)/" "(connector-relay|peerjs-messages|easyrtc-login).e2e" nest.apps --maxWorkers=2 \
    --json --outputFile="test-results-node$version.json"'
