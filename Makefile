# Every command sets up what it needs; only Python 3.11 (or newer) and make are required.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MINISTACK_VENV := .venv-ministack
NOVA_VENV := .venv-nova
TEMPEST_VENV := .venv-tempest
MUTANTS_VENV := .venv-mutants
MUTANTS ?= chalicelib.scheduler.* chalicelib.service.*
MUTANTS_JOBS ?= $(shell nproc)
MUTMUT = $(MUTANTS_VENV)/bin/mutmut run --max-children $(MUTANTS_JOBS)
SCORES = $(MUTANTS_VENV)/bin/python -m docs.mutants $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED))
SOAK_MINUTES ?= 10
export AWS_DEFAULT_REGION ?= us-east-1
export PYTHONWARNINGS ?= ignore
SOURCES := app.py chalicelib local tests bench deployment simulation docs
PIP := -m pip install --quiet --disable-pip-version-check

.PHONY: help run story test crash-matrix check docs package bench simulate soak mutants test-openstack tempest tempest-list setup clean
.DEFAULT_GOAL := help

help:  ## This list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup  ## The whole product on this machine: plays a story, then serves an endpoint
	@$(BIN)/python -m local

story: setup  ## The story of make run alone; fails and says why if a claim of it doesn't hold
	@$(BIN)/python -m local --story-only

test: setup  ## Every test that needs nothing but this machine, on all its cores
	$(BIN)/python -m pytest -n logical --dist worksteal $(PYTEST_ARGS)

crash-matrix: $(VENV)/.ready  ## Creates, deletes and the reconciler, crashed and disturbed at each of their calls
	@$(BIN)/python -m tests.crash

check: $(VENV)/.ready  ## Format, lint, types, import arrows, generated docs, template
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m docs.generated --check
	@$(MAKE) --no-print-directory package
	$(BIN)/cfn-lint build/package/sam.json

docs: $(VENV)/.ready  ## Write what in docs/ follows from the code: tables, the OpenAPI document
	@$(BIN)/python -m docs.generated

package: $(VENV)/.ready  ## The CloudFormation template and the zip, in build/package
	@mkdir -p build
	@$(BIN)/python -m deployment.template > build/extra.json
	@$(BIN)/chalice package --stage prod --merge-template build/extra.json build/package
	@$(BIN)/python -m deployment.slim build/package/deployment.zip
	@$(BIN)/python -m deployment.inspection build/package

bench: $(VENV)/.ready $(NOVA_VENV)/.ready  ## The benchmarks: a table of ratios, and bench/results.json
	$(BIN)/python -m bench

simulate: $(VENV)/.ready  ## What-if runs: a workload under another profile, with a pod lost or new (SIMULATE_ARGS)
	@$(BIN)/python -m simulation $(SIMULATE_ARGS)

soak: setup  ## Ten minutes of load while pods fail and gateways are killed: nothing lost, nothing grows (SOAK_MINUTES)
	@$(BIN)/python -m tests.soak --minutes $(SOAK_MINUTES)

mutants: $(MUTANTS_VENV)/.ready  ## Mutation tests of scheduler/ and service/, hours (MUTANTS='chalicelib.scheduler.*', or SAMPLE=600 SEED=1)
ifdef SAMPLE
	$(MUTMUT) 'chalicelib.scheduler.upholding.*' # only a first run tells which mutants there are
	$(SCORES) --names | xargs -r $(MUTMUT)
else
	$(MUTMUT) $(foreach name,$(MUTANTS),'$(name)')
endif
	$(SCORES)

test-openstack: setup $(TEMPEST_VENV)/.ready  ## The integration suite: CLOUDS=f PODS=Pod1,Pod2 ADMIN=cloud TENANTS=cloud,cloud
	$(BIN)/python -m tests.openstack

tempest: setup $(TEMPEST_VENV)/.ready  ## All of Tempest's compute tests on the same pods (TEMPEST_ARGS=regex: some of them)
	TEMPEST_ARGS="$(or $(TEMPEST_ARGS),^tempest\.api\.compute)" $(BIN)/python -m tests.openstack -k test_tempest

tempest-list: setup $(TEMPEST_VENV)/.ready  ## Measure which of these tests the first of PODS passes without us
	$(BIN)/python -m tests.openstack.tempest

setup: $(VENV)/.ready $(MINISTACK_VENV)/.ready

$(VENV)/.ready: requirements.txt requirements-dev.txt
	@echo "Setting up $(VENV) (a minute or two, once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python $(PIP) -r requirements-dev.txt
	@touch $@

$(MINISTACK_VENV)/.ready: requirements-ministack.txt
	@echo "Setting up $(MINISTACK_VENV), the embedded DynamoDB (once)"
	@$(PYTHON) -m venv $(MINISTACK_VENV)
	@$(MINISTACK_VENV)/bin/python $(PIP) -r requirements-ministack.txt
	@touch $@

$(NOVA_VENV)/.ready: requirements-nova.txt
	@echo "Setting up $(NOVA_VENV), Nova's own scheduler (a minute or two, once)"
	@$(PYTHON) -m venv $(NOVA_VENV)
	@$(NOVA_VENV)/bin/python $(PIP) -r requirements-nova.txt
	@touch $@

$(TEMPEST_VENV)/.ready: requirements-tempest.txt
	@echo "Setting up $(TEMPEST_VENV), OpenStack's integration tests (a minute or two, once)"
	@$(PYTHON) -m venv $(TEMPEST_VENV)
	@$(TEMPEST_VENV)/bin/python $(PIP) -r requirements-tempest.txt
	@touch $@

$(MUTANTS_VENV)/.ready: requirements.txt requirements-mutants.txt
	@echo "Setting up $(MUTANTS_VENV), the mutation tester (once)"
	@$(PYTHON) -m venv $(MUTANTS_VENV)
	@$(MUTANTS_VENV)/bin/python $(PIP) -r requirements-mutants.txt
	@touch $@

clean:  ## Remove what was built and what was set up
	rm -rf build .chalice/deployments $(VENV) $(MINISTACK_VENV) $(NOVA_VENV) $(TEMPEST_VENV) $(MUTANTS_VENV) mutants .local-state
