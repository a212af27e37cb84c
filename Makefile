# SPDX-License-Identifier: Apache-2.0
#
# The short way in; Meson and Ninja do the work. Every target installs what it
# misses, so that each works on a fresh Debian 12 with git and make.

BUILD ?= build
PREFIX ?= /usr/local
SEED ?=

export LC_ALL = C.UTF-8

.PHONY: build embedded demo check check-full coverage bench bare install uninstall deb release fmt clean help

build: ## leaves $(BUILD)/whimbrel
	@scripts/install-deps build
	@echo "Building, which takes about a minute of processor time"
	@scripts/build $(BUILD) --buildtype=release -Dwerror=false -Dtests=false
	@echo "$(BUILD)/whimbrel is ready"

embedded: ## the SQLite-only library for embedding: its size, and what it links
	@scripts/install-deps build
	@scripts/embedded build-embedded

demo: build ## migrates a real SQLite database: plan, progress, status, undo
	@WHIMBREL=$(CURDIR)/$(BUILD)/whimbrel scripts/demo

check: ## every test; what is exhaustive is sampled (SEED=n repeats a sample)
	@scripts/install-deps check
	@tests/run $(if $(SEED),--seed $(SEED))

check-full: ## every test, nothing sampled
	@scripts/install-deps full
	@tests/run --full $(if $(SEED),--seed $(SEED))

coverage: ## lines and branches per room
	@scripts/install-deps check
	@tools/coverage

bench: build ## writes bench/RESULTS.md
	@scripts/install-deps bench
	@bench/run --whimbrel $(BUILD)/whimbrel

bare: ## demo and check, each twice, in a fresh Debian 12 (as root)
	@scripts/bare-root-check

install: build ## into $(DESTDIR)$(PREFIX)
	@meson configure $(BUILD) --prefix=$(PREFIX) >/dev/null
	@scripts/build $(BUILD)
	@meson install -C $(BUILD) --no-rebuild --quiet

uninstall: ## takes away what install put there
	@ninja -C $(BUILD) uninstall >/dev/null

deb: ## Debian packages, in dist/
	@scripts/install-deps deb
	@scripts/make-deb dist

release: ## one archive for any Linux with this libc or a newer one, in dist/
	@scripts/install-deps build
	@scripts/make-release dist

fmt: ## clang-format over all C
	@scripts/install-deps check
	@tools/check-format --fix

clean:
	@rm -rf build build-* coverage

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 16
