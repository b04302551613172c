// One program for each of the targets: THIMBLE_FUZZ_TARGET is its name.
#include <cstddef>

#include "data/fuzz_targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  thimble::fixtures::THIMBLE_FUZZ_TARGET({data, size});
  return 0;
}
