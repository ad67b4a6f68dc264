#!/usr/bin/env bash
# Sets up what the Makefile needs: `venv` the Python environment, `programs` LibreOffice, Java,
# PostgreSQL, Chromium, fonts and poppler for the tests, `make` the make program itself.
# Installs with apt where it runs as root; elsewhere it names the command to run and stops.
set -euo pipefail
cd "$(dirname "$0")/.."

VENV=${VENV:-.venv}

say() { printf 'setup: %s\n' "$*" >&2; }

stop() {
    say "$*"
    exit 1
}

install() {
    if ! command -v apt-get >/dev/null; then
        stop "missing: $*. This machine has no apt; install the programs of these Debian packages, then run this again."
    fi
    if [ "$(id -u)" -ne 0 ]; then
        stop "missing: $*. Run 'sudo apt-get update && sudo apt-get install -y $*', then run this again."
    fi
    say "installing $*"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

python_is_new() {
    command -v "$1" >/dev/null && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    local candidate
    for candidate in "${PYTHON:-python3}" python3 python3.14 python3.13 python3.12 python3.11; do
        if python_is_new "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    stop "Python 3.11 or newer is needed and was not found. Install it, or name it: make demo PYTHON=/path/to/python3"
}

setup_venv() {
    local python
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        install python3-venv
        "$python" -c 'import ensurepip, venv' 2>/dev/null ||
            stop "$python cannot build environments (no ensurepip). Install its venv package, or name another: make demo PYTHON=/path/to/python3"
    fi
    if ! "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then
        say "building $VENV with $("$python" --version)"
        "$python" -m venv --clear "$VENV"
    fi
    say "installing the package and its tools into $VENV (a few minutes the first time)"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -e '.[dev]'
    touch "$VENV/.ready"
}

has_file() { compgen -G "$1" >/dev/null; }

has_cjk_font() { has_file '/usr/share/fonts/opentype/noto/NotoSansCJK*' || fc-list :lang=zh 2>/dev/null | grep -q .; }

has_office_part() { has_file "/usr/lib/libreoffice/program/lib$1lo.so" || has_file "/opt/libreoffice*/program/lib$1lo.so"; }

setup_programs() {
    local missing=()
    command -v soffice >/dev/null && has_office_part sc || missing+=(libreoffice-calc)
    command -v soffice >/dev/null && has_office_part sw || missing+=(libreoffice-writer)
    /usr/bin/python3 -c 'import uno' 2>/dev/null || missing+=(python3-uno)
    command -v java >/dev/null || [ -x "${JAVA_HOME:-/nowhere}/bin/java" ] || missing+=(default-jre-headless)
    command -v initdb >/dev/null || has_file '/usr/lib/postgresql/*/bin/initdb' || missing+=(postgresql)
    command -v pdftoppm >/dev/null || missing+=(poppler-utils)
    command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
    has_cjk_font || missing+=(fonts-noto-cjk)
    has_file '/usr/share/fonts/truetype/liberation*/*' || missing+=(fonts-liberation)
    if [ ${#missing[@]} -gt 0 ]; then
        install "${missing[@]}"
    fi
}

case "${1:-}" in
    venv) setup_venv ;;
    programs) setup_programs ;;
    make) command -v make >/dev/null || install make ;;
    *) stop "usage: tools/setup.sh venv | programs | make" ;;
esac
