// What must hold for any bytes at all: the arena of a file is known, or a ModelError of one line
// that begins with the file's name says why not. tools/fuzz runs it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include "thimble/arena/arena_plan.hpp"
#include "thimble/core/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  thimble::ArenaNetwork network;
  try {
    network = thimble::arena_network(std::span(data, size), "fuzz.tflite");
  } catch (const thimble::ModelError& error) {
    const std::string_view text = error.what();
    if (!text.starts_with("fuzz.tflite: ") || text.find('\n') != text.npos) std::abort();
    return 0;
  }
  for (const thimble::ArenaTarget& target : thimble::arena_targets()) {
    try {
      const thimble::ArenaPlan plan = thimble::plan_arena(network, target);
      if (plan.smallest < plan.used || plan.smallest < plan.preparation) std::abort();
    } catch (const thimble::ModelError&) {
      // An operator that the target does not know.
    }
  }
  return 0;
}
