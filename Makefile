# Two commands do all the set-up: `make run` and `make test`. They need Python 3.11 or newer, and nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Two at a time: the suite has a browser and processes of its own to wait for.
WORKERS ?= 2

.PHONY: run play test check bench bench-full crash crash-scale load soak fuzz audit fmt lock clean

run: $(VENV)/run.stamp
	$(BIN)/python -m bot run

play: $(VENV)/run.stamp
	$(BIN)/python -m bot play

test: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -n $(WORKERS)

check: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -p no:randomly tests/architecture
	$(BIN)/python -m bot pack lint

# How fast it is, beside what people would use instead; some minutes, best on a machine that does nothing else.
bench: $(VENV)/bench.stamp
	$(BIN)/python -m benchmarks $(if $(JSON),--json $(JSON))

# The same and the rows that need five million answers, which are made first and kept in .bench-cache/.
bench-full: $(VENV)/bench.stamp
	$(BIN)/python -m benchmarks --full $(if $(JSON),--json $(JSON))

# Kills the bot (on Discord, or with PLATFORM=slack there) N times and checks after each time that nothing was lost or doubled; about a second a kill.
N ?= 100
crash: $(VENV)/dev.stamp
	$(BIN)/python -m tests.support.crash_$(if $(filter slack,$(PLATFORM)),slack,run) $(N) $(SEED)

# Three bots on one PostgreSQL, which is started for it: N days, in each of which a bot, its network or the server is away.
crash-scale: $(VENV)/dev.stamp
	$(BIN)/python -m tests.support.crash_scale $(N) $(SEED)

# 5,000 presses in 10 s over 50 channels of Discord and Slack; fails if one is late, lost or doubled.
load: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks.load

# Steady load on both platforms for so long; fails if memory grows.
MINUTES ?= 30
soak: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks.load.soak --minutes $(MINUTES)

# Feeds N changed inputs (20,000 unless given) to whatever reads what others wrote, for at most LIMIT seconds; what goes
# wrong is kept in fuzz-findings/.
LIMIT ?= 600
fuzz: $(VENV)/dev.stamp
	$(BIN)/python -m tests.fuzz.run $(if $(filter file,$(origin N)),,$(N)) --seconds $(LIMIT)

# Asks pip-audit's service whether anything that `make run` installs has a known hole.
audit: $(VENV)/audit.stamp
	$(BIN)/python -m tests.support.audit $(VENV)/audit/bin/pip-audit requirements.lock

fmt: $(VENV)/dev.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Needs uv. Writes what `make run` and `make test` install, with hashes and without naming an index.
lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-annotate --no-header pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-annotate --no-header --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-annotate --no-header --group bench -c requirements-dev.lock pyproject.toml -o requirements-bench.lock

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis dist

$(VENV)/made.stamp:
	$(PYTHON) -c 'import sys; sys.exit("Trapwise needs Python 3.11 or newer; set PYTHON=...") if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/run.stamp: $(VENV)/made.stamp requirements.lock
	$(PIP) install --require-hashes -r requirements.lock
	touch $@

$(VENV)/audit.stamp: $(VENV)/made.stamp
	$(PYTHON) -m venv $(VENV)/audit
	$(VENV)/audit/bin/python -m pip --disable-pip-version-check --quiet install pip-audit
	touch $@

$(VENV)/dev.stamp: $(VENV)/made.stamp requirements-dev.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) install --no-build-isolation --no-deps -e .
	touch $@ $(VENV)/run.stamp

$(VENV)/bench.stamp: $(VENV)/dev.stamp requirements-bench.lock
	$(PIP) install --require-hashes -r requirements-bench.lock
	touch $@
