# Shortcuts for people who have make; everything works without it (see CONTRIBUTING.md).
.DEFAULT_GOAL := help
PY := .venv/bin/python

.PHONY: help run test long quick format lint types lock vendor i18n

help:            ## show these lines
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

run:             ## start the application
	python3 start.py

test:            ## everything, as CI runs it
	python3 start.py test

long:            ## 500 days in the field instead of 60, before a release
	AIDTRACK_FIELD_SEEDS=500 python3 start.py test tests/proofs/test_field_simulation.py --processes 2

quick:           ## the Python tests without browser and races
	$(PY) -m pytest -q -m "not e2e and not race"

format:          ## write the code in the house's form
	$(PY) -m ruff format
	$(PY) -m ruff check --fix

lint:            ## rules of style and of imports
	$(PY) -m ruff format --check
	$(PY) -m ruff check
	.venv/bin/lint-imports

types:           ## mypy, strict
	$(PY) -m mypy

lock:            ## lock requirements/*.in anew, keeping versions that still fit
	@for name in installer run test; do \
	  .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    requirements/$$name.in -o requirements/$$name.lock || exit 1; \
	done

vendor:          ## fetch the browser files anew (needs npm)
	$(PY) tools/vendor.py

i18n:            ## what is not translated, or wrongly
	$(PY) tools/i18n.py
