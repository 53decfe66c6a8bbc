#!/usr/bin/env bash
# Makes a checkout runnable: packages, npm modules, libbpf, BPF objects, native addon, JavaScript.
#
#   scripts/setup.sh [--with-tests] [--with-demo] [--with-links]
#
# Every step is skipped while its inputs are what they were. SPANLOOM_LIBBPF_SRC names a libbpf source tree to use
# instead of Debian's source package; CLANG and CXX name other compilers.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/debian-suite.sh

# Debian package and what shows that it is there: a command, or a path (globs allowed).
BUILD_PACKAGES=(
  'clang-19                 clang-19'
  'g++                      g++'
  'make                     make'
  'libelf-dev               /usr/include/libelf.h'
  'zlib1g-dev               /usr/include/zlib.h'
)
TEST_PACKAGES=(
  'nginx                    /usr/sbin/nginx'
  'postgresql               /usr/lib/postgresql/*/bin/postgres'
  'redis-server             /usr/bin/redis-server'
  'python3                  /usr/bin/python3'
  'python3-venv             /usr/lib/python3*/ensurepip/__init__.py'
  'iproute2                 ip'
  'wrk                      wrk'
  'haproxy                  /usr/sbin/haproxy'
  'apache2-bin              /usr/sbin/apache2'
  'varnish                  /usr/sbin/varnishd'
  'lighttpd                 /usr/sbin/lighttpd'
  'squid                    /usr/sbin/squid'
  'default-jdk-headless     javac'
)
DEMO_PACKAGES=(
  'nginx                    /usr/sbin/nginx'
  'postgresql               /usr/lib/postgresql/*/bin/postgres'
  'redis-server             /usr/bin/redis-server'
  'python3                  /usr/bin/python3'
  'python3-venv             /usr/lib/python3*/ensurepip/__init__.py'
)
LINKS_PACKAGES=(
  'g++                      g++'
  'python3                  /usr/bin/python3'
  'python3-venv             /usr/lib/python3*/ensurepip/__init__.py'
  'openjdk-17-jdk-headless  javac'
  'rustc                    rustc'
  'puma                     puma'
  'patchelf                 patchelf'
  'nftables                 /usr/sbin/nft'
)

LIBBPF_VERSION=1.5.0
LIBBPF_DEBIAN_VERSION=1.5.0-3
LIBBPF_DEBIAN_SUITE=trixie
LIBBPF_SHA256=53492aff6dd47e4da04ef5e672d753b9743848bdb38e9d90eafbe190b7983c44

STAMPS=.cache/setup
VENDOR=native/vendor/libbpf
BUILD=native/build

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }
hash_of() { sha256sum | cut -d' ' -f1; }
hash_files() { find "$@" -type f -print0 | sort -z | xargs -0 sha256sum | hash_of; }

# up_to_date STEP HASH OUTPUT...: the step ran with these inputs and its outputs are still there.
up_to_date() {
  local step=$1 hash=$2 output
  shift 2
  [[ -f $STAMPS/$step && $(<"$STAMPS/$step") == "$hash" ]] || return 1
  for output; do [[ -e $output ]] || return 1; done
}
done_with() { printf '%s\n' "$2" >"$STAMPS/$1"; }

