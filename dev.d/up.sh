#!/usr/bin/env bash
# ./dev up: installs what this run needs, builds, and hands over to up.py, which starts and watches the servers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

groups=(build run)
for argument in "$@"; do
  case $argument in
    --dynamodb) groups+=(emulator) ;;
    -h | --help) exec /usr/bin/python3 dev.d/up.py --help ;;
  esac
done

dev.d/deps.sh "${groups[@]}"
# MOORING_BIN names binaries that are built already: the integration tests start the demo without building again.
if [[ -z ${MOORING_BIN:-} ]]; then
  cmake --preset release
  cmake --build --preset release --parallel "$(nproc)" --target mooring-sessiond mooring-sidecar mooringctl
fi
exec /usr/bin/python3 dev.d/up.py "$@"
