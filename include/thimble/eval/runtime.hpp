#pragma once

#include "thimble/arena/target.hpp"
#include "thimble/search/screen.hpp"

namespace thimble {

/// Whose memory a budget means: TensorFlow Lite Micro's on a target, or, without one, the tensors'
/// alone.
struct Runtime {
  const ArenaTarget* tflm = nullptr;
  Bytes code;  ///< what the runtime itself takes in flash

  bool operator==(const Runtime&) const = default;
};

/// RAM: the smallest arena in which TensorFlow Lite Micro can run the network, or the peak of live
/// tensors. Flash: the `.tflite` file, and the runtime's code.
Measures measures_of(const Runtime& runtime);

}  // namespace thimble
