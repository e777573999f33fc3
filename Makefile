# The first two: `make demo` shows gatewatch at work on an emulated account, `make test` runs every test.
# Needed: Rust, Python 3.10 or later, make. The rest is installed below the target directory.

PYTHON ?= python3
TARGET := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)
# Where the tests look for the emulator's Python environment.
export GATEWATCH_TESTBED ?= $(abspath $(TARGET))/testbed
# Builds the binaries that all below runs. The benchmark is named as it needs what the tests need: cargo then builds the
# crates with the features that `cargo test` builds them with, and not once for each of the two.
BINARIES := cargo build --locked --bins --bench access
LINT := $(abspath $(TARGET))/lint
MDBOOK := $(abspath $(TARGET))/mdbook
PACKAGER := $(abspath $(TARGET))/packager
PACKAGE := $(abspath $(TARGET))/package
REPORT := $(abspath $(TARGET))/report

.PHONY: deploy-commands test-story package package-demo package-check bench bench-hundred demo pictures test test-report properties kill-test sam-differential yaml-differential contract scratch-rule lint docs book template-check deny testbed clean-testbed

demo: testbed
	$(BINARIES)
	$(GATEWATCH_TESTBED)/bin/python demo/demo.py --bin-dir $(TARGET)/debug

# The pictures of the docs that show a report, a digest and a chat: drawn anew, from what is really printed and sent.
pictures: testbed
	$(BINARIES)
	$(GATEWATCH_TESTBED)/bin/python demo/pictures.py --bin-dir $(TARGET)/debug

# Properties are tried with the same inputs each time, so that what passes once passes again. `make properties` looks
# for others.
test: export PROPTEST_RNG_SEED ?= 1
test: testbed
	cargo test --locked

# The article that gatewatch grew from, as one test on an account that checks policies: found, mended, called, opened again.
test-story: testbed
	cargo test --locked --test integration -- story::

# The report's page in Chromium, filtered, walked by keys, printed, and held against the rules of axe-core. Needs Node.js
# and a Chromium of the machine's own (Debian: `apt-get install chromium`), another one by CHROMIUM=PATH. IMAGES=docs/images
# writes the pictures of the docs anew. A picture of every look is in target/report-looks.
CHROMIUM ?= /usr/bin/chromium
test-report: $(REPORT)/.installed $(REPORT)-npm/node_modules/.package-lock.json
	$(BINARIES)
	$(REPORT)/bin/python tests/report/browser.py --gatewatch $(TARGET)/debug/gatewatch --chromium $(CHROMIUM) \
		--axe $(REPORT)-npm/node_modules/axe-core/axe.min.js --looks $(REPORT)-looks $(if $(IMAGES),--images $(IMAGES))

$(REPORT)-npm/node_modules/.package-lock.json: tests/report/npm/package.json tests/report/npm/package-lock.json
	mkdir -p $(REPORT)-npm
	cp $^ $(REPORT)-npm
	npm ci --prefix $(REPORT)-npm --ignore-scripts --no-audit --no-fund

# The properties with other inputs: ROUNDS times, from one seed on. A round takes a quarter of a minute. What is found
# is tried again by `make properties FROM=SEED ROUNDS=1` and stays as a case of its own.
FROM ?= 2
properties: ROUNDS = 50
properties: FILES = $(shell grep -rl 'proptest!' tests/integration)
properties: testbed
	for seed in $$(seq $(FROM) $$(($(FROM) + $(ROUNDS) - 1))); do \
		echo "seed $$seed"; \
		PROPTEST_RNG_SEED=$$seed cargo test --locked --quiet --lib || exit 1; \
		PROPTEST_RNG_SEED=$$seed cargo test --locked --quiet --test integration -- \
			$(subst /,::,$(patsubst tests/integration/%.rs,%::,$(FILES))) || exit 1; \
	done

# A scan that is killed at a random moment, and the next one: nothing is lost. Give ROUNDS=20 for less.
ROUNDS ?= 200
kill-test: testbed
	$(BINARIES)
	$(GATEWATCH_TESTBED)/bin/python tests/kill/kill.py --bin-dir $(TARGET)/debug --rounds $(ROUNDS)

# A rule is one file and one line: adds one to a copy of the sources, builds it, and lets it find something.
scratch-rule: testbed
	$(GATEWATCH_TESTBED)/bin/python tests/scratch/rule.py --target-dir $(TARGET)

# Templates at random, read as they are and as SAM translates them: the same methods. `make test` has the first 500.
SEEDS ?= 5000
sam-differential: testbed
	$(BINARIES)
	$(GATEWATCH_TESTBED)/bin/python tests/sam/differential.py --gatewatch $(TARGET)/debug/gatewatch --seeds $(SEEDS)

