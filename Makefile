# Everything one does with the project; `make` alone lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup run test check fix soak bench docs

# The first Python of a fitting version that can make environments; name another with PYTHON=...
PYTHON ?= $(shell for v in 3.11 3.12 3.13; do python$$v -c 'import ensurepip, venv' 2>/dev/null && echo python$$v && break; done)
PY := .venv/bin/python
# Setup is repeated when a requirements file changes, and takes no time otherwise.
STAMP = .venv/requirements-$(shell cat requirements.txt tests/requirements.txt | sha256sum | cut -c1-16)

HOST ?= 127.0.0.1
PORT ?= 8000
DATA ?= var
# One process of tests more than there are cores, because tests of whole systems wait a lot; four at most.
PROCESSES ?= $(shell n=$$(nproc); echo $$((n < 4 ? n + 1 : 4)))
# More arguments for `serve`: make run ARGS='--tls auto'
ARGS ?=

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## prepare .venv with all that running and testing need
	@:

$(STAMP):
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 with venv is missing: install it (Debian: apt-get install python3 python3-venv)." >&2; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv .venv || { echo "No environment could be made: install venv (Debian: apt-get install python3-venv)." >&2; rm -rf .venv; exit 1; }
	@$(PY) -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt || { \
	  echo "A package could not be installed. If pip says above that it builds one, there is no wheel for this machine: install a compiler and the headers (Debian: apt-get install build-essential python3-dev) and try again." >&2; exit 1; }
	@rm -f .venv/requirements-*
	@touch $@

run: setup ## run the whole system with the demo; HOST, PORT, DATA and ARGS may be set
	@exec $(PY) manage.py serve --demo --host $(HOST) --port $(PORT) --data $(DATA) $(ARGS)

test: setup ## run all tests and hold the coverage gate
	@mkdir -p -m 700 var
	@$(PY) -m coverage erase
	$(PY) -m coverage run --parallel-mode -m pytest -q --numprocesses $(PROCESSES) --dist loadgroup --no-loadscope-reorder
	@$(PY) -m coverage combine --quiet
	@$(PY) -m coverage json --quiet -o var/coverage.json
	$(PY) tests/coverage_gate.py var/coverage.json

check: setup ## lint, types, import order, migrations, system checks
	$(PY) manage.py check --fail-level WARNING # first: it makes the secrets without which no settings load
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PY) manage.py makemigrations --check --dry-run

fix: setup ## repair what ruff can repair
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

soak: setup ## long runs under load and kills; prints to docs/measurements/
	@mkdir -p docs/measurements
	set -o pipefail; SOAK=full $(PY) -m pytest -m soak -v --no-header --durations=0 tests | tee docs/measurements/soak.txt

bench: setup ## speed and memory, side by side, kept in docs/measurements/; QMSUM=folder measures the notes too
	@mkdir -p docs/measurements
	set -o pipefail; for part in reading transcript_stream reports recognition rest fanout recovery startup $(if $(QMSUM),notes); do \
	  echo "== $$part"; $(PY) -m bench.$$part $$(test $$part = notes && echo $(QMSUM)) | tee docs/measurements/$$part.txt || exit 1; \
	done

docs: setup ## write the generated parts of the documentation anew
	@$(PY) manage.py check # it makes the secrets without which no settings load
	$(PY) -m docs.generate
