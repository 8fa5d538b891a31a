PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup demo test release gates bench lab

help: ## list the commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(VENV)/.installed ## make .venv with exactly the versions of constraints.txt

$(VENV)/.installed: constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed"'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: setup ## grade a simulated class in demo/, its grades known in advance
	$(BIN)/python -m course demo

test: setup ## run every test, or those in TESTS=folder, two files at a time
	$(BIN)/ruff check .
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder $(TESTS)

release: setup ## keep the twins in step and build every release
	$(BIN)/python -m course release

gates: setup ## try every known answer on every test cell, here and in the judge
	$(BIN)/python -m course gates

bench: setup ## measure grading against stock nbgrader, write docs/performance.md
	$(BIN)/python -m bench.grading

lab: setup ## open JupyterLab on the course
	$(BIN)/jupyter lab
