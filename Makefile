# Needs GNU make, bash, Rust from https://rustup.rs and a C compiler; `make help` says what there is.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The dev-release profile is quick to build and quick enough to serve; see Cargo.toml.
DEV_RELEASE := --locked --profile dev-release
# What else is compiled where there is a cluster to test against.
CLUSTER_TESTS := behaviour/cluster,manifests/e2e,w2meet-operator/e2e
RELEASED := user-service availability-service suggestion-service worker-service w2meet bench

# What can be set on the command line, as in `make run ARGS="--listen 127.0.0.1:9000"`.
ARGS ?=
URL ?= http://localhost:8080
COUNT ?= 1000
SEED ?= 7
POLLS ?= 100
PEOPLE ?= data/people.jsonl
REGISTRY ?=
ADVISORIES ?=
TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
# Recipes read these as variables of the shell, in which blanks and quotes mean nothing; ARGS is a piece of its text.
export URL COUNT SEED POLLS PEOPLE REGISTRY ADVISORIES TARGET_DIR

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-19s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: run
run: toolchain ## Serve the whole platform on http://localhost:8080, in one process (ARGS="--help" shows its flags)
	@cargo run $(DEV_RELEASE) --package w2meet -- $(ARGS)

.PHONY: dev
dev: toolchain ## Serve it as on a cluster: PostgreSQL, Redis, RabbitMQ, nginx and each service by itself
	@scripts/install-test-deps.sh
	@cargo build --locked --workspace --bins
	@cargo run --locked --package local-platform -- dev $(ARGS)

.PHONY: demo-scaling
demo-scaling: toolchain ## Post 5,000 jobs to no worker, and watch workers come and go with the queue
	@scripts/install-test-deps.sh
	@cargo build --locked --package worker-service --bins
	@cargo run --locked --package local-platform -- demo-scaling $(ARGS)

.PHONY: test
test: lint ## Install what the tests need, then check style and run all tests
	@scripts/install-test-deps.sh buildah containerd shellcheck skopeo
	@scripts/install-chart-tools.sh
	@scripts/install-api-tools.sh
	@scripts/install-cargo-deny.sh
	@scripts/install-calendar-tools.sh
	@scripts/install-mail-tools.sh
	@scripts/install-oidc-tools.sh
	@scripts/install-page-tools.sh
	@cargo build --locked --workspace --bins
	@cargo build --locked --package w2meet # By itself, and so without clients of servers, as `make run` builds it.
	@PROFILE=dev OUT="$$TARGET_DIR/images-test" scripts/images.sh binaries
	@cargo run --locked --package testkit -- with-servers -- cargo test --locked --workspace
	@$(MAKE) test-newer-servers
ifneq ($(KUBECONFIG),)
	@$(MAKE) e2e-operator e2e-charts
endif

.PHONY: test-newer-servers
test-newer-servers: toolchain ## Test what talks to PostgreSQL, Redis and RabbitMQ with those of a newer Debian
	@root=$$(scripts/newer-servers.sh) && W2MEET_SERVERS_ROOT=$$root cargo run --locked --package testkit -- with-servers -- \
		cargo test --locked --workspace --lib --test conformance --test postgres --test probe --test rabbitmq --test redis --test store

.PHONY: check-dependencies
check-dependencies: toolchain ## Check what is built in from elsewhere: known faults, licences, sources (ADVISORIES=a clone of their database)
	@scripts/check-dependencies.sh

.PHONY: fuzz
fuzz: toolchain ## Run each parser of what strangers send on made-up bytes for a minute (SECONDS_EACH, ARGS=calendars for one)
	@scripts/fuzz.sh $(ARGS)

.PHONY: page-images
page-images: ## Draw every screen of the web page of a running platform into docs/images (URL)
	@scripts/install-page-tools.sh
	@cd tests/page && ../../.venv/page/bin/pytest test_every_screen.py --base-url "$$URL" --images ../../docs/images

.PHONY: e2e-operator
e2e-operator: toolchain ## Test the operator against the cluster of KUBECONFIG
	@test -n "$$KUBECONFIG" || { echo 'KUBECONFIG is not set; it names the cluster to test against' >&2; exit 1; }
	@cargo build --locked --package w2meet-operator
	@cargo test --locked --package w2meet-operator --features e2e --test cluster

.PHONY: e2e-charts
e2e-charts: toolchain ## Test what the cluster of KUBECONFIG says to the charts; no pod is run
	@test -n "$$KUBECONFIG" || { echo 'KUBECONFIG is not set; it names the cluster to test against' >&2; exit 1; }
	@scripts/install-chart-tools.sh
	@cargo test --locked --package manifests --features e2e --test charts -- against_api_server::

