#!/usr/bin/env bash
# Everything `npm test` stands for, in the order of what fails fastest.
set -euo pipefail
cd "$(dirname "$0")/.."

step() {
  printf '\n== %s\n' "$1"
  shift
  "$@"
}

step 'set-up' bash scripts/setup.sh --with-tests --with-demo
step 'type check' npm run --silent typecheck
step 'lint and format' npm run --silent lint
step 'unit tests' npm run --silent test:unit
step 'unit tests on Node 24' scripts/test-node24.sh --project unit
step 'the upstream Collector, Jaeger and Caddy' bash scripts/peers.sh
step 'end-to-end tests' npm run --silent test:e2e
step 'what loads the addon, on Node 24' scripts/test-node24.sh --project e2e http.test postgresql.test redis.test forking.test restart-drain.test
