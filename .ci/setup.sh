# shellcheck shell=bash
# Sets up what ./demo and ./check need. Sourced by both; `set_up run` or `set_up dev` does it all.
#
# - Says one line for each thing it does, and nothing on a second run, which takes a few hundredths of a second.
# - Names no package index: pip and uv use the one this machine is set to.
# - Everything installed is pinned by hash in requirements.txt (run) or requirements-dev.txt (dev).
# - Works as root and as an ordinary user. What only root can do is done with sudo where that works without asking,
#   and otherwise written out as the command to run.
# - PYTHON chooses the interpreter.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
venv=$root/.venv
stamp=$venv/.set-up

say() { printf 'set-up: %s\n' "$*" >&2; }
fail() { printf 'set-up: %s\n' "$@" >&2; exit 1; }

set_up() {
  local wanted=$1
  cd "$root" || exit 1
  require_system_packages "$wanted"
  if is_current "$wanted"; then
    require_browser "$wanted"
    return
  fi
  # One set-up at a time; the lock is on the folder itself and goes with this process.
  exec 9<"$root"
  command -v flock >/dev/null && flock 9
  if ! is_current "$wanted"; then
    make_environment
    install_locked "$wanted"
    install_project
    write_stamp "$wanted"
    require_browser "$wanted"
    say "done"
  fi
  exec 9<&-
}

# ------------------------------------------------------------------------------- what is there already

# The environment fits if it was made at this place from these lists; what checks can also run.
is_current() {
  [ -x "$venv/bin/python" ] && [ -r "$stamp" ] || return 1
  local line
  for line in "$(fingerprint dev)" "$(fingerprint "$1")"; do
    [ "$(cat "$stamp")" = "$line" ] && "$venv/bin/python" -c '' 2>/dev/null && return 0
  done
  return 1
}

fingerprint() {
  local sum
  sum=$(cat "$(list_of "$1")" "$root/pyproject.toml" | sha256sum) || exit 1
  printf '%s %s %s\n' "$1" "${sum%% *}" "$root"
}

write_stamp() { fingerprint "$1" >"$stamp"; }

list_of() {
  case $1 in
    dev) printf '%s\n' "$root/requirements-dev.txt" ;;
    *) printf '%s\n' "$root/requirements.txt" ;;
  esac
}

# --------------------------------------------------------------------------------------- system packages

