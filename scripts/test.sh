#!/usr/bin/env bash
# Every check and test: style, types, contracts, the relational tests on PostgreSQL, then everything on SQLite.
# Nothing stops at the first failure; the exit code tells whether all of it passed. ALLMENDE_LONG=1 adds the slow tests.
set -uo pipefail
cd "$(dirname "$0")/.."
BIN=.venv/bin
failed=()
times=()
unset PYTHONDONTWRITEBYTECODE # a hundred processes start here; each would compile the whole program anew

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
step() { # step NAME COMMAND...: runs it, remembers a failure and says how long it took
  local name=$1 begin=$SECONDS
  shift
  say "$name"
  "$@" || failed+=("$name")
  times+=("$(printf '%2d:%02d  %s' $(((SECONDS - begin) / 60)) $(((SECONDS - begin) % 60)) "$name")")
}

# A PostgreSQL of our own: temporary, on a Unix socket only, without fsync, gone when this script ends.
cluster=/tmp/allmende-pg-$$
as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    (cd / && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}
stop_postgres() {
  [ -d "$cluster" ] || return 0
  as_postgres "$pg_bin/pg_ctl" --pgdata="$cluster/data" --mode=immediate --silent stop >/dev/null 2>&1
  rm -rf "$cluster"
}
start_postgres() { # prints one line and returns 1 where there is no PostgreSQL to start
  pg_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  [ -n "$pg_bin" ] || pg_bin=$(dirname "$(command -v initdb || echo /nowhere/initdb)")
  if [ ! -x "$pg_bin/initdb" ]; then
    echo "PostgreSQL is missing, so the relational tests could not run on it: sudo apt-get install postgresql" >&2
    return 1
  fi
  if [ "$(id -u)" = 0 ] && ! id postgres >/dev/null 2>&1; then
    echo "PostgreSQL does not run as root and there is no user 'postgres': install Debian's postgresql package." >&2
    return 1
  fi
  mkdir -m 700 "$cluster" || return 1
  [ "$(id -u)" != 0 ] || chown postgres "$cluster"
  as_postgres "$pg_bin/initdb" --pgdata="$cluster/data" --username=allmende --auth=trust --encoding=UTF8 \
    --locale=C --no-sync >/dev/null || return 1
  as_postgres "$pg_bin/pg_ctl" --pgdata="$cluster/data" --log="$cluster/log" --wait --silent start -o \
    "-c listen_addresses='' -c unix_socket_directories=$cluster -c fsync=off -c synchronous_commit=off -c full_page_writes=off" \
    || { cat "$cluster/log" >&2; return 1; }
}
on_postgres() {
  start_postgres || return 1
  # The folder is percent-encoded: DATABASE_URL names a socket by its directory in the place of the host.
  DATABASE_URL="postgresql://allmende@${cluster//\//%2F}/allmende" \
    $BIN/pytest -m relational "${both[@]}"
}

# Two workers; a file stays with one. conftest.py has put the files in order, so xdist shall not.
both=(-q -n 2 --dist loadfile --no-loadscope-reorder)

trap stop_postgres EXIT
trap 'exit 130' INT TERM

step "Style: ruff check" $BIN/ruff check .
step "Style: ruff format" $BIN/ruff format --check .
step "Types: mypy" $BIN/mypy
step "Contracts: import-linter" $BIN/lint-imports
step "Relational tests on PostgreSQL" on_postgres
stop_postgres
# Apart from the others: Playwright leaves an event loop running in its process, in which Django refuses to work.
# Here xdist orders the files, those with the most pages first.
step "Roads and pages in Chromium" env -u DATABASE_URL $BIN/pytest -q -n 2 --dist loadfile tests/roads tests/browser
say "Minutes so far"
printf '%s\n' "${times[@]}"
if [ ${#failed[@]} -gt 0 ]; then
  say "Failed so far: $(printf '%s; ' "${failed[@]}")"
fi
say "All tests on SQLite"
env -u DATABASE_URL $BIN/pytest "${both[@]}" --ignore=tests/browser --ignore=tests/roads || failed+=("SQLite")
exit $((${#failed[@]} > 0))
