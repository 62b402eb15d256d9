#!/usr/bin/env bash
# Prints the path of a working Python 3.10, which Rasa 3.6 needs. A version manager's shim that answers "not selected" does not count.
set -u
for candidate in "${ENGINE_PYTHON:-}" $(type -ap python3.10) "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10.*/bin/python3.10; do
  if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))' 2>/dev/null; then
    echo "$candidate"
    exit 0
  fi
done
# None here: let uv bring one, where it can.
uv="$(dirname "$0")/../var/tools/bin/uv"
if "$uv" python install -q 3.10 2>/dev/null && "$uv" python find -q 3.10 2>/dev/null; then
  exit 0
fi
echo "make: no Python 3.10 found, which Rasa 3.6 needs. Install it (pyenv install 3.10, or apt install python3.10) or set ENGINE_PYTHON to its path." >&2
exit 1
