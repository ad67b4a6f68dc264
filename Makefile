# Every target sets up what it needs. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO ?= demo
BENCH ?= --quick
KIT ?=
WORKERS ?= 2
export PYTHON VENV

.PHONY: help demo test lint format smoke bench docs windows-kit ci clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

demo: $(READY) ## Build the ledger of an invented trading firm and its month-end report in demo/
	$(BIN)/receivables demo --out $(DEMO)

test: $(READY) ## Lint, types and every test, with LibreOffice, Java and PostgreSQL (about 15 minutes)
	tools/setup.sh programs
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

lint: $(READY) ## Ruff (rules and format) and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY) ## Let ruff format the code and mend what it safely can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

smoke: $(READY) ## One cell function from the command line
	test "$$($(BIN)/receivables call AGING_BUCKET 2026-09-30 2026-10-31)" = "31-60 d"
	@echo "smoke: AGING_BUCKET 2026-09-30 2026-10-31 is 31-60 d"

bench: $(READY) ## Benchmarks beside plain scripts; BENCH="aging --sizes 10000000" picks one
	$(BIN)/python -m benchmarks.run $(BENCH)

docs: $(READY) ## Write the generated pages of docs/ anew
	$(BIN)/python -m receivables.docs

windows-kit: $(READY) ## Zip with setup and every package for Windows without a network; KIT="--python 3.13" for one Python
	$(BIN)/python tools/windows_kit.py $(KIT)

ci: test smoke ## What the build server runs

clean: ## Remove the environment, the demo and every cache
	rm -rf $(VENV) $(DEMO) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis benchmarks/.cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml tools/setup.sh
	tools/setup.sh venv
