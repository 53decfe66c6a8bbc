#!/usr/bin/env bash
# Builds the programs of others that tests and benchmarks set Spanloom beside (test/peers/README.md) into .cache/peers.
#
#   scripts/peers.sh
#
# Each is built once and again only when its inputs change. Without Go there is nothing to build them with: one line says
# so, and CI=true makes that a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

PEERS=$PWD/.cache/peers
COLLECTOR_BUILDER=go.opentelemetry.io/collector/cmd/builder@v0.159.0
JAEGER=github.com/jaegertracing/jaeger
CADDY=github.com/caddyserver/caddy/v2/cmd/caddy@v2.11.9

say() { printf 'peers: %s\n' "$*"; }
fail() { printf 'peers: %s\n' "$*" >&2; exit 1; }

# What a build in the folder it is called in leaves as ./PEER.
build_otelcol() {
  GOBIN=$PWD/bin go install "$COLLECTOR_BUILDER"
  bin/builder --config builder.yaml
  mv build/otelcol .
}

build_jaeger() {
  # One of Jaeger's dependencies is missing from the checksum database; Jaeger's own go.sum vouches for all of them.
  local own_sums
  own_sums=$(go mod download -json "$JAEGER" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')/go.sum
  install -m 644 "$own_sums" go.sum
  go build -mod=mod -trimpath -ldflags='-s -w' -o jaeger "$JAEGER/cmd/jaeger"
}

build_caddy() {
  GOBIN=$PWD/bin go install -trimpath -ldflags='-s -w' "$CADDY"
  mv bin/caddy .
}

peer() {
  local name=$1 hash work=$PEERS/$1.build
  hash=$({ find "test/peers/$name" -type f -print0 | sort -z | xargs -0 sha256sum
    declare -f "build_$name"; printf '%s\n' "$COLLECTOR_BUILDER" "$JAEGER"; [[ $name != caddy ]] || printf '%s\n' "$CADDY"; } | sha256sum | cut -d' ' -f1)
  [[ -x $PEERS/$name && -f $PEERS/$name.stamp && $(<"$PEERS/$name.stamp") == "$hash" ]] && return 0
  say "building $name (minutes the first time)"
  rm -rf "$work"
  cp -R "test/peers/$name" "$work"
  (cd "$work" && nice bash -c "set -euo pipefail; $(declare -f "build_$name"); build_$name") \
    >"$PEERS/$name.log" 2>&1 || {
    tail -n 20 "$PEERS/$name.log" >&2
    fail "building $name failed (whole output in .cache/peers/$name.log)"
  }
  # A running process has the old file: replace it, never write into it.
  mv "$work/$name" "$PEERS/$name"
  rm -rf "$work"
  printf '%s\n' "$hash" >"$PEERS/$name.stamp"
}

export COLLECTOR_BUILDER JAEGER CADDY
if ! command -v go >/dev/null; then
  [[ ${CI-} != true ]] || fail 'Go is missing, and the tests with the upstream Collector, Jaeger and Caddy need it: install Go 1.25 or newer'
  say 'Go is missing: the upstream Collector, Jaeger and Caddy are not built, tests with them are skipped'
  exit 0
fi
mkdir -p "$PEERS"
exec 9>"$PEERS/lock"
flock 9
peer otelcol
peer jaeger
peer caddy
say 'ready'
