# Every target installs what it needs: on a fresh machine with Python 3.13, `make demo` and `make test` are all there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

PYTHON ?= python3.13
LOCK := --python-version 3.13 --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header
# What decides is covered branch by branch: the core, and the modules of other rooms that do no I/O.
PURE := */pppsync/core/*.py,*/pppsync/config/[!f]*.py,*/pppsync/report/response.py,*/pppsync/report/router_row.py,*/pppsync/journal/[!s]*.py,*/pppsync/routers/pace.py,*/pppsync/routers/rows.py,*/pppsync/routers/wire.py,*/pppsync/crm/rows.py,*/pppsync/crm/refusals.py,*/pppsync/diagnose/explain/[!a]*.py,\
*/pppsync/diagnose/check/both_sides.py,*/pppsync/diagnose/check/clock.py,*/pppsync/diagnose/check/garden.py,*/pppsync/diagnose/check/line.py,*/pppsync/passwords/*_plan.py,*/pppsync/passwords/writes.py,*/pppsync/sync/decide.py,*/sync_widget/[!l]*.py,*/plan_notice/*.py
PORT ?= 4566
RUN := .venv/bin/python
INSTALL := -m pip install --quiet --disable-pip-version-check --require-hashes --requirement

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: python
python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null || { \
	  echo "Python 3.13 is needed and '$(PYTHON)' is not it: install it, or say where it is with 'make PYTHON=/path/to/python3.13 ...'"; exit 1; }

.venv/installed: requirements/dev.txt layers/pppsync/requirements.txt | python
	@echo "Installing the project's environment in .venv (once, about a minute)"
	@$(PYTHON) -m venv --clear .venv
	@$(RUN) $(INSTALL) requirements/dev.txt
	@touch $@

.venv-sam/installed: requirements/sam.txt | python
	@echo "Installing SAM in .venv-sam (once, about a minute)"
	@$(PYTHON) -m venv --clear .venv-sam
	@.venv-sam/bin/python $(INSTALL) requirements/sam.txt
	@touch $@

.venv-emulator/installed: requirements/emulator.txt | python
	@echo "Installing the local AWS in .venv-emulator (once, about half a minute)"
	@$(PYTHON) -m venv --clear .venv-emulator
	@.venv-emulator/bin/python $(INSTALL) requirements/emulator.txt
	@touch $@

.venv-audit/installed: requirements/audit.txt | python
	@$(PYTHON) -m venv --clear .venv-audit
	@.venv-audit/bin/python $(INSTALL) requirements/audit.txt
	@touch $@

.PHONY: audit
audit: .venv-audit/installed ## look the layer's pinned versions up among known vulnerabilities (needs the network)
	@.venv-audit/bin/pip-audit --disable-pip --require-hashes --strict --requirement layers/pppsync/requirements.txt

.PHONY: setup
setup: .venv/installed .venv-sam/installed .venv-emulator/installed ## install what is missing (costs nothing the second time)

.PHONY: build
build: setup ## build the functions and the layer for this machine
	@$(RUN) -m lab.local_aws build

.PHONY: validate
validate: setup ## check the templates, offline and without an account
	@.venv/bin/cfn-lint --append-rules cfn_lint_serverless.rules
	@.venv/bin/cfn-lint --append-rules cfn_lint_serverless.rules -- network.yaml
	@SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=eu-west-1 .venv-sam/bin/sam validate --lint </dev/null

.PHONY: local-up
local-up: setup ## leave a local AWS with the deployed stack running: make local-up PORT=4566
	@$(RUN) -m lab.local_aws up --port $(PORT)

.PHONY: local-down
local-down: setup ## end it, leave nothing running: make local-down PORT=4566
	@$(RUN) -m lab.local_aws down --port $(PORT)

.PHONY: ctl
ctl: .venv/installed ## the operator's command line: make ctl ARGS='explain ABC1', ARGS=--help for the rest
	@$(RUN) -m pppctl $(ARGS)

.PHONY: demo
demo: setup ## the main job on a made-up provider: deploy, sync, sync again, import, show before and after
	@$(RUN) -m lab.demo

.PHONY: try
try: setup ## the demo's provider and stack stay up: ask, watch and break them with the operator's command line
	@$(RUN) -m lab.demo.tryout

.venv-peers/installed: requirements/peers.txt | python
	@echo "Installing the peers that are measured in .venv-peers (once, about half a minute)"
	@$(PYTHON) -m venv --clear .venv-peers
	@.venv-peers/bin/python $(INSTALL) requirements/peers.txt
	@touch $@

.PHONY: bench
bench: .venv/installed ## the figures of docs/performance.md, about twenty minutes: make bench PART=table for the demands alone
	@$(RUN) -m lab.benchmarks $(PART)

.PHONY: bench-peers
bench-peers: .venv/installed .venv-peers/installed ## the same work done by others, and the plots
	@$(RUN) -m lab.benchmarks peers
	@.venv-peers/bin/python -m lab.benchmarks.plots

.PHONY: lint
lint: setup ## style, dead code and types
	@.venv/bin/ruff format --check --quiet
	@.venv/bin/ruff check --quiet
	@.venv/bin/mypy
	@PYTHONPATH=layers/pppsync .venv/bin/lint-imports --no-logo | tail -n 1

.PHONY: quick
quick: .venv/installed ## the tests that need neither SAM nor the local AWS, in under a minute
	@$(RUN) -m pytest -q -n 2 tests/unit tests/property tests/contract tests/architecture

.PHONY: test
test: setup ## every test, with coverage
	@$(RUN) -m pytest -n 2 --dist loadgroup --cov --cov-report=
	@.venv/bin/coverage report --skip-covered --fail-under=95
	@.venv/bin/coverage report --skip-covered --fail-under=100 --include='$(PURE)'

.PHONY: check
check: lint validate test ## all that CI runs

.PHONY: lock
lock: .venv/installed ## compile requirements/*.in anew, with hashes
	@.venv/bin/uv pip compile -q --upgrade $(LOCK) requirements/layer.in -o layers/pppsync/requirements.txt
	@for name in dev sam emulator audit peers; do .venv/bin/uv pip compile -q --upgrade $(LOCK) requirements/$$name.in -o requirements/$$name.txt; done

COUNT ?= 10000
SEED ?= 1
.PHONY: faults
faults: setup ## the long fault bench: make faults COUNT=10000 SEED=1 (half an hour; its result is in docs/reliability.md)
	@PYTHONPATH=layers/pppsync $(RUN) -m lab.faults --count $(COUNT) --start $(SEED)

.PHONY: mutants
mutants: setup ## take out one protection at a time and show which test notices (an hour)
	@PYTHONPATH=layers/pppsync $(RUN) -m lab.faults.mutants --tests
