#!/usr/bin/env bash
# Makes a service with an SDK runnable, in .cache/sdks: `go` builds the Go one, `java` compiles the Java one and
# gets the OpenTelemetry Java agent. Does nothing where nothing changed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=$(cd "$here/../../.." && pwd)/.cache/sdks
agent=io.opentelemetry.javaagent:opentelemetry-javaagent:2.20.1
mkdir -p "$cache"

case $1 in
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
    echo "install.sh: unknown language '$1'; known are go and java" >&2
    exit 1
    ;;
esac
