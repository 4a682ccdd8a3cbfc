# Isnad. Every target makes .venv/ first where that is missing or out of date.
#   make run            start it, on http://127.0.0.1:8000/ (PORT, HOST, ISNAD_DATA_DIR change it)
#   make test           ARGS="..." goes to pytest
#   make check          everything that CI checks
#   make bench          measure; bench-quick: a short run
#   make format         put the code into its one form
#   make clean          remove caches; .venv/ and the data in .isnad/ stay

COMMANDS := run test check bench bench-quick format
.PHONY: $(COMMANDS) clean
.DEFAULT_GOAL := run

$(COMMANDS):
	@for python in "$$PYTHON" python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  if command -v "$$python" >/dev/null 2>&1; then \
	    exec "$$python" config/bootstrap.py $@ $(ARGS); \
	  fi; \
	done; \
	echo "Isnad needs Python 3.11 or newer, and none was found: install it, or say where it is:" \
	  "make $@ PYTHON=/path/to/python3" >&2; \
	exit 1

clean:
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage .coverage.*
