#!/usr/bin/env bash
# ./dev up, lab and drill: installs what this run needs, builds, and hands over to up.py, lab.py or drill.py, which
# starts the servers. usage: demo.sh up|lab|drill [OPTION...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly program=$1
shift
groups=(build run)
[[ $program == up ]] || groups+=(emulator database lab)
for argument in "$@"; do
  case $argument in
    --dynamodb) groups+=(emulator) ;;
    -h | --help | --list) exec /usr/bin/python3 "dev.d/$program.py" "$argument" ;;
  esac
done

# Standard input is the lab's: nothing before it may read from there.
dev.d/deps.sh "${groups[@]}" </dev/null
# MOORING_BIN names binaries that are built already: the integration tests start the demo without building again.
if [[ -z ${MOORING_BIN:-} ]]; then
  cmake --preset release </dev/null
  cmake --build --preset release --parallel "$(nproc)" --target mooring-sessiond mooring-sidecar mooringctl </dev/null
fi
exec /usr/bin/python3 "dev.d/$program.py" "$@"