# Template files at random, in every form that YAML has, held against what PyYAML reads of them. `make test` has the
# first 400.
yaml-differential: testbed
	$(BINARIES)
	$(GATEWATCH_TESTBED)/bin/python tests/yaml/differential.py --gatewatch $(TARGET)/debug/gatewatch --seeds $(SEEDS)

# Every request that gatewatch can send, held against AWS's own models of its services and against the roles. `make test`
# has it, too; this names each call.
contract: testbed
	$(BINARIES)
	$(GATEWATCH_TESTBED)/bin/python tests/contract/check.py --bin-dir $(TARGET)/debug --verbose

# Times, never tests: on the machine it runs on. The figures stand in the benchmarks' own docs and in
# benches/README.md. The last one builds what is deployed, which takes ten minutes.
bench: testbed $(LINT)/.installed
	cargo bench --locked --bench access
	cargo bench --locked --bench scale
	cargo build --profile bench --locked --bin gatewatch
	$(GATEWATCH_TESTBED)/bin/python benches/accounts.py --bin $(TARGET)/release/gatewatch
	$(GATEWATCH_TESTBED)/bin/python benches/files.py --bin $(TARGET)/release/gatewatch
	$(BINARIES)
	$(GATEWATCH_TESTBED)/bin/python benches/calls.py --bin-dir $(TARGET)/debug
	$(GATEWATCH_TESTBED)/bin/python benches/pace.py --bin-dir $(TARGET)/debug
	$(GATEWATCH_TESTBED)/bin/python benches/probe.py --bin $(TARGET)/debug/gatewatch
	cargo build --release --locked --bin gatewatch-lambda
	$(GATEWATCH_TESTBED)/bin/python benches/lambda.py --bootstrap $(TARGET)/release/gatewatch-lambda
	$(GATEWATCH_TESTBED)/bin/python benches/large.py --bootstrap $(TARGET)/release/gatewatch-lambda

# An account with 2.4 million findings, in a function of 512 MB.
bench-hundred: testbed $(LINT)/.installed
	cargo build --release --locked --bin gatewatch-lambda
	$(GATEWATCH_TESTBED)/bin/python benches/large.py --bootstrap $(TARGET)/release/gatewatch-lambda --apis 100

