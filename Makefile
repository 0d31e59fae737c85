# `make run` opens Convscope and `make test` runs its tests; both make .venv when it is not there. `make help` lists the rest.
# PYTHON=python3.12 chooses the Python, ARGS=… is handed on: make run ARGS=digits.safetensors, make test ARGS="-k shapes".

VENV ?= .venv
PYTHON ?=
export PYTHON

BIN := $(VENV)/bin
PIP_INSTALL = $(BIN)/python -m pip install --disable-pip-version-check --prefer-binary
SYSTEM_LIBRARIES = python=$$(packaging/find_python.sh) && "$$python" packaging/system_libraries.py

# An environment of ours is made again when its Python has gone or the checkout was moved: both leave paths that lead
# nowhere. One that somebody else made (to choose a build of torch, say) is taken over as it is.
ifneq ($(wildcard $(VENV)/.made),)
$(shell [ "$$(cat $(VENV)/.made)" = "$(CURDIR)" ] && $(BIN)/python -c "" 2>/dev/null || mv $(VENV)/.made $(VENV)/.stale)
endif

.PHONY: run test bench results lint format clean help desktop-libraries offscreen-libraries
.NOTPARALLEL: # the system's libraries come first, so that a missing one is said before minutes of downloads

run: desktop-libraries $(VENV)/.installed ## open Convscope
	@$(BIN)/python -m convscope.system_libraries
	@$(BIN)/python -m convscope $(ARGS)

test: offscreen-libraries $(VENV)/.installed-test ## run the whole test suite, without a display
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest $(ARGS)

bench: offscreen-libraries $(VENV)/.installed-test ## measure how fast Convscope is
	QT_QPA_PLATFORM=offscreen $(BIN)/python tests/benchmarks $(ARGS)

results: $(VENV)/.installed ## train the lectures' networks on MNIST and compare with what is promised
	$(BIN)/python -m convscope results $(ARGS)

lint: $(VENV)/.installed-dev ## check format, style, types and who imports whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports

format: $(VENV)/.installed-dev ## put the code into the agreed format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove the environment and everything that was built
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find app packaging tests -name __pycache__ -type d -prune -exec rm -rf {} +

help:
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile

desktop-libraries:
	@$(SYSTEM_LIBRARIES) desktop

offscreen-libraries:
	@$(SYSTEM_LIBRARIES) offscreen

# Each stamp is newer than pyproject.toml while the environment holds what that file asks for.
$(VENV)/.made:
	@if [ -f $(VENV)/.stale ] || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		[ ! -f $(VENV)/pyvenv.cfg ] || rm -rf $(VENV); \
		python=$$(packaging/find_python.sh) && "$$python" -m venv $(VENV); \
	fi
	@echo "$(CURDIR)" > $@

$(VENV)/.installed: pyproject.toml $(VENV)/.made
	$(PIP_INSTALL) --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml $(VENV)/.made
	$(PIP_INSTALL) --editable ".[test]"
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-dev: pyproject.toml $(VENV)/.made
	$(PIP_INSTALL) --editable ".[dev]"
	@touch $@ $(VENV)/.installed-test $(VENV)/.installed
