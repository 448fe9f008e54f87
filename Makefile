# run    the whole system with demo venues; the tour of it where there is no display
# test   every test
# check  format, lint, types, import contracts
# sim    the sync simulators: SEEDS=200 random evenings each, of the core against a model and of the real tills against
#        the real central; what happened, and which mutants were caught; SEED=17 plays one real evening again
# fuzz   central against its own description: FUZZ=300 examples an endpoint, SEED=1
# chart  the seat chart's picture against a fresh one after STEPS=10000 random operations on each of twelve charts
# bench  the benchmarks: a table, and benchmarks/results.json
# package  one folder with the whole program, and a Debian package of it, in dist/; then its own tour
# lock   renew requirements.lock after a change of pyproject.toml (LOCK=--upgrade takes the newest of everything)

PYTHON3 ?= python3
PYTHON := .venv/bin/python
WORKERS ?= 2
TESTS ?= tests
SEEDS ?= 200
STEPS ?= 10000
FUZZ ?= 300
SEED ?= 1
CODE := boxoffice ui sync central resources tests packaging benchmarks main.py

.PHONY: run test check sim chart fuzz bench package lock
.SILENT:

run:
	$(PYTHON3) packaging/bootstrap.py run
	$(PYTHON) packaging/start.py

test:
	$(PYTHON3) packaging/bootstrap.py test
	QT_QPA_PLATFORM=offscreen $(PYTHON) -m pytest -q -n $(WORKERS) --dist worksteal $(TESTS)

check:
	$(PYTHON3) packaging/bootstrap.py tools
	$(PYTHON) -m ruff format --quiet --check $(CODE)
	$(PYTHON) -m ruff check --quiet $(CODE)
	$(PYTHON) -m mypy --no-error-summary $(CODE)
	said=$$(.venv/bin/lint-imports --no-logo) || { echo "$$said"; exit 1; }

sim:
	$(PYTHON3) packaging/bootstrap.py tools
	SEEDS=$(SEEDS) SEED=$(if $(filter file,$(origin SEED)),,$(SEED)) $(PYTHON) -m pytest -q -s --timeout=0 \
		tests/sync/test_simulation.py tests/sync/simulation

fuzz:
	$(PYTHON3) packaging/bootstrap.py tools
	FUZZ=$(FUZZ) SEED=$(SEED) $(PYTHON) -m pytest -q tests/central/test_described.py

chart:
	$(PYTHON3) packaging/bootstrap.py tools
	QT_QPA_PLATFORM=offscreen CHART_STEPS=$(STEPS) $(PYTHON) -m pytest -q --timeout=0 -n $(WORKERS) \
		tests/ui/seatchart/test_surface.py

bench:
	$(PYTHON3) packaging/bootstrap.py tools
	$(PYTHON) -m benchmarks

package:
	$(PYTHON3) packaging/bootstrap.py run
	$(PYTHON) packaging/package.py

lock:
	$(PYTHON3) packaging/bootstrap.py tools
	UV_PYTHON_DOWNLOADS=never $(PYTHON) -m uv pip compile --quiet --universal --python-version 3.11 $(LOCK) \
		--generate-hashes --no-header --no-annotate --extra tracing --group dev pyproject.toml --output-file requirements.lock
	$(PYTHON3) packaging/bootstrap.py tools
