#!/usr/bin/env bash
# Installs the Debian 12 packages and npm tools of the groups named (default: all). Fast and silent when all is there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly build_packages=(
  cmake ninja-build g++ pkg-config libboost1.81-dev libcurl4-openssl-dev libssl-dev nlohmann-json3-dev
  default-libmysqlclient-dev libsqlite3-dev libzstd-dev libtomlplusplus-dev libcli11-dev libspdlog-dev
  libgtest-dev libgmock-dev libbenchmark-dev
)
readonly run_packages=(python3 nginx php-cli php-fpm redis-tools curl)
readonly database_packages=(mariadb-server)
readonly lab_packages=(iproute2 nftables util-linux openssl)
readonly test_packages=(
  git clang-14 clang-format-14 clang-tidy-14 libclang-rt-14-dev shellcheck pyflakes3
  "${database_packages[@]}" "${lab_packages[@]}" php-cgi php-redis
  php-memcached php-mysql php-curl redis-server memcached wrk python3-pytest python3-pytest-xdist python3-boto3
)
readonly tools=build/tools

fail() {
  echo "deps: $*" >&2
  exit 2
}

as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "installing packages needs root: run 'apt-get install ${missing[*]}' as root, or install sudo"
  fi
}

missing_of() {
  local package
  for package in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
  done
}

# Debian starts the services of a package as it installs it. A developer's machine should not suddenly run a database,
# so a policy that forbids it is there for as long as apt runs, unless the machine has a policy of its own.
policy=/usr/sbin/policy-rc.d
own_policy=no

allow_services_again() {
  if [[ $own_policy == yes ]]; then
    as_root rm -f "$policy"
  fi
}

forbid_services() {
  [[ ! -e $policy ]] || return 0
  own_policy=yes
  trap allow_services_again EXIT
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
  as_root chmod 0755 "$policy"
}

install_packages() {
  local -a missing
  mapfile -t missing < <(missing_of "$@")
  [[ ${#missing[@]} -gt 0 ]] || return 0
  echo "deps: installing ${missing[*]}"
  forbid_services
  as_root apt-get update -qq || fail "apt-get update failed; check /etc/apt/sources.list and the network"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    || fail "apt-get could not install ${missing[*]}; the names are those of Debian 12 (bookworm)"
}

install_tools() {
  if cmp -s dev.d/tools/package-lock.json "$tools/installed-lock.json"; then
    return 0
  fi
  command -v npm >/dev/null || install_packages nodejs npm
  echo "deps: installing the DynamoDB emulators into $tools"
  mkdir -p "$tools"
  cp dev.d/tools/package.json dev.d/tools/package-lock.json "$tools/"
  npm ci --prefix "$tools" --ignore-scripts --no-audit --no-fund --loglevel=error \
    || fail "npm could not install what dev.d/tools/package.json names"
  cp dev.d/tools/package-lock.json "$tools/installed-lock.json"
}

main() {
  command -v apt-get >/dev/null || fail "this needs apt (Debian 12); elsewhere install what dev.d/deps.sh lists by hand"
  local group
  local -a packages=()
  [[ $# -gt 0 ]] || set -- build run emulator database lab test
  for group in "$@"; do
    case $group in
      build) packages+=("${build_packages[@]}") ;;
      run) packages+=("${run_packages[@]}") ;;
      database) packages+=("${database_packages[@]}") ;;
      lab) packages+=("${lab_packages[@]}") ;;
      test) packages+=("${test_packages[@]}") ;;
      emulator) ;;
      *) fail "unknown group '$group'; groups are build, run, emulator, database, lab, test" ;;
    esac
  done
  if [[ ${#packages[@]} -gt 0 ]]; then
    install_packages "${packages[@]}"
  fi
  for group in "$@"; do
    if [[ $group == emulator ]]; then
      install_tools
    fi
  done
}

main "$@"
