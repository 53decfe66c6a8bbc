#!/usr/bin/env bash
# Makes a service with an SDK runnable, in .cache/sdks: `javascript` and `python` get the packages of theirs, `go` builds
# the Go one, `java` compiles the Java one and gets the OpenTelemetry Java agent. Does nothing where nothing changed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=$(cd "$here/../../.." && pwd)/.cache/sdks
agent=io.opentelemetry.javaagent:opentelemetry-javaagent:2.20.1
mkdir -p "$cache"

up_to_date() { # STAMP HASH
  [ -f "$cache/$1.stamp" ] && [ "$(cat "$cache/$1.stamp")" = "$2" ]
}

case $1 in
  javascript)
    hash=$({ cat "$here"/javascript/*; node --version; } | sha256sum)
    if ! up_to_date javascript "$hash"; then
      mkdir -p "$cache/javascript"
      cp "$here"/javascript/* "$cache/javascript/"
      npm ci --prefix "$cache/javascript" --ignore-scripts --no-audit --no-fund --loglevel=error
      echo "$hash" >"$cache/javascript.stamp"
    fi
    ;;
  python)
    # Debian's own interpreter: it is the one that python3-venv belongs to.
    hash=$({ cat "$here/python/requirements.txt"; /usr/bin/python3 --version; } | sha256sum)
    if ! up_to_date python "$hash"; then
      rm -rf "${cache:?}/python"
      /usr/bin/python3 -m venv "$cache/python"
      "$cache/python/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$here/python/requirements.txt"
      echo "$hash" >"$cache/python.stamp"
    fi
    ;;
  go)
    # Go finds out by itself what is out of date.
    cd "$here/go"
    nice go build -trimpath -o "$cache/go-relay" .
    ;;
  java)
    jar=$cache/opentelemetry-javaagent-${agent##*:}.jar
    if [ ! -f "$jar" ]; then
      mvn --batch-mode --quiet dependency:copy -Dartifact="$agent" -DoutputDirectory="$cache"
    fi
    ln -sf "${jar##*/}" "$cache/javaagent.jar"
    if [ ! "$cache/Relay.class" -nt "$here/java/Relay.java" ]; then
      javac -d "$cache" "$here/java/Relay.java"
    fi
    ;;
  *)
    echo "install.sh: unknown language '$1'; known are javascript, python, go and java" >&2
    exit 1
    ;;
esac
