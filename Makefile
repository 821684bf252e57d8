# Two commands for a fresh clone: `make plan` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SCENARIO ?= scripts/scenarios/wangjialing-2010.yaml
# the largest first: with two jobs no core waits long for the other
SCENARIOS := $(notdir $(basename $(shell ls -S scripts/scenarios/*.yaml)))
PLANS := $(SCENARIOS:%=plan-%)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: plan scenarios $(PLANS) notebooks test coverage lint lock catalogue clean

plan: $(VENV)/.installed
	$(BIN)/dispatch plan $(SCENARIO) --out out/$(basename $(notdir $(SCENARIO)))

scenarios: $(PLANS)

# exit code 1 says "planned, with an unmet need at priority 1": a result, not a failure
$(PLANS): plan-%: $(VENV)/.installed
	$(BIN)/dispatch plan scripts/scenarios/$*.yaml --out out/$* || [ $$? -eq 1 ]

# from clean, into out/notebooks; each notebook's last picture beside it
notebooks: $(VENV)/.installed-dev
	$(BIN)/python scripts/run_notebooks.py out/notebooks

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

# the same, half as fast: which lines and branches no test reaches
coverage: $(VENV)/.installed-dev
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --cov --cov-report=term:skip-covered --cov-fail-under=90

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

# needs uv; the locks carry hashes and no index address
lock:
	uv pip compile pyproject.toml --group build $(LOCK) -o requirements.lock
	uv pip compile pyproject.toml --all-extras --group dev -c requirements.lock $(LOCK) -o requirements-dev.lock
LOCK := --universal --generate-hashes --no-emit-index-url --no-header --no-strip-extras --python-version 3.11 --quiet

# collect the messages of the code, keep the Chinese ones already written, compile
catalogue: $(VENV)/.installed-dev
	$(BIN)/python scripts/make_catalogue.py

clean:
	rm -rf $(VENV) out
