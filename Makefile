# Everything a newcomer needs: `make demo` and `make test`. Both set the machine up first, quickly the second time.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help setup demo test test-long bench lint types contracts screenshots clean

help:
	@echo "make demo   sets up, loads the demo town, serves it at http://127.0.0.1:8000"
	@echo "make test   sets up and runs every check and test"
	@echo "make bench  prints the benchmark table"

setup:
	@PYTHON=$(PYTHON) bash scripts/setup.sh

demo: setup
	@$(BIN)/allmende demo --data data/demo

test: setup
	@bash scripts/test.sh

test-long: setup
	@ALLMENDE_LONG=1 bash scripts/test.sh

bench: setup
	@$(BIN)/python -m bench

screenshots: setup
	@$(BIN)/python scripts/screenshots.py

lint:
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types:
	@$(BIN)/mypy

contracts:
	@$(BIN)/lint-imports

clean:
	rm -rf $(VENV) node_modules src/allmende/web/static/dist .setup-stamp*
