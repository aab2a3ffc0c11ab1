#!/usr/bin/env bash
# Run the core of the test suite for each Python that we support and that is here, with the oldest and the newest dependencies.
#
#     tools/ci_matrix.sh                       Python 3.11, 3.12 and 3.13
#     tools/ci_matrix.sh python3.12            the interpreters that are named
#     MATRIX_TESTS="tests/rules" tools/ci_matrix.sh
#
# Environments are made in .tmp/matrix and kept. An interpreter that is not here, and a pair for which there are no wheels
# (releases older than the interpreter), is skipped with a line that says so. Fails if any run fails, or if nothing ran.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
unset STRIPE_API_KEY STRIPESQL_BASE_URL  # no run may reach a real account

core=(tests/compliance tests/rules tests/hardening tests/sqlalchemy tests/unit tests/integration)
# The oldest releases: SQLAlchemy's own suite is another one there, and old releases use what new interpreters deprecate.
with_oldest=(--ignore tests/sqlalchemy/test_dialect_suite.py -W "ignore::DeprecationWarning")
read -r -a chosen <<<"${MATRIX_TESTS:-}"
interpreters=("$@")
[ "$#" -gt 0 ] || interpreters=(python3.11 python3.12 python3.13)
[ "${#chosen[@]}" -gt 0 ] && core=("${chosen[@]}")

report=""
ran=0
failed=0

say() {
  echo "$1"
  report+="$1"$'\n'
}

# Print the path of an interpreter that starts, which a name on the path alone does not promise.
working() {
  "$1" -c 'import sys; print(sys.executable)' 2>/dev/null && return
  local found
  for found in "$HOME"/.pyenv/versions/"${1#python}"*/bin/python; do
    [ -x "$found" ] && "$found" -c 'import sys; print(sys.executable)' 2>/dev/null && return
  done
  return 1
}

install() {
  local env=$1 kind=$2
  if [ "$kind" = oldest ]; then
    # Wheels only: a release that is older than the interpreter would be compiled, and fail late.
    "$env/bin/pip" install -q --only-binary :all: -r tools/oldest.txt && "$env/bin/pip" install -q -e '.[sqlalchemy]'
  else
    "$env/bin/pip" install -q --upgrade --upgrade-strategy eager -e '.[dev]'
  fi
}

for name in "${interpreters[@]}"; do
  python=$(working "$name") || { say "$name: skipped, it is not here"; continue; }
  for kind in oldest newest; do
    env=.tmp/matrix/$(basename "$name")-$kind
    [ -x "$env/bin/python" ] || "$python" -m venv "$env" || { say "$name, $kind: FAILED to make $env"; failed=1; continue; }
    if ! install "$env" "$kind" >"$env/install.log" 2>&1; then
      if [ "$kind" = oldest ] && grep -q "No matching distribution\|Could not find a version" "$env/install.log"; then
        say "$name, $kind: skipped, these releases have no wheels for it: $(grep -m1 -o 'No matching distribution found for .*' "$env/install.log")"
      else
        say "$name, $kind: FAILED to install, see $env/install.log"
        failed=1
      fi
      continue
    fi
    began=$SECONDS
    if [ "$kind" = oldest ]; then options=("${with_oldest[@]}"); else options=(); fi
    if "$env/bin/python" -m pytest "${core[@]}" "${options[@]}"; then
      say "$name, $kind: passed in $((SECONDS - began)) s"
    else
      say "$name, $kind: FAILED"
      failed=1
    fi
    ran=$((ran + 1))
  done
done

echo
echo "$report"
[ "$ran" -gt 0 ] || { echo "nothing ran"; exit 1; }
exit "$failed"
