#!/usr/bin/env bash
# Debian 12: installs what the PHP client's tests need, and builds ext-grpc and ext-protobuf from
# Debian's own source packages into .cache/php-ext/ of the repository. Run it again at any time: what
# is there already is left alone. No service is started. Needs root (or sudo) for the packages only.
#
#   clients/php/tools/install-debian.sh              everything
#   clients/php/tools/install-debian.sh --path grpc  where an extension is built to
#   clients/php/tools/install-debian.sh --check      only say what is missing; exit code 1 if anything is
set -euo pipefail
cd "$(dirname "$0")/../../.."
cache="$PWD/.cache/php-ext"
packages=(
  php-cli php-fpm php-curl php-dev php-xml php-mbstring composer phpunit
  php-google-protobuf protobuf-compiler libprotobuf-dev libgrpc-dev
  nginx-light g++ make pkg-config dpkg-dev ca-certificates
)

missing_packages() {
  local package
  for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || echo "$package"
  done
}

# An extension fits only the PHP it was built for, so that PHP's version is part of its path.
extension() {
  echo "$cache/$(php-config --phpapi)-$(php-config --version | cut -d. -f1-2)/$1.so"
}

loads() {
  [[ -f "$(extension "$1")" ]] && php -d "extension=$(extension "$1")" -r "exit(extension_loaded('$1') ? 0 : 1);" 2>/dev/null
}

if [[ "${1:-}" == "--path" ]]; then
  extension "$2"
  exit 0
fi

if [[ "${1:-}" == "--check" ]]; then
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]})) && { echo "missing packages: ${missing[*]}"; exit 1; }
  for name in grpc protobuf; do loads "$name" || { echo "not built: $(extension "$name")"; exit 1; }; done
  exit 0
fi

as_root() { if ((EUID == 0)); then "$@"; else sudo "$@"; fi; }

# Services must not start because a package came in. A policy that stands there already is kept.
without_services() {
  local policy=/usr/sbin/policy-rc.d ours=0
  if [[ ! -e $policy ]]; then
    ours=1
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod +x "$policy"
  fi
  local code=0
  "$@" || code=$?
  ((ours)) && as_root rm -f "$policy"
  return "$code"
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]})) || return 0
  echo "installing: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get -o DPkg::Lock::Timeout=300 update -qq
  without_services as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
    install -y -qq --no-install-recommends "${missing[@]}"
}

# Debian's mirrors that apt uses here already; none before its first update.
mirrors() {
  apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
    awk -v release="$1" '$2 == release || $2 == release "-security"' | sort -u
}

# Source lists of our own: the system's are neither changed nor needed to hold deb-src lines.
apt_source() {
  local work=$1 package=$2 release
  release=$(. /etc/os-release && echo "$VERSION_CODENAME")
  mkdir -p "$work/lists/partial"
  [[ -n "$(mirrors "$release")" ]] || as_root apt-get -o DPkg::Lock::Timeout=300 update -qq
  mirrors "$release" |
    while read -r mirror suite; do
      echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
    done >"$work/sources.list"
  local options=(-o "Dir::Etc::SourceList=$work/sources.list" -o "Dir::Etc::SourceParts=-"
    -o "Dir::State::Lists=$work/lists" -o "APT::Sandbox::User=root")
  [[ -n "$(ls "$work/lists" | grep Sources || true)" ]] || apt-get "${options[@]}" update -qq
  (cd "$work" && apt-get "${options[@]}" source -qq "$package" >/dev/null)
}

build() { # name, folder of its config.m4, arguments of configure
  local name=$1 folder=$2 log="$cache/$1.log"
  shift 2
  echo "building ext-$name (log: $log)"
  (cd "$folder" && phpize && ./configure "$@" && nice make -j2) >"$log" 2>&1 ||
    { tail -n 20 "$log" >&2; echo "ext-$name was not built" >&2; exit 1; }
  mkdir -p "$(dirname "$(extension "$name")")"
  strip --strip-unneeded "$folder/modules/$name.so"
  cp "$folder/modules/$name.so" "$(extension "$name")"
  loads "$name" || { echo "ext-$name was built but does not load" >&2; exit 1; }
}

build_grpc() {
  loads grpc && return 0
  local work=$1
  apt_source "$work" grpc
  build grpc "$(echo "$work"/grpc-*/src/php/ext/grpc)" --enable-grpc=/usr
}

build_protobuf() {
  loads protobuf && return 0
  local work=$1 source
  apt_source "$work" protobuf
  source=$(echo "$work"/protobuf-*/)
  # Released tarballs of the extension hold this folder; the source tree keeps it one level up.
  mkdir -p "$source/php/ext/google/protobuf/third_party"
  cp -r "$source/third_party/utf8_range" "$source/php/ext/google/protobuf/third_party/"
  build protobuf "$source/php/ext/google/protobuf"
}

install_packages
mkdir -p "$cache"
work=$(mktemp -d "$cache/build.XXXXXX")
trap 'rm -rf "$work"' EXIT
build_grpc "$work"
build_protobuf "$work"
echo "ready: $(php -r 'echo "PHP ", PHP_VERSION;'), $(extension grpc), $(extension protobuf)"