present() {
  if [[ $1 == /* ]]; then compgen -G "$1" >/dev/null; else command -v "$1" >/dev/null; fi
}

# Debian starts a service when it installs it; policy-rc.d is its own way of saying no.
install_without_starting_services() {
  local policy=/usr/sbin/policy-rc.d status=0
  if [[ -e $policy ]]; then
    policy=
  else
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } \
    >.cache/apt.log 2>&1 || status=$?
  if [[ -n $policy ]]; then
    rm -f "$policy"
    trap - EXIT
  fi
  if ((status != 0)); then
    tail -n 20 .cache/apt.log >&2
    fail "apt-get could not install: $* (whole output in .cache/apt.log)"
  fi
}

packages() {
  local entry package probe missing=()
  for entry; do
    read -r package probe <<<"$entry"
    present "$probe" || [[ " ${missing[*]-} " == *" $package "* ]] || missing+=("$package")
  done
  ((${#missing[@]} > 0)) || return 0
  if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
    fail "these packages are missing (names as in Debian 12): ${missing[*]}. Install them, or run this as root where apt-get is."
  fi
  say "installing Debian packages: ${missing[*]}"
  install_without_starting_services "${missing[@]}"
}

# True when what package-lock.json wants is what node_modules holds; npm keeps its own record of the latter.
npm_modules_match() {
  [[ -f node_modules/.package-lock.json ]] || return 1
  node -e '
    const { readFileSync } = require("node:fs");
    const packages = (file) => JSON.parse(readFileSync(file, "utf8")).packages;
    const installed = packages("node_modules/.package-lock.json");
    for (const [path, wanted] of Object.entries(packages("package-lock.json")))
      if (path && !wanted.optional && installed[path]?.version !== wanted.version) process.exit(1);
  '
}

npm_modules() {
  command -v npm >/dev/null || fail 'npm is missing: install Node.js 20.19 or newer'
  [[ -f package-lock.json ]] || return 0
  npm_modules_match && return 0
  say 'installing npm modules'
  # What the lock file says, as `npm ci` does; that one also refuses a lock file made where the registry has not the
  # optional packages of every other platform.
  npm install --no-save --no-audit --no-fund --loglevel=error
}

download_libbpf() {
  local into=$1
  local hint="Point SPANLOOM_LIBBPF_SRC to a libbpf $LIBBPF_VERSION source tree to do without."
  debian_suite "$into" deb-src "$LIBBPF_DEBIAN_SUITE" || fail "libbpf's source comes from Debian's archive. $hint"
  if ! { "${suite_apt[@]}" update && (cd "$into" && "${suite_apt[@]}" --download-only source "libbpf=$LIBBPF_DEBIAN_VERSION"); } \
    >"$into/log" 2>&1; then
    cat "$into/log" >&2
    fail "could not download libbpf's source. $hint"
  fi
  printf '%s  %s\n' "$LIBBPF_SHA256" "$into/libbpf_$LIBBPF_VERSION.orig.tar.gz" | sha256sum --check --status ||
    fail "libbpf_$LIBBPF_VERSION.orig.tar.gz has not the expected SHA-256 $LIBBPF_SHA256"
  mkdir "$into/source"
  tar -xzf "$into/libbpf_$LIBBPF_VERSION.orig.tar.gz" -C "$into/source" --strip-components=1
}

libbpf_source() {
  local source=${SPANLOOM_LIBBPF_SRC-} hash work
  if [[ -n $source ]]; then
    [[ -f $source/src/libbpf.c ]] || fail "SPANLOOM_LIBBPF_SRC is '$source', which has no src/libbpf.c"
    hash=$(hash_files "$source/src" "$source/include")
  else
    hash=$LIBBPF_SHA256
  fi
  up_to_date libbpf-source "$hash" "$VENDOR/src/libbpf.c" && return 0
  work=$(mktemp -d)
  trap 'rm -rf "$work"' RETURN
  if [[ -z $source ]]; then
    say "fetching the source of libbpf $LIBBPF_VERSION"
    download_libbpf "$work"
    source=$work/source
  fi
  rm -rf "$VENDOR"
  mkdir -p "$VENDOR"
  cp -R "$source"/{src,include,LICENSE*,README.md,CHECKPOINT-COMMIT} "$VENDOR/"
  done_with libbpf-source "$hash"
}

libbpf() {
  local hash
  hash=$(<"$STAMPS/libbpf-source")
  up_to_date libbpf "$hash" "$BUILD/libbpf/lib/libbpf.a" && return 0
  say "building libbpf $LIBBPF_VERSION"
  rm -rf "$BUILD/libbpf"
  mkdir -p "$BUILD/libbpf/obj"
  make -s -j"$(nproc)" -C "$VENDOR/src" BUILD_STATIC_ONLY=1 NO_PKG_CONFIG=1 PREFIX= LIBDIR=/lib \
    CFLAGS='-O2 -fPIC -fvisibility=hidden' OBJDIR="$PWD/$BUILD/libbpf/obj" DESTDIR="$PWD/$BUILD/libbpf" \
    install install_uapi_headers >"$BUILD/libbpf/log" 2>&1 || {
    cat "$BUILD/libbpf/log" >&2
    fail 'building libbpf failed'
  }
  rm -rf "$BUILD/libbpf/obj"
  done_with libbpf "$hash"
}

bpf_objects() {
  local clang=${CLANG:-clang-19} arch hash source object
  case $(uname -m) in
    x86_64) arch=x86 ;;
    aarch64) arch=arm64 ;;
    *) fail "the capture knows x86_64 and aarch64, this machine is $(uname -m)" ;;
  esac
  hash=$({ hash_files bpf/*.bpf.c bpf/include; printf '%s %s %s\n' "$clang" "$arch" "$(<"$STAMPS/libbpf")"; } | hash_of)
  local objects=()
  for source in bpf/*.bpf.c; do
    object=${source##*/}
    objects+=("bpf/build/${object%.c}.o")
  done
  up_to_date bpf "$hash" "${objects[@]}" && return 0
  say 'compiling the BPF programs'
  mkdir -p bpf/build
  for source in bpf/*.bpf.c; do
    object=bpf/build/$(basename "${source%.c}").o
    "$clang" -target bpf -mcpu=v3 -O2 -g -std=gnu11 -Wall -Wextra -Wno-unused-parameter -Werror -D"__TARGET_ARCH_$arch" \
      -Ibpf/include -isystem "$BUILD/libbpf/include" -c "$source" -o "$object.tmp"
    mv "$object.tmp" "$object"
  done
  done_with bpf "$hash"
}

addon() {
  local cxx=${CXX:-g++} headers hash
  headers=(node_modules/node-addon-api node_modules/node-api-headers/include)
  hash=$({ hash_files native/src; sha256sum node_modules/node-a*/package.json
    printf '%s %s\n' "$cxx" "$(<"$STAMPS/libbpf")"; } | hash_of)
  up_to_date addon "$hash" "$BUILD/spanloom.node" && return 0
  say 'building the native addon'
  "$cxx" -std=c++17 -O2 -fPIC -shared -fvisibility=hidden -Wall -Wextra -Werror \
    -DNAPI_VERSION=8 -DNAPI_DISABLE_CPP_EXCEPTIONS -DNODE_ADDON_API_DISABLE_DEPRECATED \
    -isystem "${headers[0]}" -isystem "${headers[1]}" -isystem "$BUILD/libbpf/include" \
    native/src/*.cpp -o "$BUILD/spanloom.node.tmp" "$BUILD/libbpf/lib/libbpf.a" -lelf -lz
  # A running process has the old file mapped: replace it, never write into it.
  mv "$BUILD/spanloom.node.tmp" "$BUILD/spanloom.node"
  done_with addon "$hash"
}

javascript() {
  local hash
  hash=$(hash_files src tsconfig.json tsconfig.build.json package-lock.json)
  up_to_date javascript "$hash" dist && return 0
  say 'compiling the TypeScript'
  rm -rf dist
  node_modules/.bin/tsc -p tsconfig.build.json
  done_with javascript "$hash"
}

wanted=("${BUILD_PACKAGES[@]}")
for argument; do
  case $argument in
    --with-tests) wanted+=("${TEST_PACKAGES[@]}") ;;
    --with-demo) wanted+=("${DEMO_PACKAGES[@]}") ;;
    --with-links) wanted+=("${LINKS_PACKAGES[@]}") ;;
    *) fail "unknown argument '$argument'; known are --with-tests, --with-demo and --with-links" ;;
  esac
done

mkdir -p "$STAMPS"
exec 9>"$STAMPS/lock"
flock 9
say 'Debian packages (root and apt-get only where some are missing), npm modules, libbpf, BPF programs, addon, JavaScript'
packages "${wanted[@]}"
npm_modules
libbpf_source
libbpf
bpf_objects
addon
javascript
say 'ready'
