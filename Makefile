# One-word targets. `make run` on a fresh machine needs git, make and a Python with pip; everything else it brings itself.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# pyenv keeps its shims first on PATH and they fail for versions that are not selected: append the real interpreters, so that uv finds
# them. Elsewhere: no effect.
PYENVS := $(wildcard $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions/3.1[0-3].*/bin)
empty :=
space := $(empty) $(empty)
ifneq ($(PYENVS),)
export PATH := $(PATH):$(subst $(space),:,$(strip $(PYENVS)))
endif
export RASA_TELEMETRY_ENABLED := false
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export TF_CPP_MIN_LOG_LEVEL := 3
export TQDM_DISABLE := 1
export PYTHONWARNINGS := ignore
# Behind a proxy or a private certificate authority: harmless elsewhere.
export UV_SYSTEM_CERTS := 1
export NODE_OPTIONS := --use-system-ca

UV := var/tools/bin/uv
PYTHON := .venv/bin/python
ENGINE := engine/.venv/bin
STAMPS := var/stamps
TRAINED_FROM := config.yml domain.yml $(wildcard data/*/*.yml) $(wildcard engine/nlu/*)
WEB_FROM := $(wildcard web/*.json web/*.ts web/*.html) $(shell find web/src web/public -type f 2>/dev/null)

# `make simulate` takes SEEDS (how many days), SEED (replay one), CUSTOMERS, AGENTS, DATABASE (sqlite, postgres, both).
SIMULATE := $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),3)) $(if $(CUSTOMERS),--customers $(CUSTOMERS)) $(if $(AGENTS),--agents $(AGENTS)) $(if $(DATABASE),--database $(DATABASE))

.PHONY: help run test check train web bench bench-desks bench-tickets bench-figures simulate simulate-cluster lock clean env engine-env test-dialogue

help: ## What there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: env engine-env web train ## Start everything with demo data (PORT=8080)
	@$(PYTHON) -m bot run

test: env engine-env web train ## All tests
	@$(PYTHON) -m pytest -q $(ARGS)

test-dialogue: env engine-env train ## Data, stories, conversations, F1 against the baseline; report in var/test-dialogue.md
	@$(PYTHON) -m tests.dialogue.gate $(ARGS)

check: env ## Formatting, types, imports
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports

train: engine-env models/sapa.tar.gz ## Train the model if its data changed

simulate-cluster: env engine-env web train ## Kill and cut a cluster for MINUTES=10, waiting for real leases
	@MINUTES=$(or $(MINUTES),10) $(PYTHON) -m pytest -q -s tests/simulation/test_cluster.py -k killed $(ARGS)

bench: env engine-env web train $(STAMPS)/stock ## Measure against stock Rasa, in one run
	@$(PYTHON) -m bench $(ARGS)

bench-desks: env engine-env web train ## Measure 300 desks with 3,000 open conversations
	@$(PYTHON) -m bench.desks $(ARGS)

bench-tickets: env ## Measure lists and searches of 1,000, 20,000 and 200,000 tickets
	@$(PYTHON) -m bench.tickets $(ARGS)

bench-figures: env ## Measure reports over a year of 20,000 conversations a day
	@$(PYTHON) -m bench.figures $(ARGS)

simulate: env engine-env web train ## Simulate working days with faults and check them (SEEDS=3)
	@$(PYTHON) -m tests.simulation.day $(SIMULATE)

web: web/dist/widget.js ## Build the browser side

env: $(STAMPS)/env ## The service's environment

engine-env: $(STAMPS)/engine ## The engine's environment

$(UV):
	@echo "make: bringing uv"
	@set -e; for python in python3 python; do command -v $$python >/dev/null 2>&1 && found=$$python && break; done; \
	  [ -n "$$found" ] || { echo "make: no Python found. Install Python 3.11 or newer, then try again."; exit 1; }; \
	  $$found -m venv var/tools 2>/dev/null || { echo "make: Python's venv module is missing (on Debian: apt install python3-venv)."; exit 1; }; \
	  var/tools/bin/python -m pip install -q --disable-pip-version-check uv

$(STAMPS)/env: requirements-dev.lock pyproject.toml | $(UV)
	@echo "make: the service's environment (Python >= 3.11)"
	@[ -x .venv/bin/python ] || $(UV) venv -q -p '>=3.11' .venv || { echo "make: no Python >= 3.11 found. Install one, then try again."; exit 1; }
	@VIRTUAL_ENV=.venv $(UV) pip sync -q requirements-dev.lock
	@VIRTUAL_ENV=.venv $(UV) pip install -q --no-deps -e .
	@mkdir -p $(@D) && touch $@

$(STAMPS)/engine: engine/requirements.lock | $(UV)
	@echo "make: the engine's environment (Python 3.10, Rasa 3.6.21; 2.5 GB the first time)"
	@set -e; [ -x engine/.venv/bin/python ] || { python=$$(bash engine/find-python.sh) || exit 1; $(UV) venv -q -p "$$python" engine/.venv; }
	@VIRTUAL_ENV=engine/.venv $(UV) pip sync -q engine/requirements.lock
	@mkdir -p $(@D) && touch $@

# Stock Rasa is measured with the jsonschema that `pip install rasa` brings, not with the faster one of the engine's lock.
$(STAMPS)/stock: | $(STAMPS)/engine
	@rm -rf var/bench/stock-site && $(UV) pip install -q --python $(ENGINE)/python --target var/bench/stock-site --no-deps jsonschema==4.17.3 pyrsistent==0.20.0
	@mkdir -p $(@D) && touch $@

models/sapa.tar.gz: $(TRAINED_FROM) | $(STAMPS)/engine
	@echo "make: training the model (about a minute)"
	@mkdir -p var models && $(ENGINE)/rasa train --fixed-model-name sapa-new > var/train.log 2>&1 \
	  || { tail -n 20 var/train.log; echo "make: training failed; the whole log is in var/train.log"; rm -f models/sapa-new.tar.gz; exit 1; }
	@mv models/sapa-new.tar.gz $@

web/dist/widget.js: $(WEB_FROM) | $(STAMPS)/env
	@echo "make: building the pages"
	@bash web/build.sh > var/web.log 2>&1 || { tail -n 20 var/web.log; echo "make: building the pages failed; the whole log is in var/web.log"; exit 1; }
	@touch $@

lock: | $(UV) ## Resolve the environments again
	$(UV) pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements.lock
	$(UV) pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements-dev.lock
	$(UV) pip compile engine/pyproject.toml -p "$$(bash engine/find-python.sh)" --generate-hashes --no-header -q -o engine/requirements.lock

clean: ## Remove what was built, keep the database
	rm -rf .venv engine/.venv web/node_modules web/dist models $(STAMPS)
