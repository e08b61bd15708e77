# `make` lists what there is. `make run` and `make test` need nothing but this folder, make and Python 3.11 or newer.

PYTHON  ?= python3
HOST    ?= 127.0.0.1
PORT    ?= 8000
LIBRARY ?= fixtures/patterns

PY        := .venv/bin/python
MANAGE    := $(PY) manage.py
INSTALLED := .venv/installed

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test browser check lint format format-check types contract migrations round-trip bench fuzz lock clean

# The interpreter that the environment was made with may be gone since (an upgrade of the system): begin anew.
$(shell test -x $(PY) || rm -f $(INSTALLED))

help: ## This list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1\t\2/p' Makefile | while IFS='	' read -r name text; do \
		printf '  make %-13s %s\n' "$$name" "$$text"; done

setup: $(INSTALLED) ## Make .venv with the locked requirements (PYTHON=python3); quick when nothing changed
	@:

# What a killed first try left behind may be the system's own Python in disguise: only a whole environment will do.
$(INSTALLED): requirements-dev.lock
	@if ! $(PY) -c 'import pip, sys; sys.exit(sys.prefix == sys.base_prefix)' >/dev/null 2>&1; then \
		command -v "$(PYTHON)" >/dev/null || { \
			echo "There is no command \"$(PYTHON)\". Install Python 3.11 or newer, or say where it is: make PYTHON=/path/to/python3" >&2; exit 1; }; \
		"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
			echo "Python 3.11 or newer is needed; \"$(PYTHON)\" is $$("$(PYTHON)" --version 2>&1). Name a newer one: make PYTHON=python3.12" >&2; exit 1; }; \
		"$(PYTHON)" -m venv --clear .venv || { \
			echo "Python could not make a virtual environment in .venv. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }; \
	fi
	@echo "Installing the locked requirements into .venv …" >&2
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.lock
	@touch $@

# Made once and kept, readable by its owner only: whoever has it can log in as anybody.
var/secret-key: | setup
	@umask 077 && $(PY) -c 'import secrets; print(secrets.token_urlsafe(50))' > $@.new && mv $@.new $@

# Debugging and a key from a file are for this server only, so only this command gets them.
# Status 1 of the import means that some files had problems, which it has said: the others are in, so go on.
run: setup var/secret-key ## Import the example library (or LIBRARY=folder) and serve it (HOST=127.0.0.1 PORT=8000)
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) reread_patterns
	@$(MANAGE) rebuild_snapshots --outdated
	@$(MANAGE) import_patterns "$(LIBRARY)" || { status=$$?; [ $$status -eq 1 ] || exit $$status; \
		echo "Some files had problems (above). Everything else is in; going on." >&2; }
	@$(MANAGE) lay_out_map
	@$(MANAGE) ensure_administrator
	@DEBUG=1 SECRET_KEY="$${SECRET_KEY:-$$(cat var/secret-key)}" DJANGO_RUNSERVER_HIDE_WARNING=true \
		exec $(MANAGE) runserver "$(HOST):$(PORT)"

test: setup ## Run the tests on SQLite, or on what DATABASE_URL names, a process a core (TESTS="-k slug -n 0")
	@$(PY) -m pytest -n logical --dist worksteal $(TESTS)

# Playwright keeps a loop of its own running, which Django takes for asynchronous code.
browser: setup ## Run the tests that need a browser: headless Chromium (TESTS="-k drag")
	@DJANGO_ALLOW_ASYNC_UNSAFE=true $(PY) -m pytest -o norecursedirs='.*' tests/in_browser $(TESTS)

check: lint format-check types contract migrations test ## All that CI checks, on the one database

lint: setup ## Look for mistakes
	@$(PY) -m ruff check

format: setup ## Mend what can be mended, and format
	@$(PY) -m ruff check --fix
	@$(PY) -m ruff format

format-check: setup ## Is everything formatted?
	@$(PY) -m ruff format --check

types: setup ## Check types
	@$(PY) -m mypy

contract: setup ## Check that imports run downward only
	@$(PY) .venv/bin/lint-imports --no-logo

migrations: setup ## Are the settings sound and the migrations complete?
	@$(MANAGE) check --fail-level WARNING
	@$(MANAGE) makemigrations --check --dry-run

round-trip: setup ## Import LIBRARY=folder into an empty database, export it, compare every byte
	@$(PY) -m tests.round_trip "$(LIBRARY)"

bench: setup ## Measure import, export, the desk, search and pages (BENCH_SIZES=3600 …: see tests/bench)
	@$(PY) -m tests.bench $(BENCH)

fuzz: setup ## Throw generated text at the document layer for a minute
	@$(PY) -m tests.fuzz

LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --quiet \
	--custom-compile-command "make lock" $(UPGRADE)

lock: ## Lock the requirements of pyproject.toml anew (UPGRADE=--upgrade for the newest versions)
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && \
	"$(PYTHON)" -m venv "$$tools" && "$$tools/bin/pip" install --quiet --disable-pip-version-check uv && \
	PATH="$$tools/bin:$$PATH" && \
	$(LOCK) --output-file requirements.lock && \
	$(LOCK) --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean: ## Remove .venv and caches; what the library holds (var) stays
	@rm -rf .venv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
