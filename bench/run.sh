#!/usr/bin/env bash
# Compiles a benchmark with what it measures, and runs it:
#
#   bench/run.sh replay                               the benchmark bench/replay.ts
#   bench/run.sh replay/stage-process correlate 20    any other file, with arguments; NODE_FLAGS=--cpu-prof profiles
#
# The code is that of the package, made by the same compiler: loaders such as tsx wrap every function they see.
set -euo pipefail
cd "$(dirname "$0")/.."
js=.cache/bench/js
node_modules/.bin/tsc -p bench/tsconfig.json
# What the compiled files look for next to themselves.
for name in native bpf dist package.json; do ln -sfn "../../../$name" "$js/$name"; done
exec node ${NODE_FLAGS-} "$js/bench/$1.js" "${@:2}"
