# Targets that are worth a name. `make help` lists them from their comments.

# A command that fails in the middle of a pipe fails its target.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

GO ?= go

# The tools are pinned and built by the go command, so a clone needs nothing
# but Go. Raise a version here and nowhere else.
GOLANGCI_LINT := $(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
ACTIONLINT := $(GO) run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
BENCHSTAT := $(GO) run golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da

# The packages that touch the clock, the network or a database, run worlds on all
# cores, or build and run programs. All other packages of the engine, the
# simulator and the checker are deterministic; the house rules read this
# line as well.
DRIVERS := engine/live engine/postgres engine/httpapi engine/enginetest sim/campaign sim/certify

# Expanded by the shell, so that only the target that needs the list waits for
# the go command.
space := $() $()
DETERMINISTIC_PACKAGES = $$($(GO) list ./engine/... ./sim/... ./checker/... | grep -vE '/($(subst $(space),|,$(DRIVERS)))(/|$$)')

# Packages whose code really runs in parallel, so that the race detector can
# find something: whole worlds side by side, and what runs them.
PARALLEL_PACKAGES := ./sim ./sim/counter ./sim/campaign ./sim/certify ./cmd/onceover/internal/bugs ./cmd/onceover/internal/mutants ./cmd/onceover/internal/nightly ./engine/live ./faults/pgserver ./faults/pgwire ./engine/enginetest ./cmd/onceover

BUGS_BASELINE := cmd/onceover/internal/bugs/baseline.json
BUGS_SIZES := cmd/onceover/internal/bugs/sizes.json

SEEDS ?= 10000
MUTANTS_SCOPE ?= core
CAMPAIGN_SEEDS ?= 1000000
PROFILE ?= default
BENCH_COUNT ?= 6
FUZZ_TIME ?= 5s

# What a night is about. Recipes read it from the environment, so that nothing of it is taken for a command: people
# type some of it into a form. An empty NIGHTLY_PROFILES is the mix of onceover nightly, and empty NIGHTLY_RUN and
# NIGHTLY_SHARD what the environment says. Shards have no NIGHTLY_KNOWN; the merge of their directories below
# NIGHTLY_SHARDS has.
NIGHTLY_TIME ?= 30m
NIGHTLY_RUN ?=
NIGHTLY_PROFILES ?=
NIGHTLY_SHARD ?=
NIGHTLY_OUT ?= out/nightly
NIGHTLY_SHARDS ?= out/nightly-shards
NIGHTLY_KNOWN ?= out/nightly-known/failures.json
export NIGHTLY_TIME NIGHTLY_RUN NIGHTLY_PROFILES NIGHTLY_SHARD NIGHTLY_OUT NIGHTLY_SHARDS NIGHTLY_KNOWN

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## Simulate SEEDS=10000 deployments under PROFILE=default and check each
	$(GO) run ./cmd/onceover run --seeds $(SEEDS) --profile $(PROFILE)

.PHONY: test
test: ## Run all tests
	$(GO) test ./...

.PHONY: race
race: ## Run the tests of what runs in parallel under the race detector
	$(GO) test -race -short $(PARALLEL_PACKAGES)

# On a busy machine the end of the time may come while a worker starts, which the go command reports as a failure that
# has no input and no message but this one.
.PHONY: fuzz
fuzz: ## Fuzz every fuzz target for FUZZ_TIME=5s
	@mkdir -p out
	@for file in $$(grep -rl --include='*_test.go' '^func Fuzz' engine sim faults checker cmd | sort); do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p' "$$file"); do \
			echo "./$${file%/*} $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZ_TIME) "./$${file%/*}" 2>&1 | tee out/fuzz.txt || \
				if ! grep -q '^    context deadline exceeded' out/fuzz.txt || grep -q 'Failing input' out/fuzz.txt; then exit 1; fi; \
		done; \
	done

.PHONY: lint
lint: fmt-check deterministic golangci ## Check formatting, determinism and everything in .golangci.yml

.PHONY: golangci
golangci:
	$(GOLANGCI_LINT) run

.PHONY: vet
vet: deterministic ## Run go vet, and the analyzer for determinism
	$(GO) vet ./...

.PHONY: deterministic
deterministic: bin/deterministic ## Report code in engine, sim and checker that a seed cannot decide
	@packages="$(DETERMINISTIC_PACKAGES)"; $(GO) vet -vettool=$(CURDIR)/bin/deterministic $$packages

# Always built: the go command knows best whether anything has changed.
.PHONY: bin/deterministic
bin/deterministic:
	@$(GO) build -o $@ ./cmd/deterministic

.PHONY: fmt
fmt: ## Format all Go files
	gofmt -w .

.PHONY: fmt-check
fmt-check:
	@unformatted=$$(gofmt -l .); \
	if [ -n "$$unformatted" ]; then printf 'not formatted; run make fmt:\n%s\n' "$$unformatted"; exit 1; fi

.PHONY: bench
bench: ## Measure the simulator BENCH_COUNT=6 times, with a summary in out/bench.txt
	$(call benchmark,./sim/...,out/bench.txt)

.PHONY: bench-kernel
bench-kernel: ## Measure only the kernel: a step beside a bare iter.Pull round trip
	$(call benchmark,./sim/kernel,out/bench-kernel.txt)

# All of it in turn, not each by itself BENCH_COUNT times: what is compared is measured within the same minutes.
.PHONY: bench-postgres
bench-postgres: ## Measure the store on a real server beside pgbench and River, with a table of the figures
	@mkdir -p out
	@for turn in $$(seq $(BENCH_COUNT)); do \
		$(GO) test -run '^$$' -bench . -count 1 -timeout 1h ./engine/postgres/bench; \
		$(GO) test -run '^$$' -bench '^BenchmarkSeed$$' -count 1 ./sim/certify; \
	done | tee out/bench-postgres.txt
	@$(BENCHSTAT) out/bench-postgres.txt
	@$(GO) test -run '^TestFigures$$' -v ./engine/postgres/bench -figures '$(CURDIR)/out/bench-postgres.txt' | tee out/figures-postgres.txt

# benchmark measures the packages $(1), keeps the output in $(2) and summarises it.
define benchmark
@mkdir -p $(dir $(2))
$(GO) test -run '^$$' -bench . -benchmem -count $(BENCH_COUNT) $(1) | tee $(2)
@$(BENCHSTAT) $(2)
endef

.PHONY: golden
golden: ## Write the golden campaign hashes anew, after a change of behaviour that is meant
	$(GO) test ./sim/world ./sim/campaign ./sim/certify -run 'Golden|Regressions' -update

.PHONY: docs
docs: ## Write docs/PROPERTIES.md anew from the properties and goals in the code
	$(GO) test ./checker -run Catalogue -update

# CERTIFY is more flags, such as --quick.
CERTIFY ?=

.PHONY: certify
certify: ## Show on a real server that the Postgres store does what the simulated store does
	$(GO) run ./cmd/onceover certify $(CERTIFY)

.PHONY: determinism
determinism: ## Run one seed of each profile 10 times and compare every step
	@for profile in calm default storm; do \
		$(GO) run ./cmd/onceover replay 1 --profile $$profile --check-determinism 10; \
	done

.PHONY: bugs
bugs: ## Break the engine in known ways, and compare how soon each bug is found with what was accepted
	$(GO) run ./cmd/onceover bugs --baseline $(BUGS_BASELINE)

.PHONY: bugs-baseline
bugs-baseline: ## Accept how soon each bug is found now
	$(GO) run ./cmd/onceover bugs --update $(BUGS_BASELINE)

.PHONY: sizes
sizes: ## Minimise failures of every bug and mutant, and keep how small they become
	$(GO) run ./cmd/onceover bugs --sizes --failures 4 --update $(BUGS_SIZES)

.PHONY: campaign
campaign: ## Simulate CAMPAIGN_SEEDS=1000000 deployments under default, and as many under storm
	@for profile in default storm; do \
		$(GO) run ./cmd/onceover run --seeds $(CAMPAIGN_SEEDS) --profile $$profile --out out/campaign-$$profile; \
	done

.PHONY: mutants
mutants: ## Break MUTANTS_SCOPE=core in hundreds of small ways, and list what nothing notices (also: outside, sql)
	$(GO) run ./cmd/onceover mutants --scope $(MUTANTS_SCOPE)

# Where no service counts runs, commits do.
.PHONY: nightly
nightly: ## Do what the nightly job does: fresh seeds for NIGHTLY_TIME=30m, and the table of bugs
	@[ -n "$$NIGHTLY_RUN$${GITHUB_RUN_NUMBER:-}$${CI_PIPELINE_IID:-}" ] || NIGHTLY_RUN=$$(git rev-list --count HEAD); \
	$(GO) run ./cmd/onceover nightly --time "$$NIGHTLY_TIME" --out "$$NIGHTLY_OUT" \
		$${NIGHTLY_RUN:+--run "$$NIGHTLY_RUN"} \
		$${NIGHTLY_PROFILES:+--profiles "$$NIGHTLY_PROFILES"} \
		$${NIGHTLY_SHARD:+--shard "$$NIGHTLY_SHARD"} \
		$${NIGHTLY_KNOWN:+--known "$$NIGHTLY_KNOWN"} \
		--bugs --baseline $(BUGS_BASELINE)

.PHONY: nightly-merge
nightly-merge: ## Make one report in NIGHTLY_OUT of what shards have left below NIGHTLY_SHARDS
	$(GO) run ./cmd/onceover nightly merge "$$NIGHTLY_SHARDS"/* \
		--known "$$NIGHTLY_KNOWN" --summary "$$NIGHTLY_OUT/summary.md" --junit "$$NIGHTLY_OUT/junit.xml"

.PHONY: pictures
pictures: ## Draw the pictures of the documents anew, from the imports and from a real failure (needs Chromium)
	$(GO) test . -run 'Architecture|Pictures' -update

.PHONY: workflows
workflows: ## Check the workflows of the continuous integration
	$(ACTIONLINT) -shellcheck= -pyflakes=

.PHONY: ci
ci: ## Do what the continuous integration does
	.ci/run

.PHONY: clean
clean: ## Delete what the targets have built and measured
	rm -rf bin out
