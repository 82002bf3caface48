# Quartet. `make help` lists the commands; each makes the virtual environment itself when it is missing or out of date.

# The first Python that runs and is new enough: a name on the PATH may be a shim for a version that is not installed.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3 python; do \
  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$python && break; done)
PORT ?= 5000
VENV ?= .venv
BIN := $(VENV)/bin
OWN_SERVERS ?= /dev/null
EXAMPLES ?= 20
AT_ONCE = auto
QUICK := $(addprefix tests/,catalog orders payments users kernel bus web ops contracts architecture journeys/test_buying.py)
# What takes a quarter of the time and seldom fails: generated clients, each module as a project of its own, the guides.
WITH_SERVERS := clients deploy/test_extraction.py architecture/test_each_module_alone.py docs/test_the_guide.py
# One worker runs a whole file, and builds what its tests share only once. tests/conftest.py has the order of the files.
BY_FILE := --dist loadfile --no-loadscope-reorder
PIP := $(BIN)/pip --disable-pip-version-check --quiet install --require-hashes

unexport PYTHONDONTWRITEBYTECODE # otherwise each of the thousand processes of the tests compiles everything again

.PHONY: help run tour drill test quick test-all committed together alone check style types pages advisories fuzz bench extract docs screenshots lock clean
.DEFAULT_GOAL := help

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# What the demo shop sells with; a variable of yours wins.
run: export TAX ?= internal
run: export HOME_COUNTRY ?= DE
run: export INVOICES ?= paid
run: export SELLER_NAME ?= Quartet Demo
run: export SELLER_ADDRESS ?= Unter den Linden 1; 10117 Berlin; Germany
run: $(VENV)/run ## Run the whole shop on this machine (PORT=5000)
	@PORT=$(PORT) exec $(BIN)/flask --app wsgi serve --demo

tour: $(VENV)/run ## In a second terminal: buy something, and watch the timeline of the order (PORT=5000)
	@$(BIN)/python examples/tour.py --port $(PORT)

drill: $(VENV)/run ## Start a separate shop, break it in four ways, and see how it recovers (a minute)
	@$(BIN)/python examples/drill.py

test: SELECTED = and not thorough
test: LEFT_OUT = $(if $(REQUIRE_SERVERS),,$(addprefix --ignore=tests/,$(WITH_SERVERS)))
test: together alone ## Run the tests that this machine can run
	@$(if $(REQUIRE_SERVERS),,echo "Left out, because REQUIRE_SERVERS=1 is not set: $(addprefix tests/,$(WITH_SERVERS))")

quick: $(VENV)/dev ## Run the tests of the modules and the shared code, and one purchase, without servers
	@TEST_SERVERS=off $(BIN)/pytest -n 4 $(BY_FILE) -m "not slow and not alone and not thorough" $(QUICK)

# Each worker keeps shops of its own on PostgreSQL, which takes a hundred connections.
test-all: AT_ONCE = 3
test-all: export REQUIRE_SERVERS = 1
test-all: committed together alone ## Run all tests, on all topologies; needs all servers, and everything committed
	@git rev-parse HEAD >.ci/verified && echo "all tests passed at $$(cat .ci/verified): commit .ci/verified"

committed:
	@git diff --quiet HEAD || { echo "Commit first: the result is recorded for the commit at which all tests passed."; exit 1; }

# The two halves run in parallel under `make -j2`, where the tests that kill servers have their own servers: OWN_SERVERS is
# a file of shell variables.
together: $(VENV)/dev
	@$(BIN)/pytest -n $(AT_ONCE) $(BY_FILE) -m "not alone $(SELECTED)" $(LEFT_OUT)

alone: $(VENV)/dev
	@set -a; . "$(OWN_SERVERS)"; $(BIN)/pytest -p no:cacheprovider -m "alone $(SELECTED)"

check: style types pages ## Style, types, import contracts, generated docs

style: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/dev
	$(BIN)/mypy

pages: $(VENV)/dev
	$(BIN)/pytest -m "not slow" tests/docs

advisories: $(VENV)/dev ## Check the lock files for known vulnerabilities
	@$(BIN)/python -m deploy.advisories

fuzz: $(VENV)/dev ## Call every operation of the OpenAPI document with random data, and check the answers (EXAMPLES=20)
	@$(BIN)/python -m tests.fuzz --examples $(EXAMPLES)

bench: $(VENV)/dev ## Run the benchmarks, each figure beside its raw limit
	@$(BIN)/python -m bench

extract: $(VENV)/dev ## Extract a module into a project of its own (MODULE=orders TO=../orders)
	@$(BIN)/python deploy/extract.py "$(MODULE)" "$(TO)"

docs: $(VENV)/dev ## Write the generated pages again
	@$(BIN)/flask --app wsgi docs write

screenshots: $(VENV)/dev ## Buy, pack, dispatch, refund and mend in a demo shop, and write docs/screenshots (needs Chromium)
	@$(BIN)/python -m tests.screenshots

lock: $(VENV)/dev ## Resolve the ranges of setup.cfg into the lock files, for every Python from 3.11 on
	@for extra in "" "tracing" "dev"; do \
	  $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
	    $${extra:+--extra $$extra} --output-file requirements$${extra:+-$$extra}.lock setup.cfg; \
	done
	@rm -rf quartet.egg-info

clean: ## Delete the virtual environment and the data under var/
	rm -rf $(VENV) var

$(VENV)/bin/pip:
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Quartet needs Python 3.11 or newer, and none was found. Set its path: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Creating $(VENV) with $$($(PYTHON) -V) …"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run: requirements.lock | $(VENV)/bin/pip
	@echo "Installing the dependencies of the shop (once) …"
	@$(PIP) -r requirements.lock
	@touch $@

$(VENV)/dev: requirements-dev.lock $(VENV)/run | $(VENV)/bin/pip
	@echo "Installing the dependencies of the tests (once) …"
	@$(PIP) -r requirements-dev.lock
	@touch $@