# What no Python package brings. Looked for on every run, which takes a hundredth of a second.
require_system_packages() {
  local missing=()
  command -v tesseract >/dev/null || missing+=(tesseract-ocr)
  has_language eng || missing+=(tesseract-ocr-eng)
  has_language chi_tra || missing+=(tesseract-ocr-chi-tra)
  [ ${#missing[@]} -eq 0 ] || system_package "${missing[*]}" "Tesseract is the second reader of paper, for English and Traditional Chinese"
  if [ ! -e /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc ]; then
    system_package fonts-noto-cjk "certificates of destruction are printed in Chinese, and the tests print paperwork to read"
  fi
  if [ "$1" = dev ] && ! command -v pdftotext >/dev/null; then
    system_package poppler-utils "the tests read searchable copies with a program that is not ours"
  fi
  if [ "$1" = dev ] && ! command -v chromium >/dev/null && ! is_ubuntu; then
    system_package chromium "the tests read the pages with a browser"
  fi
}

is_ubuntu() { [ -r /etc/os-release ] && grep -q '^ID=ubuntu$' /etc/os-release; }

# Ubuntu's Chromium is a snap, which neither containers nor drivers can use: there the driver brings its own.
require_browser() {
  [ "$1" = dev ] && is_ubuntu && ! command -v chromium >/dev/null || return 0
  compgen -G "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}/chromium-*" >/dev/null && return
  say "fetching the browser that the tests read the pages with: playwright install --with-deps chromium"
  "$venv/bin/python" -m playwright install --with-deps chromium >&2 </dev/null ||
    fail "the browser could not be fetched; run this, then this command again:" \
      "  $venv/bin/python -m playwright install --with-deps chromium"
}

has_language() { compgen -G "/usr/share/tesseract-ocr/*/tessdata/$1.traineddata" >/dev/null || compgen -G "/usr/share/tessdata/$1.traineddata" >/dev/null; }

# system_package "PACKAGE..." REASON: installs Debian packages, or says which command would.
system_package() {
  local packages=$1 reason=$2 sudo=
  if ! command -v apt-get >/dev/null; then
    fail "$reason; install what your system calls $packages, then run this again"
  fi
  if [ "$(id -u)" != 0 ]; then
    sudo="sudo -n"
    if ! command -v sudo >/dev/null || ! { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; }; then
      fail "$reason; run this as root, then this command again:" "  apt-get update && apt-get install -y $packages"
    fi
  fi
  say "installing the system package $packages: $reason"
  local log
  log=$(mktemp)
  # shellcheck disable=SC2086 # a list of names
  if ! { $sudo apt-get update -q && $sudo env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -q --no-install-recommends $packages; } >"$log" 2>&1 </dev/null; then
    tail -n 15 "$log" >&2
    rm -f "$log"
    fail "apt-get could not install $packages; see above"
  fi
  rm -f "$log"
}

# ----------------------------------------------------------------------------------------- the interpreter

is_new_enough() { "$1" -c 'import sys, venv, ssl, sqlite3; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  local candidate
  for candidate in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11 python3.14; do
    if command -v "$candidate" >/dev/null && is_new_enough "$candidate"; then
      # The interpreter itself, not a shim in front of it.
      "$candidate" -c 'import sys; print(sys.executable)'
      return
    fi
  done
  return 1
}

require_python() {
  if [ -n "${PYTHON:-}" ] && ! is_new_enough "$PYTHON"; then
    fail "PYTHON is set to $PYTHON, which is not a Python 3.11 or later with venv, ssl and sqlite3"
  fi
  if ! python=$(find_python); then
    system_package python3 "there is no Python 3.11 or later"
    python=$(find_python) || fail "Chopbook needs Python 3.11 or later, and this system's package is older:" \
      "  install one and run this again with PYTHON=/path/to/python3"
  fi
}

# ----------------------------------------------------------------------------------------- the environment

make_environment() {
  if [ -e "$venv" ] && [ ! -w "$venv" ]; then
    fail "$venv belongs to another user; remove it, or run this as that user"
  fi
  # An environment made elsewhere, or by an interpreter that is gone, has wrong paths in its programs.
  if [ -e "$venv" ] && { ! is_new_enough "$venv/bin/python" || ! stands_here; }; then
    say "removing the virtual environment, which was made for another place or Python"
    rm -rf "$venv"
  fi
  [ -e "$venv/bin/python" ] && return
  require_python
  say "making the virtual environment .venv with $("$python" --version)"
  if ! "$python" -c 'import ensurepip' 2>/dev/null && ! usable_uv >/dev/null && ! "$python" -m pip --version >/dev/null 2>&1; then
    system_package "$(venv_package)" "Debian's Python comes without pip for virtual environments"
  fi
  if "$python" -c 'import ensurepip' 2>/dev/null && ! usable_uv >/dev/null; then
    "$python" -m venv "$venv" || fail "$python could not make a virtual environment in $venv"
  else
    "$python" -m venv --without-pip "$venv" || fail "$python could not make a virtual environment in $venv"
  fi
}

venv_package() { "$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'; }

stands_here() { [ ! -r "$stamp" ] || [ "$(cut -d ' ' -f 3- "$stamp")" = "$root" ]; }

# -------------------------------------------------------------------------------------------- the packages

# Prints the path of a uv that can be trusted to know the options used here.
usable_uv() {
  local candidate
  for candidate in "$venv/bin/uv" "$(command -v uv)"; do
    if [ -x "$candidate" ] && "$candidate" pip sync --require-hashes --help >/dev/null 2>&1; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  return 1
}

# pip for the new environment: its own, or the interpreter's, which may be outside.
pip_install() {
  if "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
  elif "$venv/bin/python" -m ensurepip >/dev/null 2>&1; then
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
  else
    require_python
    "$python" -m pip --python "$venv/bin/python" install --quiet --disable-pip-version-check "$@"
  fi
}

install_locked() {
  local list uv
  list=$(list_of "$1")
  say "installing $(grep -c '==' "$list") packages from $(basename "$list"), each checked against its hash"
  if ! usable_uv >/dev/null; then
    # uv, taken out of the list with its hashes, installs the rest several times faster than pip.
    awk '/^uv==/ {on = 1} on {print} on && !/\\$/ {exit}' "$list" >"$venv/uv.txt"
    pip_install --require-hashes --no-deps -r "$venv/uv.txt" || say "uv could not be installed; going on with pip"
    rm -f "$venv/uv.txt"
  fi
  if uv=$(usable_uv) && use_settings_of_pip && sync_with "$uv" "$list"; then
    return
  fi
  say "uv could not install them here; trying pip, which takes a few minutes"
  pip_install --require-hashes -r "$list" || fail "the packages could not be installed; see above"
}

sync_with() {
  "$1" pip sync --python "$venv/bin/python" --require-hashes --compile-bytecode --quiet "$2"
}

# uv does not read what pip is set to, nor the certificates of this machine: hand them over, unless uv was set itself.
use_settings_of_pip() {
  local index
  if [ -z "${UV_SYSTEM_CERTS:-}" ] && [ -s /etc/ssl/certs/ca-certificates.crt ]; then
    export UV_SYSTEM_CERTS=true
  fi
  if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
    index=${PIP_INDEX_URL:-$("$venv/bin/python" -m pip config get global.index-url 2>/dev/null)}
    [ -z "$index" ] || export UV_DEFAULT_INDEX=$index
  fi
  return 0
}

# The project itself: one line that points here. Its build backend is in the list, so nothing is fetched.
install_project() {
  local uv
  say "installing chopbook itself"
  if uv=$(usable_uv); then
    "$uv" pip install --python "$venv/bin/python" --quiet --offline --no-deps --no-build-isolation --editable "$root"
  else
    pip_install --no-deps --no-build-isolation --no-index --editable "$root"
  fi || fail "chopbook itself could not be installed; see above"
}
