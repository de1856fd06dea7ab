# Every task of this repository. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv
STUBS := gateway/v1/.generated
READY := $(VENV)/.ready $(STUBS)
# Where an image switches bytecode off, every start would compile every module again: twice the CPU.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help
help: ## list the tasks
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

# ---- setting up: every task below depends on it; seconds the first time, nothing after
$(VENV)/bin/uv: requirements/bootstrap.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install -q --require-hashes -r requirements/bootstrap.lock
	@touch $@

$(VENV)/.ready: $(UV) requirements/dev.lock pyproject.toml
	$(UV) pip install -q --compile-bytecode --python $(PY) --require-hashes -r requirements/dev.lock
	@printf '%s\n' "$(CURDIR)" "$(CURDIR)/clients/python/src" > "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/erp_gateway_source.pth"
	@printf '#!/bin/sh\nexec "$(CURDIR)/$(PY)" -m gateway "$$@"\n' > $(VENV)/bin/erp-gateway && chmod +x $(VENV)/bin/erp-gateway
	@touch $@

$(STUBS): $(VENV)/.ready $(wildcard proto/gateway/v1/*.proto proto/gateway/admin/v1/*.proto) proto/generate.py
	$(PY) proto/generate.py
	@touch $@

.PHONY: setup gen lock
setup: $(READY) ## install everything into .venv and generate the stubs
gen: $(VENV)/.ready ## generate the Python stubs from proto/ again
	$(PY) proto/generate.py && touch $(STUBS)
lock: $(UV) ## resolve the dependencies of pyproject.toml into requirements/*.lock, with hashes
	$(UV) pip compile -q pyproject.toml --generate-hashes --no-annotate --no-header --no-emit-index-url --python-version 3.11 -o requirements/runtime.lock
	$(UV) pip compile -q pyproject.toml --group dev -c requirements/runtime.lock --generate-hashes --no-annotate --no-header --no-emit-index-url --python-version 3.11 -o requirements/dev.lock
	$(UV) pip compile -q pyproject.toml --extra mcp -c requirements/runtime.lock --generate-hashes --no-annotate --no-header --no-emit-index-url --python-version 3.11 -o requirements/mcp.lock

# ---- running
.PHONY: run demo
run: $(READY) ## start the gateway on the shipped configuration (ARGS="--listen 127.0.0.1:50052")
	@exec $(PY) -m gateway serve $(ARGS)
demo: $(READY) ## start a gateway of its own, ask it three real questions, stop it
	@exec $(PY) -m gateway demo --own
.PHONY: docs
docs: $(READY) ## write docs/config.md and the JSON Schema again from the options
	$(PY) -m gateway config docs -o docs/config.md
	$(PY) -m gateway config schema -o config/gateway.schema.json
	$(PY) -m gateway.api.reference

# ---- checking
# A missing tool is a loud skip; with ERP_GATEWAY_REQUIRE_TOOLS=1, as in CI, a failure.
with-tools = for tool in $(2); do command -v $$tool >/dev/null || { \
	  echo "SKIPPED: tests of the $(1) client: no $$tool; to run them: $(3)"; \
	  test -z "$$ERP_GATEWAY_REQUIRE_TOOLS"; exit $$?; }; done && $(MAKE) --no-print-directory test-$(1)
.PHONY: check format test test-python
check: $(READY) ## format, lint, types, proto lint and breaking changes
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	cd proto && ../$(VENV)/bin/buf lint
	@cd proto && for released in released/*/; do ../$(VENV)/bin/buf breaking --against "$$released" || exit 1; done
format: $(READY) ## rewrite the code in the house's format
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .
test: $(READY) ## run all tests: Python's, then those of the Java and PHP clients where their tools are
	$(PY) -m pytest
	@$(call with-tools,java,javac mvn,apt-get install default-jdk-headless maven)
	@$(MAKE) --no-print-directory test-php
test-python: $(READY) ## run the tests of the Python client alone
	$(PY) -m pytest tests/clients/python
.PHONY: failover
failover: $(READY) ## run the failover scorecard in real time (3 minutes) and write docs/failover.md
	$(PY) -m tests.failover
.PHONY: chaos
chaos: $(READY) ## 10,000 calls while every model fails at random
	$(PY) -m tests.failover.chaos
.PHONY: crowd
crowd: $(READY) ## 10,000 calls at once, the price of falling back, and of hanging up
	$(PY) -m tests.failover.crowd
.PHONY: reloads
reloads: $(READY) ## 1,000 changes of the configuration of a running gateway under load
	$(PY) -m tests.failover.reloads

# ---- clients in other languages
.PHONY: test-java
test-java: $(READY) ## build and test the Java client against live gateways (a JDK and Maven; downloads go to ~/.m2)
	@command -v mvn >/dev/null || { echo "Maven is needed: apt-get install default-jdk-headless maven"; exit 1; }
	@rm -rf clients/java/target/surefire-reports
	@# a test that fails once and then passes is listed as a flake, not hidden: these machines are noisy
	cd clients/java && mvn -q -B verify -Dsurefire.rerunFailingTestsCount=1
	@grep -h '^Tests run' clients/java/target/surefire-reports/*.txt
.PHONY: test-php soak-php
test-php: $(READY) ## test the PHP client against live gateways (tools: clients/php/tools/install-debian.sh)
	@clients/php/tools/test.sh
soak-php: $(READY) ## the PHP client's long tests: 3,000 FPM requests, 20 restarts under load; figures for docs/clients.md
	@clients/php/tools/test.sh soak

# ---- measuring
.PHONY: bench
bench: $(READY) ## the gateway beside LiteLLM's proxy, Portkey, TensorZero and a bare server (12 minutes); needs h2load and npm; writes docs/benchmarks.md
	$(PY) -m benchmarks.speed $(ARGS)
.PHONY: bench-start
bench-start: $(READY) ## how soon a process is ready, what CPU that takes, its memory (ARGS="STARTS")
	$(PY) -m benchmarks.start $(ARGS)
.PHONY: simulate
simulate: $(READY) ## how calls queue in workers, foretold and beside a real run (3 minutes); needs h2load; writes docs/scaling.md
	$(PY) -m benchmarks.simulation $(ARGS)
.PHONY: bench-rules
bench-rules: $(READY) ## the rule engines beside public baselines; needs the shared data (ERP_SHARED_DATA); writes docs/rules.md
	$(PY) -m benchmarks.rules
.PHONY: noisy
noisy: $(READY) ## a tenant at ten times its limit beside a steady one, in one run (1 minute)
	$(PY) -m benchmarks.noisy
.PHONY: bench-privacy bench-telemetry
bench-privacy: $(READY) ## recall and precision of what is masked; writes docs/privacy.md
	$(PY) -m benchmarks.privacy
bench-telemetry: $(READY) ## what metrics and traces cost a call
	$(PY) -m benchmarks.telemetry
.PHONY: bench-chat
bench-chat: $(READY) ## every figure of chat: tools, cache, injection, outages, routing; writes docs/chat.md (ARGS="--data DIR")
	$(PY) -m tests.chat_bench --write $(ARGS)
