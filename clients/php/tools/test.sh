#!/usr/bin/env bash
# Tests the PHP client against live gateways: with messages in PHP, then with ext-protobuf. The golden
# set is played under PHP with the one, and inside PHP-FPM's workers with the other.
# Where tools are missing it says so and does nothing, or fails when ERP_GATEWAY_REQUIRE_TOOLS=1.
#
#   clients/php/tools/test.sh          everything, the long tests in their short form
#   clients/php/tools/test.sh soak     the long tests alone, whole
set -euo pipefail
cd "$(dirname "$0")/.."
required="${ERP_GATEWAY_REQUIRE_TOOLS:-}"
if ! told=$(tools/install-debian.sh --check 2>&1); then
  echo "SKIPPED: tests of the php client: $told; to run them (Debian 12, as root): clients/php/tools/install-debian.sh"
  test -z "$required"
  exit
fi
grpc=$(tools/install-debian.sh --path grpc)
protobuf=$(tools/install-debian.sh --path protobuf)
export COMPOSER_ALLOW_SUPERUSER=1
composer install -q --no-interaction
strict=()
[[ -n $required ]] && strict=(--fail-on-skipped)

tested() { # extensions, arguments of phpunit
  local extensions=$1 loaded=() each
  shift
  for each in $extensions; do loaded+=(-d "extension=$each"); done
  ERP_GATEWAY_PHP_EXTENSIONS="$extensions" php "${loaded[@]}" "$(command -v phpunit)" "${strict[@]}" "$@"
}

if [[ ${1:-} == soak ]]; then
  ERP_GATEWAY_SOAK=1 tested "$grpc $protobuf" --filter '/FpmTest|RestartTest/'
  exit
fi
echo "== PHP client: ext-grpc and ext-curl, messages in PHP"
tested "$grpc" --exclude-group in-c
echo "== PHP client: ext-grpc and ext-curl, messages in ext-protobuf"
tested "$grpc $protobuf" --filter '/Unit|CallsTest|StreamTest|ErrorsTest|ExamplesTest|FpmGoldenTest/'
echo "== PHP client: without any extension of ours"
tested "" --testsuite unit
