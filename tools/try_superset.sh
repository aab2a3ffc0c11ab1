#!/usr/bin/env bash
# Set up Apache Superset 6.1 on loopback over the simulator, use it (SQL Lab, a dataset, a chart), and take screenshots.
# Usage: tools/try_superset.sh [FOLDER]; pictures go to FOLDER (default: docs/_static). Needs Python 3.11 and Chromium.
# Superset gets an environment of its own outside the tree, kept for the next time; its database and its secrets last one run.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
pictures=$(realpath -m "${1:-$root/docs/_static}")
environment=${STRIPESQL_SUPERSET_ENV:-${XDG_CACHE_HOME:-$HOME/.cache}/stripesql/superset-6.1}
python=${PYTHON:-python3.11}

chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$chromium" ]; then
  echo "no Chromium was found; on Debian: apt-get install chromium" >&2
  exit 1
fi

if [ ! -x "$environment/bin/superset" ]; then
  "$python" -m venv "$environment"
  timeout 900 "$environment/bin/pip" install -q 'apache-superset==6.1.0' rich cachetools 'flask-caching<2.5' playwright httpx
fi
timeout 300 "$environment/bin/pip" install -q -e "$root[sqlalchemy]"

# No run may reach a real account.
unset STRIPE_API_KEY STRIPESQL_BASE_URL
exec timeout 600 "$environment/bin/python" "$root/tools/try_superset.py" "$chromium" "$pictures"
