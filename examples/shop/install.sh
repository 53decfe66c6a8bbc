#!/usr/bin/env bash
# Installs what the shop's services need: the packages of web/package-lock.json into web/node_modules, and those of
# {stock,price}/requirements.txt into virtual environments under .cache/shop. Does nothing where nothing changed.
set -euo pipefail
shop=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=$(cd "$shop/../.." && pwd)/.cache/shop
# Debian's own interpreter, where there is one: it is the one that python3-venv belongs to.
python=/usr/bin/python3
[ -x "$python" ] || python=python3
mkdir -p "$cache"

installed() { # STAMP HASH TARGET
  [ -d "$3" ] && [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]
}

hash=$({ cat "$shop/web/package-lock.json"; node --version; } | sha256sum)
if ! installed "$cache/web.stamp" "$hash" "$shop/web/node_modules"; then
  echo "shop: installing the packages of web"
  # The OpenTelemetry packages run without their dependencies' install scripts.
  npm ci --prefix "$shop/web" --ignore-scripts --no-audit --no-fund --loglevel=error
  echo "$hash" > "$cache/web.stamp"
fi

for service in stock price; do
  hash=$({ cat "$shop/$service/requirements.txt"; "$python" --version; } | sha256sum)
  if ! installed "$cache/$service.stamp" "$hash" "$cache/$service"; then
    echo "shop: installing the packages of $service"
    rm -rf "${cache:?}/$service"
    "$python" -m venv "$cache/$service"
    "$cache/$service/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$shop/$service/requirements.txt"
    echo "$hash" > "$cache/$service.stamp"
  fi
done
