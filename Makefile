# Everything a newcomer needs. Nothing is done twice: stamps in .venv/ remember.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV ?= $(shell command -v uv || echo .uv/bin/uv)
BIN := .venv/bin
FAST := tests/architecture tests/domain tests/packs

.PHONY: help setup run delta test check format lock screenshots bench browser

help: ## show these lines
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: .venv/.ready ## build the environment in .venv from requirements.lock
	@:

run: setup ## start database, platform, worker and sandbox; prints one address; Ctrl-C ends all
	@$(BIN)/yijian run

delta: setup ## start a region: its hub and a node for each province; prints one address; Ctrl-C ends all
	@$(BIN)/yijian delta run $(addprefix --manual ,$(MANUAL))

test: setup browser ## run every test (installs Debian's chromium when it can)
	@$(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder

check: setup ## format, lint, types, imports, packs and the fast tests (under two minutes)
	@$(BIN)/ruff format --check --quiet --output-format concise src tests bench
	@$(BIN)/ruff check --quiet src tests bench
	@$(BIN)/mypy
	@found=$$($(BIN)/lint-imports --no-logo) || { echo "$$found"; exit 1; }
	@$(BIN)/yijian packs check
	@$(BIN)/pytest -q $(wildcard $(FAST))

format: setup ## rewrite the source in the one format
	@$(BIN)/ruff check --quiet --fix-only src tests bench
	@$(BIN)/ruff format --quiet src tests bench

lock: $(UV) ## choose versions again and rewrite requirements.lock
	@$(UV) pip compile pyproject.toml --group dev --group sandbox --universal \
	    --generate-hashes --no-header --quiet --upgrade --output-file requirements.lock

screenshots: setup browser ## take the pictures of the READMEs into docs/pictures
	@$(BIN)/yijian screenshots

bench: setup ## measure the claims again
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench.documents

browser: .venv/.browser

.venv/.browser: .ci/browser | .venv/.ready
	@bash .ci/browser
	@touch $@

.venv/.ready: .venv/.packages pyproject.toml
	@$(UV) pip install --quiet --python .venv --no-deps --editable .
	@touch $@

.venv/.packages: requirements.lock | $(UV)
	@echo 'Building .venv …'
	@$(UV) venv --quiet --allow-existing --no-project --python '$(PYTHON)' .venv
	@$(UV) pip sync --quiet --compile-bytecode --python .venv --require-hashes requirements.lock
	@touch $@

.uv/bin/uv:
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo 'Python 3.11 or newer is needed (set PYTHON=…).' >&2; exit 1; }
	@'$(PYTHON)' -m venv .uv
	@.uv/bin/pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'
