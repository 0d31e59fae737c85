#!/bin/sh
# Print a Python that can make Convscope's environment, or say what is missing.
# PYTHON=/path/to/python3.12 make run   chooses one.
set -eu

usable() { # of torch's and Qt's builds inside our version bounds, the newest are for Python 3.14
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null
}

complete() { # Debian packs the venv module apart, and without it venv leaves half an environment
    "$1" -c 'import ensurepip, venv' 2>/dev/null
}

incomplete=
for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14 python}; do
    usable "$candidate" || continue # a name that is not there, or a shim that leads nowhere
    if complete "$candidate"; then
        "$candidate" -c 'import sys; print(sys.executable)'
        exit 0
    fi
    incomplete=${incomplete:-$candidate}
done

if [ -z "$incomplete" ]; then
    echo "Convscope needs Python 3.11, 3.12, 3.13 or 3.14${PYTHON:+, and PYTHON=$PYTHON is none}: install one, or name it: make run PYTHON=/path/to/python3.12" >&2
    exit 1
fi

package=$("$incomplete" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Python's venv module: $package" >&2
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package"; } >&2 || true
    if complete "$incomplete"; then
        "$incomplete" -c 'import sys; print(sys.executable)'
        exit 0
    fi
fi
echo "Python's venv module is missing. On Debian or Ubuntu type:  sudo apt-get install -y $package" >&2
exit 1