# A macro declares the modules of the rules, and `cargo fmt` does not look into macros.
lint:
	cargo fmt --check
	rustfmt --check --edition 2024 src/audit/rules/*/*.rs
	cargo clippy --all-targets -- -D warnings

docs:
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --lib

# The guide as a site, target/book/index.html, and every link of it followed. Building mdBook, once, takes two minutes of
# both cores; that is why `.ci/run` leaves this out, and follows the links of the pages themselves (`make test`).
MDBOOK_VERSION = 0.5.4
book: $(MDBOOK)/.installed-$(MDBOOK_VERSION)
	rm -rf $(TARGET)/book
	$(MDBOOK)/bin/mdbook build --dest-dir $(abspath $(TARGET))/book
	$(PYTHON) tests/book/check.py $(TARGET)/book

$(MDBOOK)/.installed-$(MDBOOK_VERSION):
	cargo install mdbook --version $(MDBOOK_VERSION) --locked --no-default-features --features search --root $(MDBOOK)
	touch $@

# `sam validate` asks AWS nothing, but wants a Region to be named.
template-check: $(LINT)/.installed
	$(LINT)/bin/cfn-lint --regions eu-west-1 -- template.yaml
	$(LINT)/bin/cfn-lint --regions us-east-1 -- iam-events.yaml member-role.yaml
	SAM_CLI_TELEMETRY=0 AWS_EC2_METADATA_DISABLED=true \
		$(LINT)/bin/sam validate --lint --region eu-west-1 --template template.yaml

# Every `sam deploy` and `sam delete` of the pages, against the emulator: two minutes.
deploy-commands: testbed $(LINT)/.installed
	$(GATEWATCH_TESTBED)/bin/python tests/book/deploy.py --sam $(LINT)/bin/sam --emulator-python $(GATEWATCH_TESTBED)/bin/python

# What is handed out, below target/package/: the function as a zip for each processor, the command line for the machine
# that this runs on, and the checksums of all (`sha256sum --check SHA256SUMS`). Three release builds: half an hour on two
# cores. docs/deploy.md says how a zip is deployed.
package package-demo: VERSION = $(shell sed -n 's/^version = "\(.*\)"$$/\1/p' Cargo.toml | head -n 1)
package: HOST = $(shell rustc -vV | sed -n 's/^host: //p')
package: CLI = gatewatch-$(VERSION)-$(HOST)
package: SHA256 = $(shell command -v sha256sum || echo shasum -a 256)
package: rust-target-aarch64-unknown-linux-gnu rust-target-x86_64-unknown-linux-gnu $(PACKAGER)/.installed
	rm -rf $(PACKAGE)
	mkdir -p $(PACKAGE)/$(CLI)/examples
	$(call lambda-zip,x86_64,--x86-64)
	$(call lambda-zip,arm64,--arm64)
	$(PACKAGER)/bin/python benches/size.py $(PACKAGE)/*.zip
	cargo build --profile cli --locked --bin gatewatch
	cp $(TARGET)/cli/gatewatch README.md CHANGELOG.md LICENSE $(PACKAGE)/$(CLI)
# Not beside the binary: gatewatch takes a gatewatch.yaml of the working directory for the policy.
	cp examples/gatewatch.yaml $(PACKAGE)/$(CLI)/examples
	tar -czf $(PACKAGE)/$(CLI).tar.gz -C $(PACKAGE) $(CLI)
	rm -r $(PACKAGE)/$(CLI)
	cd $(PACKAGE) && $(SHA256) *.tar.gz *.zip > SHA256SUMS && cat SHA256SUMS

# The zip of an architecture: its name, and the option of cargo-lambda, which finds zig, that links for the other
# processor, through the Python beside it.
define lambda-zip
	PATH="$(PACKAGER)/bin:$$PATH" cargo lambda build --release --locked --bin gatewatch-lambda $(2) \
		--output-format zip --lambda-dir $(PACKAGE)/$(1)
	mv $(PACKAGE)/$(1)/gatewatch-lambda/bootstrap.zip $(PACKAGE)/gatewatch-lambda-$(VERSION)-$(1).zip
	rm -r $(PACKAGE)/$(1)
endef

# The demo with the zip of this machine's processor, byte for byte as `make package` made it.
package-demo package-check: ARCHITECTURE = $(subst aarch64,arm64,$(shell uname -m))
package-demo: testbed
	$(GATEWATCH_TESTBED)/bin/python demo/demo.py --zip $(PACKAGE)/gatewatch-lambda-$(VERSION)-$(ARCHITECTURE).zip

# The same in a quarter of a minute, once it was built: the layout, and what zig links, of a build for debugging.
package-check: testbed rust-target-$(shell uname -m)-unknown-linux-gnu $(PACKAGER)/.installed
	PATH="$(PACKAGER)/bin:$$PATH" cargo lambda build --locked --bin gatewatch-lambda --$(subst _,-,$(ARCHITECTURE)) \
		--output-format zip --lambda-dir $(PACKAGE)-check
	$(GATEWATCH_TESTBED)/bin/python demo/demo.py --zip $(PACKAGE)-check/gatewatch-lambda/bootstrap.zip

# Rust's standard library for a target. A Rust that did not come by rustup may have it as well, and rustup asks the
# network: only what is missing is asked for.
rust-target-%:
	@ls "$$($${RUSTC:-rustc} --print target-libdir --target $*)"/libstd-*.rlib > /dev/null 2>&1 || rustup target add $* \
		|| { echo "Rust has no standard library for $* here, and rustup could not add it: try" \
			"\`rustup target add $*\`, or install it with the package manager that Rust came with" >&2; exit 1; }

deny:
	cargo deny check licenses bans sources

testbed: $(GATEWATCH_TESTBED)/.installed

clean-testbed:
	rm -rf $(GATEWATCH_TESTBED) $(LINT) $(PACKAGER) $(REPORT) $(REPORT)-npm $(REPORT)-looks $(MDBOOK)

$(GATEWATCH_TESTBED)/.installed: tests/testbed/requirements.txt tests/testbed/data-requirements.txt
$(LINT)/.installed: tests/testbed/lint-requirements.txt
$(PACKAGER)/.installed: tests/testbed/package-requirements.txt
$(REPORT)/.installed: tests/testbed/report-requirements.txt

# A private environment, built anew when its list of packages has changed.
$(GATEWATCH_TESTBED)/.installed $(LINT)/.installed $(PACKAGER)/.installed $(REPORT)/.installed:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
		|| { echo "Python 3.10 or later is needed; name one with: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	$(foreach data,$(filter-out $<,$^),$(@D)/bin/python -m pip install --quiet --disable-pip-version-check \
		--no-deps --requirement $(data) &&) touch $@
