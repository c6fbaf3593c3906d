# Works with plain python3 and pip; faster where uv is installed. The second time nothing is fetched.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
UV := $(shell uv --version >/dev/null 2>&1 && echo uv)
FIXTURE := smollm2-135m-instruct-q4_1
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
ORDER ?=

ifdef UV
PIP := uv pip install --quiet --compile-bytecode --python $(BIN)/python
else
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
endif

.PHONY: install run test check docs bench shape clean tools models fixture pins

install: $(VENV)/.installed models

run: install
	@$(BIN)/basicchat ui

test: tools models fixture check
	@$(BIN)/python scripts/check_surroundings.py
	$(BIN)/python -m pytest $(ORDER)

check: tools
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_tickets.py
	$(BIN)/python scripts/check_shape.py --check
	$(BIN)/python scripts/check_licences.py
	$(BIN)/python scripts/generate_reference.py --check

docs: tools
	$(BIN)/python scripts/generate_reference.py
	$(BIN)/python scripts/check_tickets.py --write-index

bench: install
	$(BIN)/python -m benchmarks

shape: tools
	@$(BIN)/python scripts/check_shape.py

clean:
	rm -rf $(VENV) build dist output .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# New pins for requirements.txt and requirements-dev.txt; needs uv and a network.
pins:
	scripts/pin.sh
	$(BIN)/python scripts/check_requirements.py

tools: $(VENV)/.tools

models: $(VENV)/.installed
	@$(BIN)/basicchat models pull --defaults || \
		echo "The models that find passages are not here yet; the page can fetch them later." >&2

fixture: $(VENV)/.installed
	@$(BIN)/basicchat models pull $(FIXTURE) || \
		echo "The small test model is not here; the tests that need it are skipped." >&2

$(VENV)/bin/python:
	@$(PYTHON) -c '$(SUPPORTED)' || { echo "BasicChat needs Python 3.11, 3.12 or 3.13: make PYTHON=python3.12 ..." >&2; exit 1; }
ifdef UV
	uv venv --quiet --allow-existing --python $(PYTHON) $(VENV)
else
	$(PYTHON) -m venv $(VENV)
endif

$(VENV)/.installed: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) -r requirements.txt
	$(PIP) --no-deps -e .
	@touch $@

$(VENV)/.tools: requirements-dev.txt $(VENV)/.installed
	$(PIP) -r requirements.txt -r requirements-dev.txt
	@touch $@
