#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "thimble/optimise/arena_layout.hpp"
#include "thimble/optimise/proof.hpp"

namespace thimble {

/// A `.tflite` file for TensorFlow Lite Micro in its leanest form.
struct OptimisedFile {
  std::vector<std::uint8_t> bytes;  ///< the file that was given where nothing is gained
  ArenaPlan before;
  ArenaPlan after;
  ArenaLayout layout;  ///< of the new file
  int inputs = 0;      ///< so many gave the same outputs
  /// Why it may not be used: an output that differs, an arena that was not promised. Empty: none
  /// was found.
  std::string failure;
  /// The arena is smaller, or as large and the file smaller.
  bool is_better = false;
};

struct OptimiseOptions {
  LayoutEffort effort;
  int random_inputs = 60;  ///< beside `kExtremeInputs`
};

/// Reads the file, lays it out anew (`best_layout`) and writes it without what TensorFlow Lite
/// Micro never reads: names, descriptions, signatures, minima and maxima, metadata, versions,
/// buffers and tensors that nobody uses, reshapes that change nothing or that only dense layers
/// read. The result is read again, run beside the old one by our interpreter, and its arena
/// predicted from its bytes.
///
/// Throws ModelError, beginning with `place`, as `read_tflite` and `plan_arena` do; for a network
/// that has not one input and one output, since the two could not be compared; and for a file whose
/// own plan lays tensors over each other that are needed at one time, since nobody can say what it
/// computes.
OptimisedFile optimise_file(std::span<const std::uint8_t> file, std::string_view place,
                            const ArenaTarget& target, const OptimiseOptions& options = {});

}  // namespace thimble
