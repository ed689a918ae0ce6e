# `make demo` and `make test` need Python 3.11 or later (with venv) and make; they bring everything else themselves.

PYTHON ?= python3
VENV ?= .venv
OUT ?= out

BIN := $(VENV)/bin
READY := $(VENV)/.ready
ENV_READY := $(VENV)/.installed
PIP_QUIET := --disable-pip-version-check --quiet --quiet
PIP := $(BIN)/python -m pip $(PIP_QUIET)
# Everything is installed from the pins and from nowhere else.
PINNED := install --require-hashes --no-deps --no-compile

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

.PHONY: help
help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --------------------------------------------------------------------------------------------- environment

# Say in one sentence what is missing, before Python says it in twenty lines.
define require_python
@command -v $(PYTHON) >/dev/null 2>&1 \
	|| { echo "Ostiary needs Python 3.11 or later, and there is no '$(PYTHON)' here: try 'make PYTHON=/path/to/python3.11'." >&2; exit 1; }
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	|| { echo "Ostiary needs Python 3.11 or later, and '$(PYTHON)' is $$($(PYTHON) -V 2>&1): try 'make PYTHON=python3.11'." >&2; exit 1; }
@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	|| { echo "'$(PYTHON)' cannot make virtual environments: install its venv package (on Debian and Ubuntu, python3-venv)." >&2; exit 1; }
endef

$(ENV_READY): requirements/pins.txt
	$(require_python)
	@echo "Setting up $(VENV) (once, and again when requirements/pins.txt changes)"
	@rm -f $@ $(READY)
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) $(PINNED) -r requirements/pins.txt
	@touch $@

$(READY): pyproject.toml $(ENV_READY)
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: setup
setup: $(READY) ## Make the environment, where there is none or the pins have changed

.PHONY: clean
clean: ## Remove the environment, the caches and what the commands wrote
	@rm -rf $(VENV) $(OUT) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis src/*.egg-info
	@find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

# --------------------------------------------------------------------------------------------- the two faces

.PHONY: demo
demo: $(READY) ## Audit the example addons, before and after they were mended
	@OSTIARY=$(BIN)/ostiary OUT=$(OUT) bash tools/demo

.PHONY: dump-named
dump-named:
	@test -n "$(DUMP)" || { echo "Name the dump to serve, as in 'make serve DUMP=odoo.dump'." >&2; exit 2; }

.PHONY: serve
serve: dump-named $(READY) ## Serve an Odoo database from its dump, to ask Ostiary about (DUMP=path; only a dump you trust)
	@$(BIN)/python tools/serve_dump.py "$(DUMP)"

.PHONY: test
test: $(READY) ## Run every test
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

# --------------------------------------------------------------------------------------------- other checks

.PHONY: check
check: lint types contracts docs-check test ## Run everything that CI runs

.PHONY: lint
lint: $(READY) ## Check style and likely bugs
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

.PHONY: format
format: $(READY) ## Put the code into the house style
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

.PHONY: types
types: $(READY) ## Check types
	@$(BIN)/mypy

.PHONY: contracts
contracts: $(READY) ## Check that rooms import only from the floors below them
	@$(BIN)/lint-imports --no-logo

.PHONY: docs-check
docs-check: $(READY) ## Check that links resolve, that documented commands exist, that check pages are current
	@$(BIN)/python tools/docs_check.py

.PHONY: docs
docs: $(READY) ## Write the pages of the checks and of the commands anew
	@$(BIN)/python -m ostiary.audit.pages
	@$(BIN)/python -m ostiary.cli.pages

.PHONY: site
site: $(READY) ## Build the documentation as a site to read and search, in out/site
	@$(BIN)/python tools/docs_site.py --into $(OUT)/site

.PHONY: changelog-draft
changelog-draft: $(READY) ## Show what the next release's notes would say
	@$(BIN)/towncrier build --draft

# --------------------------------------------------------------------------------------------- pins

.PHONY: pins
pins: ## Write requirements/*.txt anew (PINS_ARGS=--upgrade takes the newest versions)
	$(require_python)
	@test -x $(VENV)-pins/bin/python || $(PYTHON) -m venv $(VENV)-pins
	@$(VENV)-pins/bin/python -m pip $(PIP_QUIET) $(PINNED) -r requirements/uv.txt
	@PATH="$(VENV)-pins/bin:$$PATH" $(VENV)-pins/bin/python tools/pins.py $(PINS_ARGS)
