# Quartet. `make help` lists the commands; each makes the virtual environment itself when it is missing or out of date.

# The first that runs and is new enough: a name on the PATH may be a version manager's shim for a version it does not have.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3 python; do \
  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$python && break; done)
PORT ?= 5000
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet install --require-hashes

.PHONY: help run tour test quick check bench extract docs lock clean
.DEFAULT_GOAL := help

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/run ## Run the whole shop on this machine (PORT=5000)
	@PORT=$(PORT) exec $(BIN)/flask --app wsgi serve --demo

tour: .venv/run ## In a second terminal: buy something, and watch the order's life (PORT=5000)
	@$(BIN)/python examples/tour.py --port $(PORT)

test: .venv/dev ## Run the tests that this machine can run
	@$(BIN)/pytest -n 2 --dist worksteal -m "not alone"
	@$(BIN)/pytest -m alone --timeout 300

quick: .venv/dev ## The tests that take no minutes
	@$(BIN)/pytest -n 3 --dist worksteal -m "not slow and not alone"

check: .venv/dev ## Style, types, import contracts, generated docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest tests/docs

bench: .venv/dev ## Measure, each figure beside its raw limit
	@$(BIN)/python -m bench

extract: .venv/dev ## Write a module out as a project of its own (MODULE=orders TO=../orders)
	@$(BIN)/python deploy/extract.py "$(MODULE)" "$(TO)"

docs: .venv/dev ## Write the generated pages anew
	@$(BIN)/flask --app wsgi docs write

lock: .venv/dev ## Resolve the ranges of setup.cfg into the lock files
	@for extra in "" "tracing" "dev"; do \
	  $(BIN)/pip-compile --quiet --upgrade --generate-hashes --strip-extras --allow-unsafe --no-header \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
	    $${extra:+--extra $$extra} --output-file requirements$${extra:+-$$extra}.lock setup.cfg; \
	done

clean: ## Delete the virtual environment and the data under var/
	rm -rf .venv var

.venv/bin/pip:
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Quartet needs Python 3.11 or newer, and found none that runs. Say where one is: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Making .venv with $$($(PYTHON) -V) …"
	@$(PYTHON) -m venv .venv

.venv/run: requirements.lock | .venv/bin/pip
	@echo "Installing what the shop needs (once) …"
	@$(PIP) -r requirements.lock
	@touch $@

.venv/dev: requirements-dev.lock .venv/run | .venv/bin/pip
	@echo "Installing what the tests need (once) …"
	@$(PIP) -r requirements-dev.lock
	@touch $@
