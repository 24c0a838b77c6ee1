# SPDX-License-Identifier: Apache-2.0
# Thin calls only; what they do stands in the scripts and in meson.build. `make check` is the one before a commit.
BUILD ?= build

.PHONY: all check bench soak soak-random torture fuzz format clean

all: $(BUILD)/build.ninja
	ninja -C $(BUILD)

$(BUILD)/build.ninja:
	tool/packages build
	meson setup $(BUILD) --buildtype=release

check:
	./test

# bench/run --only get,post --runs 5 for a part of it
bench:
	bench/run

# ten minutes of mixed load: memory may not grow
soak:
	bench/run --only soak --soak 600

# an hour (or MINUTES) of random requests against a node with sanitizers; its counts must be right afterwards
MINUTES ?= 60
soak-random:
	story/random_soak.sh $(MINUTES)

# 200 times kill -9 under load
torture:
	bench/torture.sh 200

# every fuzz target for SECONDS, under sanitizers; what it finds stands in build-fuzz
SECONDS ?= 60
build-fuzz/build.ninja:
	tool/packages test
	CC=clang meson setup build-fuzz -Dfuzzer=true -Db_sanitize=address,undefined -Db_lundef=false

fuzz: build-fuzz/build.ninja
	ninja -C build-fuzz
	cd build-fuzz && for target in $$(find src -name '*_fuzz' -type f | sort); do \
		name=$$(basename $$target _fuzz); mkdir -p found/$$name; echo "$$name"; \
		$$target -max_total_time=$(SECONDS) -print_final_stats=0 -verbosity=0 -artifact_prefix=found/$$name- \
			found/$$name $$(ls -d ../corpus/$$name 2>/dev/null) || exit 1; done

format:
	tool/format --fix

clean:
	rm -rf build build-*
