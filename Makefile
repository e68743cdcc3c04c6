# Everything a person does with this checkout. Needs Python 3.11-3.13 with venv, Node 20+ with npm, make.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || echo python3)
VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := $(VENV)/.stamps
PIP    := $(BIN)/python -m pip install --disable-pip-version-check --quiet
NPM_CI := npm ci --ignore-scripts --no-audit --no-fund --loglevel=error

ASSETS := assets/js/htmx.min.js assets/js/sse.js assets/fonts/unifontex.woff \
	assets/js/leaflet.js assets/css/leaflet.css assets/js/leaflet-geoman.js assets/css/leaflet-geoman.css

PACK ?=
ARGS ?=
# Two files of tests at a time, in the order of their folders: long ones stand in the middle.
PARALLEL ?= --numprocesses 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test check format bench soak pictures peers lock clean

help:  ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMPS)/dev $(STAMPS)/editable $(ASSETS)  ## install everything the locks name into .venv and assets/

run: $(STAMPS)/runtime $(STAMPS)/editable $(ASSETS)  ## start the hub: make run PACK=example-county ARGS="--port 9000"
	$(BIN)/tocsin serve $(if $(PACK),--pack $(PACK)) $(ARGS)

test: setup  ## run the tests: make test ARGS="tests/core -k expiry"
	$(BIN)/pytest $(PARALLEL) $(ARGS)

check: setup  ## formatting, lint, import directions, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy

format: setup  ## rewrite the source in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup  ## measure speed
	$(BIN)/pytest -m bench --timeout=1800 $(ARGS)

soak: setup  ## the long runs
	$(BIN)/pytest -m soak --timeout=14400 $(ARGS)

pictures: setup  ## make the pictures of docs/ anew (needs chromium)
	$(BIN)/python -m tests.kit.pictures docs/pictures

peers: tests/peers/node_modules/.stamp  ## install other people's implementations that tests talk to

lock: $(STAMPS)/dev  ## write the locks anew: make lock UPGRADE=--upgrade
	$(LOCK) --group pyproject.toml:build -o requirements-build.lock
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) pyproject.toml --all-extras --group pyproject.toml:dev -c requirements.lock -o requirements-dev.lock
	npm install --package-lock-only --ignore-scripts --no-audit --no-fund
	cd tests/peers && npm install --package-lock-only --ignore-scripts --no-audit --no-fund

LOCK = $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 \
	--generate-hashes --custom-compile-command "make lock" $(UPGRADE)

clean:  ## remove what setup and the tools made; ./var is kept
	rm -rf $(VENV) node_modules tests/peers/node_modules assets build dist
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find publisher channels tests -name __pycache__ -type d -prune -exec rm -rf {} +

define NEED_PYTHON
@command -v "$(PYTHON)" >/dev/null || { echo "Python is missing: install Python 3.11, 3.12 or 3.13 (or name one: make PYTHON=/path/to/python)." >&2; exit 1; }
@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { echo "$(PYTHON) is the wrong version: Python 3.11, 3.12 or 3.13 is needed." >&2; exit 1; }
@"$(PYTHON)" -c 'import venv, ensurepip' || { echo "$(PYTHON) cannot make a virtual environment: install its venv package (python3-venv)." >&2; exit 1; }
endef

define NEED_NPM
@command -v node >/dev/null || { echo "Node is missing: install Node.js 20 or newer (it brings npm); it fetches the browser scripts and the display font." >&2; exit 1; }
@command -v npm >/dev/null || { echo "npm is missing: install npm, which belongs to Node.js 20 or newer." >&2; exit 1; }
endef

$(BIN)/python:
	$(NEED_PYTHON)
	"$(PYTHON)" -m venv $(VENV)

# The build tools come first: the sdists among the rest are built with them, not with whatever is newest today.
$(STAMPS)/build: requirements-build.lock | $(BIN)/python
	@mkdir -p $(STAMPS)
	$(PIP) --require-hashes -r requirements-build.lock
	@touch $@

$(STAMPS)/runtime: requirements.lock $(STAMPS)/build
	$(PIP) --no-build-isolation --require-hashes -r requirements.lock
	@touch $@

$(STAMPS)/dev: requirements-dev.lock $(STAMPS)/runtime
	$(PIP) --no-build-isolation --require-hashes -r requirements-dev.lock
	@touch $@

$(STAMPS)/editable: pyproject.toml hatch_build.py $(STAMPS)/runtime
	$(PIP) --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q publisher channels
	@touch $@

node_modules/.stamp: package.json package-lock.json
	$(NEED_NPM)
	$(NPM_CI)
	@touch $@

assets/%: node_modules/.stamp
	@mkdir -p $(@D)
	cp $(FROM) $@

assets/js/htmx.min.js: FROM := node_modules/htmx.org/dist/htmx.min.js
assets/js/sse.js: FROM := node_modules/htmx-ext-sse/dist/sse.js
assets/js/leaflet.js: FROM := node_modules/leaflet/dist/leaflet.js
assets/css/leaflet.css: FROM := node_modules/leaflet/dist/leaflet.css
assets/js/leaflet-geoman.js: FROM := node_modules/@geoman-io/leaflet-geoman-free/dist/leaflet-geoman.js
assets/css/leaflet-geoman.css: FROM := node_modules/@geoman-io/leaflet-geoman-free/dist/leaflet-geoman.css
# One file holds Latin and all of the Chinese range, whatever its name says.
assets/fonts/unifontex.woff: FROM := node_modules/@fontsource/unifontex/files/unifontex-latin-400-normal.woff

tests/peers/node_modules/.stamp: tests/peers/package.json tests/peers/package-lock.json
	$(NEED_NPM)
	cd tests/peers && $(NPM_CI)
	@touch $@
