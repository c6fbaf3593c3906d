#!/usr/bin/env bash
# Writes requirements.txt and requirements-dev.txt with uv: wheels only, for every supported platform and Python.
set -euo pipefail
cd "$(dirname "$0")/.."

# What holds for every line need not stand on every line.
everywhere=" ; python_full_version < '3.14' and (sys_platform == 'darwin' or sys_platform == 'linux' or sys_platform == 'win32')"

compile() {
  uv pip compile --quiet --universal --python-version 3.11 --only-binary :all: --no-annotate --no-header "$@"
}

{
  echo '# The everyday set, pinned: wheels only, Python 3.11 to 3.13 on Linux, macOS and Windows.'
  echo '# Made by `make pins`; checked by scripts/check_requirements.py.'
  compile pyproject.toml | sed "s/$everywhere\$//"
} > requirements.new
mv requirements.new requirements.txt
{
  echo '# The tools of people who work on BasicChat, beside requirements.txt. Made by `make pins`.'
  compile --no-config --group dev --constraint requirements.txt
} > requirements.new
mv requirements.new requirements-dev.txt
