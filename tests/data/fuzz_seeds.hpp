#pragma once

#include "support/fixtures.hpp"

namespace thimble::fixtures {

/// A good file, and the target that takes it.
struct FuzzSeed {
  std::string target;
  std::string name;
  ByteVector file;
  int (*run)(std::span<const std::uint8_t> bytes);
};

std::vector<FuzzSeed> fuzz_seeds();

}  // namespace thimble::fixtures