.PHONY: operator-files
operator-files: toolchain ## Write the definition of QueueScaler and its page anew from the types
	@cargo build --locked --quiet --package w2meet-operator
	@cargo run --locked --quiet --package w2meet-operator -- crd > operator/deploy/crd.yaml
	@cargo run --locked --quiet --package w2meet-operator -- crd --markdown > docs/queuescaler.md

.PHONY: lint
lint: toolchain ## Check formatting and lints, also of the tests that need a cluster
	@cargo fmt --version >/dev/null 2>&1 || { echo 'rustfmt is missing: rustup component add rustfmt' >&2; exit 1; }
	@cargo clippy --version >/dev/null 2>&1 || { echo 'clippy is missing: rustup component add clippy' >&2; exit 1; }
	@cargo fmt --all --check
	@cargo clippy --locked --workspace --all-targets --features $(CLUSTER_TESTS) -- -D warnings
	@cargo clippy --locked --package w2meet -- -D warnings # Without clients of servers, as `make run` builds it.

.PHONY: fmt
fmt: toolchain ## Format the code
	@cargo fmt --all

.PHONY: manifests
manifests: toolchain ## Write what is derived from charts/: schemas, tables of values, and k8s/
	@scripts/install-chart-tools.sh
	@cargo run --locked --quiet --package manifests

.PHONY: people
people: toolchain ## Make up people with schedules, and polls among them (COUNT, POLLS, SEED, PEOPLE=FILE)
	@mkdir -p "$$(dirname "$$PEOPLE")"
	@cargo run $(DEV_RELEASE) --package people -- generate --count "$$COUNT" --polls "$$POLLS" --seed "$$SEED" --out "$$PEOPLE"
	@echo "$$COUNT people and $$POLLS polls are in $$PEOPLE"

.PHONY: import
import: toolchain ## Store the people and polls of a file in a running platform (PEOPLE=FILE, URL, ARGS=--replace)
	@test -f "$$PEOPLE" || { echo "$$PEOPLE does not exist; make people writes it" >&2; exit 1; }
	@cargo run $(DEV_RELEASE) --package people -- import "$$PEOPLE" --url "$$URL" $(ARGS)

.PHONY: bench
bench: toolchain ## Measure speed and write it to docs/performance.md (ARGS="--only create --seconds 2" for a quick look)
	@scripts/install-test-deps.sh wrk
	@cargo build --locked --release $(RELEASED:%=--package %)
	@"$$TARGET_DIR/release/bench" $(or $(ARGS),--write docs/performance.md)

.PHONY: bench-operator
bench-operator: toolchain ## Compare the operator with KEDA in simulated time and write it to docs/scaling.md
	@cargo build --locked --release --package simulator
	@"$$TARGET_DIR/release/simulator" compare $(ARGS)

.PHONY: images
images: ## Build the images with docker, podman or buildah, whichever is there (ARGS=user-service for one)
	@scripts/images.sh build $(ARGS)

.PHONY: image-archives
image-archives: toolchain ## Build the images as OCI archives in target/images: no daemon, no registry
	@scripts/install-test-deps.sh buildah
	@scripts/images.sh binaries $(ARGS)
	@scripts/images.sh archives $(ARGS)

.PHONY: kind-load
kind-load: ## Load what `make images` or `make image-archives` has built into a kind cluster (KIND_CLUSTER=kind)
	@scripts/images.sh kind-load $(ARGS)

.PHONY: release-values
release-values: ## Write the digests of a release's images to charts/w2meet/values-release.yaml (REGISTRY=ghcr.io/example)
	@scripts/install-test-deps.sh skopeo
	@scripts/release-values.sh $${REGISTRY:+"$$REGISTRY"}

.PHONY: e2e
e2e: toolchain ## Try everything on the cluster of KUBECONFIG: install, suite, upgrade and pods killed under load, reinstall
	@scripts/e2e.sh

.PHONY: dashboards-png
dashboards-png: toolchain ## Draw the dashboards, with real numbers from a platform under load, into docs/images
	@scripts/install-test-deps.sh chromium
	@cargo build --locked --workspace --bins
	@cargo run --locked --package testkit -- with-servers -- cargo test --locked --package monitoring --test live
	@scripts/draw-dashboards.sh "$$TARGET_DIR/tmp" docs/images

.PHONY: clean
clean: toolchain ## Remove what was built, and what `make dev` has left; the data of `make run` stays
	@cargo clean
	@rm -rf .dev

.PHONY: toolchain
toolchain:
	@command -v cargo >/dev/null || { echo 'Rust is missing; https://rustup.rs installs it' >&2; exit 1; }
	@command -v cc >/dev/null || { echo 'A C compiler is missing; on Debian: apt-get install build-essential' >&2; exit 1; }
