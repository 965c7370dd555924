# AlphaTrade: `make demo` for a first result, `make test` for everything that must hold.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help demo test prove lint bench docs clean

help:  ## show the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

.venv/.core: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "AlphaTrade needs Python 3.11 or newer: make PYTHON=/path/to/python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

.venv/.dev: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "AlphaTrade needs Python 3.11 or newer: make PYTHON=/path/to/python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ .venv/.core

demo: .venv/.core  ## from bundled bars to a verdict and report.html
	$(BIN)/alphatrade demo

test: .venv/.dev  ## every test, the long proofs at a tenth of their count
	$(BIN)/python -m pytest -n 2 --dist worksteal

prove: .venv/.dev  ## the long proofs whole; writes docs/proofs/
	ALPHATRADE_PROVE=1 $(BIN)/python -m pytest -n 2 --dist worksteal -m prove

lint: .venv/.dev  ## ruff, mypy --strict, import layers
	$(BIN)/ruff check src tests benchmarks examples
	$(BIN)/ruff format --check src tests benchmarks examples
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.dev  ## benchmarks, side by side with TA-Lib and plain loops
	$(BIN)/python -m benchmarks

docs: .venv/.dev  ## the documentation site
	$(BIN)/mkdocs build --strict

clean:
	rm -rf .venv site build dist
