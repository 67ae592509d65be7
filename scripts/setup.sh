#!/usr/bin/env bash
# Sets a fresh machine up: virtual environment, front-end packages, system packages. Run again, it is quick and changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}

say() { printf '\033[1m%s\033[0m\n' "$*"; }
fail() { printf 'Set-up stopped: %s\n' "$*" >&2; exit 1; }

command -v "$PYTHON" >/dev/null || fail "python3 is missing; install Python 3.11 or newer."
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "Python 3.11 or newer is needed; this is $("$PYTHON" -V)."
command -v node >/dev/null || fail "node is missing; install Node.js 18 or newer."
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ] || fail "Node.js 18 or newer is needed; this is $(node --version)."
command -v npm >/dev/null || fail "npm is missing; install it beside Node.js."

# 1. System packages: a browser, a database server, a broker and GDAL, for the tests and the demo.
wanted=()
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || wanted+=(chromium)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || wanted+=(postgresql)
command -v mosquitto >/dev/null || [ -x /usr/sbin/mosquitto ] || wanted+=(mosquitto)
command -v mosquitto_pub >/dev/null || wanted+=(mosquitto-clients)
command -v wrk >/dev/null || wanted+=(wrk)
command -v ogr2ogr >/dev/null || wanted+=(gdal-bin)
command -v curl >/dev/null || wanted+=(curl)
ls /usr/lib/*/libatomic.so.1 /usr/lib64/libatomic.so.1 >/dev/null 2>&1 || wanted+=(libatomic1)  # Playwright's driver needs it
"$PYTHON" -c 'import ensurepip' 2>/dev/null || wanted+=(python3-venv)
if [ ${#wanted[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Installing Debian packages: ${wanted[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null
  else
    printf 'Tests and benchmarks also need: sudo apt-get install %s\n' "${wanted[*]}" >&2
  fi
fi

# 2. The virtual environment, made anew only when pyproject.toml changed.
stamp() { cat "$@" 2>/dev/null | sha256sum | cut -d' ' -f1; }
py_now=$(stamp pyproject.toml)
if [ ! -x .venv/bin/allmende ] || [ "$(cat .venv/.stamp 2>/dev/null)" != "$py_now" ]; then
  say "Python packages"
  [ -x .venv/bin/python ] || "$PYTHON" -m venv .venv
  .venv/bin/python -m pip install --quiet --editable '.[dev]'
  echo "$py_now" > .venv/.stamp
fi

# 3. Front-end packages and bundle, made anew only when their sources changed.
fe_now=$(stamp package-lock.json $(find frontend -type f | sort))
if [ ! -d src/allmende/web/static/dist ] || [ "$(cat src/allmende/web/static/dist/.stamp 2>/dev/null)" != "$fe_now" ]; then
  say "Front-end packages"
  npm ci --no-audit --no-fund --loglevel=error
  node frontend/build.mjs
  echo "$fe_now" > src/allmende/web/static/dist/.stamp
fi

# 4. Translations, compiled when a catalogue is newer than its compiled form.
for po in src/allmende/locale/*/LC_MESSAGES/*.po; do
  [ -e "$po" ] || continue
  if [ ! -e "${po%.po}.mo" ] || [ "$po" -nt "${po%.po}.mo" ]; then
    .venv/bin/pybabel -q compile -i "$po" -o "${po%.po}.mo"
  fi
done
