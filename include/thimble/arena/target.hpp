#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "thimble/arena/network.hpp"

namespace thimble {

/// A C++ type of the runtime, as its compiler lays it out; in bytes.
struct ObjectSize {
  int bytes = 0;
  int alignment = 1;
};

/// What a kernel keeps in the arena's tail for each of its operators, besides what depends on the
/// operator's shapes.
struct KernelMemory {
  ObjectSize options;  ///< parsed from the file; none: 0 bytes
  int state = 0;       ///< its own data, aligned to 16 bytes; none: 0
  /// The sizes follow from the layout of the runtime's types; nobody has compared them with what a
  /// core reports.
  bool derived = false;
};

/// Which library's kernels run, for their scratch buffers and arrays differ.
enum class KernelLibrary {
  kReference,
  kCmsisDsp,     ///< CMSIS-NN for cores with the DSP extension: Cortex-M4, M7
  kCmsisHelium,  ///< CMSIS-NN for cores with vectors: Cortex-M55
};

/// TensorFlow Lite Micro of one version, compiled for one core with one library of kernels. Sizes
/// belong to exactly that; other versions differ by some bytes.
struct ArenaTarget {
  std::string_view name;     ///< "cortex-m4"
  std::string_view runtime;  ///< version and library, for people
  KernelLibrary library = KernelLibrary::kReference;

  /// Of the objects that stay in the tail.
  int interpreter = 0;  ///< allocator, planner and what is made once for each model
  ObjectSize eval_tensor, node, scratch_handle, tensor, quantisation;
  int pointer = 4;
  /// Of the notes that are kept between head and tail while a plan is made.
  ObjectSize scratch_request, subgraph_offset, allocation_info;
  int planned_buffer = 0;

  /// Absent: we do not know the figures, and such an operator is refused.
  std::array<std::optional<KernelMemory>, kTflmKernels> kernels;

  const std::optional<KernelMemory>& kernel(TflmKernel which) const {
    return kernels[static_cast<std::size_t>(which)];
  }
};

/// `x86-64`, `cortex-m4`, `cortex-m7`, `cortex-m4-reference`, `cortex-m55`.
std::span<const ArenaTarget> arena_targets();

/// Throws ConfigError with the nearest name.
const ArenaTarget& find_arena_target(std::string_view name);

}  // namespace thimble
