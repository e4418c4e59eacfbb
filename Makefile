# Two commands do everything: `make run` serves the demo, `make test` runs all tests.
.DEFAULT_GOAL := help
.PHONY: help run test check bench chaos dev build clean

# Without its bytecode a process takes a second longer to start, and some tests start dozens.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
ARGS ?=
# Tests wait more than they compute.
WORKERS ?= $(shell echo $$(( $$(nproc) * 2 )))

help:  ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/ready-run  ## Install, build and serve the demo (ARGS="--port 9000 --no-browser --json")
	@PYTHONPATH=tests $(BIN)/jackfield demo $(ARGS)

test: .venv/ready-dev .venv/ready-chromium  ## Install, start PostgreSQL, NATS and Chromium, run all tests
	@$(BIN)/npm run --silent test
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --durations 25 $(ARGS)

check: .venv/ready-dev  ## Formatting, lint, types, floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports
	@$(BIN)/npm run --silent check

bench: .venv/ready-dev  ## Measured ratios, printed and written to build/bench.json
	PYTHONPATH=tests $(BIN)/python -m bench $(ARGS)

chaos: .venv/ready-dev  ## Kill processes and break things under traffic (ARGS="--seed 7 --seconds 300 --only NAME")
	PYTHONPATH=tests $(BIN)/python -m chaos $(ARGS)

dev: .venv/ready-dev  ## Serve the demo; rebuild the page as it changes
	@$(BIN)/npm run dev & trap "kill $$!" EXIT; PYTHONPATH=tests $(BIN)/jackfield demo $(ARGS)

build: .venv/ready-dev  ## The wheel and the sdist, in dist/
	$(BIN)/uv build

clean:  ## Forget everything that was installed or built
	rm -rf .venv node_modules dist ui/jackfield_ui/static/dist

# Installing from the lock also builds the page (build/hatch_build.py); both are skipped while nothing changed.
SOURCES := pyproject.toml uv.lock package-lock.json $(shell find ui build -type f -not -path '*/dist/*' -not -path '*/node_modules/*' 2>/dev/null)

.venv/bin/uv:
	@sh scripts/bootstrap

.venv/ready-run: .venv/bin/uv $(SOURCES)
	@$(BIN)/uv sync --quiet --frozen --inexact --no-dev --extra whatsapp-business --reinstall-package jackfield
	@touch $@

.venv/ready-dev: .venv/bin/uv $(SOURCES)
	@$(BIN)/uv sync --quiet --frozen --inexact --all-extras --reinstall-package jackfield
	@$(BIN)/python scripts/link_node.py
	@touch $@ .venv/ready-run

.venv/ready-chromium:
	@sh scripts/chromium
	@touch $@
