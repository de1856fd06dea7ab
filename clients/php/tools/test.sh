#!/usr/bin/env bash
# Tests the PHP client against a live gateway: with messages in PHP, then with ext-protobuf.
# Where tools are missing it says so and does nothing, or fails when ERP_GATEWAY_REQUIRE_TOOLS=1.
set -euo pipefail
cd "$(dirname "$0")/.."
required="${ERP_GATEWAY_REQUIRE_TOOLS:-0}"
if ! told=$(tools/install-debian.sh --check 2>&1); then
  echo "THE PHP CLIENT WAS NOT TESTED: $told" >&2
  echo "Install what is missing (Debian 12):  clients/php/tools/install-debian.sh" >&2
  [[ $required == 1 ]] && exit 1
  exit 0
fi
grpc=$(tools/install-debian.sh --path grpc)
protobuf=$(tools/install-debian.sh --path protobuf)
export COMPOSER_ALLOW_SUPERUSER=1
composer install -q --no-interaction
strict=()
[[ $required == 1 ]] && strict=(--fail-on-skipped)

echo "== ext-grpc and ext-curl, messages in PHP"
export ERP_GATEWAY_PHP_EXTENSIONS="$grpc"
php -d "extension=$grpc" "$(command -v phpunit)" "${strict[@]}" "$@"

echo "== ext-grpc and ext-curl, messages in ext-protobuf"
export ERP_GATEWAY_PHP_EXTENSIONS="$grpc $protobuf"
php -d "extension=$grpc" -d "extension=$protobuf" "$(command -v phpunit)" "${strict[@]}" \
  --filter '/Unit|CallsTest|StreamTest|ErrorsTest|ExamplesTest/' "$@"

echo "== without any extension of ours"
ERP_GATEWAY_PHP_EXTENSIONS="" php "$(command -v phpunit)" "${strict[@]}" --testsuite unit "$@"
