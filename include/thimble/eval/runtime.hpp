#pragma once

#include <cstdint>
#include <vector>

#include "thimble/arena/target.hpp"
#include "thimble/quant/quantized_model.hpp"
#include "thimble/search/screen.hpp"

namespace thimble {

/// Whose memory a budget means: TensorFlow Lite Micro's on a target, or, without one, the tensors'
/// alone.
struct Runtime {
  const ArenaTarget* tflm = nullptr;
  Bytes code;  ///< what the runtime itself takes in flash

  bool operator==(const Runtime&) const = default;
};

/// RAM: the smallest arena in which TensorFlow Lite Micro can run the network's `exported_file`, or
/// the peak of live tensors. Flash: that file, and the runtime's code.
Measures measures_of(const Runtime& runtime);

/// The `.tflite` of a model; for TensorFlow Lite Micro with its operators in the order and its
/// tensors in the places that need the least (`best_layout`, `kQuickLayout`). Throws ModelError as
/// `write_tflite` and `plan_arena` do.
std::vector<std::uint8_t> exported_file(const Runtime& runtime, const QuantizedModel& model);

}  // namespace thimble
