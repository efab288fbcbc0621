# `make run` and `make test` are all that most people need; `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help run test quick nightly lint unit fuzz requests mutants upgrades bench budget release cluster drills screenshots format requirements dist clean runtime dev ui

BIN := .venv/bin

help: ## list what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r name what; do printf '%-20s %s\n' "$$name" "$$what"; done

run: runtime ui ## start monitor here: SQLite in var/, the API and an agent for this machine
	@exec $(BIN)/monitor up --data-dir var

test: dev ## run everything that CI runs
	@$(BIN)/python -m scripts.check

quick: dev ## run what needs no database and no browser: lint, types, contracts, unit tests, specs of the screen (3 min)
	@$(BIN)/python -m scripts.check quick

nightly: dev ## run everything that CI runs, and all tests that are too long for each run (an hour)
	@$(BIN)/python -m scripts.check nightly

lint: dev ## style, types and import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: dev ## the tests that need neither a socket nor a disk
	$(BIN)/pytest tests/unit

# tests/conftest.py has the settings of that profile. A hunt may take longer than a test of each run, which ends after 15 minutes.
fuzz: dev ## search longer: 10,000 sequences of the alert machine, a million histories compared with the oracle (hours)
	HYPOTHESIS_PROFILE=fuzz $(BIN)/pytest -o faulthandler_timeout=0 tests/unit/application/alerts/oracle/test_alert_machine.py \
		tests/unit/application/alerts/test_alert_invariants.py tests/unit/domain/alerts/test_alert_engine.py \
		tests/unit/domain/hindsight/test_backtest.py tests/unit/application/alerts/oracle/test_alert_oracle.py

requests: dev ## send generated requests, from the API's own description: EACH=90 of every operation, caller and kind (10 min)
	REQUESTS_EACH=$(or $(EACH),90) REQUESTS_SEED=$(or $(SEED),$(shell date +%s)) \
		$(BIN)/pytest -o faulthandler_timeout=0 tests/integration/http/test_generated_requests.py --durations=0

mutants: dev ## break each concept in one place at a time, which the tests must notice: MUTANTS="tokens silences" JOBS=2 choose
	@$(BIN)/python -m mutants

upgrades: dev ## interrupt each step of the schema before each of its statements, on each database (20 min): STEP="0028 or 0029" chooses
	@$(BIN)/python -c "from scripts.system import ensure_mysql; ensure_mysql()"
	UPGRADES=all $(BIN)/pytest tests/integration/persistence/engine/test_interrupted_migrations.py \
		$(if $(STEP),-k "$(STEP)") -n 2

bench: dev ui ## measure the product beside a plain Flask product and others: PARTS="intake stats" ROUNDS=3 SECONDS=5 choose
	@$(BIN)/python -m bench

budget: dev ## write what work costs now, in SQL statements and Python calls, into docs/benchmarks/budget.md
	BUDGET=write $(BIN)/pytest tests/budget tests/integration/budget

cluster: dev ui ## start all of it on a cluster here: Galera, HAProxy, nginx, three processes, VictoriaMetrics, until Ctrl-C
	@exec $(BIN)/python -m scripts.cluster

drills: dev ui ## attack a real server, into docs/drills.md: DRILLS="endless-header" KILLS=50 SOAK=10 choose
	@$(BIN)/python -m drills

screenshots: dev ui ## take pictures of every page into var/screenshots/: README=1 takes those in docs/pictures/
	@$(BIN)/python -m scripts.screenshots $(if $(README),--readme)

format: dev ## format the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	scripts/packages
	cd frontend && npm run format

requirements: dev ## lock the newest allowed versions
	@scripts/lock

dist: runtime ui ## build the wheel into dist/ and check it
	@scripts/dist

release: ## build and sign all of a release into dist/: RELEASE_KEY=FILE is the key, UNSIGNED=1 makes no signature
	@scripts/release

clean: ## remove all that was built or installed here (not var/)
	rm -rf .venv .tools .bench dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf src/monitor/adapters/http/static/ui frontend/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

runtime:
	@scripts/setup runtime

dev:
	@scripts/setup dev

ui:
	@scripts/build-ui
