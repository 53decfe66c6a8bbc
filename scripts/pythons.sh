#!/usr/bin/env bash
# Gets the interpreters of other Debian releases that `npm run bench:python` runs, into .cache/pythons/VERSION. Each runs by
# its own C library, on the packages that Debian built; nothing is installed.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/debian-suite.sh

# Release and version of CPython.
PYTHONS=('bullseye 3.9' 'bookworm 3.11' 'trixie 3.13' 'forky 3.14')

say() { printf 'pythons: %s\n' "$*"; }
fail() { printf 'pythons: %s\n' "$*" >&2; exit 1; }

get() {
  local suite=$1 version=$2 root=$PWD/.cache/pythons/$2 work deb
  local packages=("python$version-minimal" "libpython$version-minimal" "libpython$version-stdlib" "libpython$version"
    libc6 zlib1g libexpat1)
  [[ -x $root/usr/bin/python$version ]] && return 0
  say "getting CPython $version of Debian $suite"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' RETURN
  debian_suite "$work" deb "$suite" || fail "CPython $version can not be had"
  { "${suite_apt[@]}" update && (cd "$work" && "${suite_apt[@]}" download "${packages[@]}"); } >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    fail "could not download ${packages[*]}"
  }
  rm -rf "$root"
  mkdir -p "$root"
  for deb in "$work"/*.deb; do dpkg -x "$deb" "$root"; done
  local library=$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu loader
  loader=$(find "$root" -path '*x86_64-linux-gnu/ld-*' -type f | head -n 1)
  patchelf --set-interpreter "$loader" --set-rpath "$library" "$root/usr/bin/python$version"
}

[[ $(uname -m) == x86_64 ]] || fail 'these are built for x86-64'
command -v patchelf >/dev/null || fail 'patchelf is missing: install the Debian package patchelf'
for python in "${PYTHONS[@]}"; do get $python; done
say 'ready'
