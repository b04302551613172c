# The commands of README.md. Everything is built by CMake presets; this file only strings them together.
.PHONY: all demo test bench tidy format packages test-packages clean
all: packages
	cmake --preset release --log-level=WARNING
	cmake --build --preset release
	@ln -sf release/apps/thimble/thimble build/thimble

demo: all
	tools/demo

test: test-packages
	tools/check-format
	tools/judges/install
	cmake --preset full-speed --log-level=WARNING
	cmake --build --preset full-speed
	ctest --preset full-speed
	cmake --preset asan --log-level=WARNING
	cmake --build --preset asan
	ctest --preset asan

bench: test-packages
	tools/bench

tidy: test-packages
	tools/tidy

format:
	git ls-files --cached --others --exclude-standard '*.cpp' '*.hpp' '*.c' '*.h' | xargs clang-format -i

packages:
	@tools/install-packages build

test-packages:
	@tools/install-packages build test

clean:
	rm -rf build
