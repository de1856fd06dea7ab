#!/usr/bin/env bash
# Writes generated/ again from proto/. Generated code must never be newer than the runtime that carries
# it, and the oldest one supported is Debian 12's (php-google-protobuf 3.21): so that protoc is used.
#
#   clients/php/tools/generate.sh [FOLDER]     default: clients/php/generated
set -euo pipefail
cd "$(dirname "$0")/.."
out="${1:-$PWD/generated}"
found=$(protoc --version 2>/dev/null || echo none)
[[ $found == "libprotoc 3.21."* ]] || {
  echo "protoc 3.21 is needed, found: $found. On Debian 12: apt-get install protobuf-compiler libprotobuf-dev" >&2
  exit 1
}
rm -rf "$out"
mkdir -p "$out"
mapfile -t files < <(cd ../../proto && find gateway/v1 -name '*.proto' | sort)
protoc -I ../../proto -I proto --php_out="$out" "${files[@]}" erpai/gateway/client/wire.proto
