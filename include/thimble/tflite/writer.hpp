#pragma once

#include <cstdint>
#include <vector>

#include "thimble/core/units.hpp"
#include "thimble/quant/quantized_model.hpp"

namespace thimble {

struct TfliteOptions {
  /// TensorFlow Lite proper wants a zero point for each scale, where TensorFlow Lite Micro is
  /// content with one. They are all zero and shared, but cost 8 bytes for each channel of each
  /// width that occurs.
  bool for_tensorflow_lite = false;
  /// Where TensorFlow Lite Micro's planner is to lay the tensor that each node computes: bytes from
  /// the start of the arena, a multiple of 16, or −1 for where it thinks best. Empty: it decides
  /// everything, and the file says nothing. Stored as metadata `kOfflinePlan`.
  std::vector<std::int32_t> offsets;
};

/// The name of the metadata, as TensorFlow Lite Micro looks for it.
inline constexpr const char* kOfflinePlan = "OfflineMemoryAllocation";

/// The model as a TensorFlow Lite file (schema version 3) that TensorFlow Lite Micro runs, holding
/// nothing that it does not need: no names, no minima and maxima, no scale of a convolution's bias.
/// Lists, options and quantisation records that are equal by construction are stored once;
/// constants are aligned to 16 bytes.
///
/// Operators stand in the graph's order. Tensor i is what node i computes, the constants follow.
/// Tensors are [1, H, W, C]; outputs of Dense, Flatten and Mean, and what only elementwise
/// operators make of them, are [1, C] where no operator on images reads them.
///
/// Throws ModelError, naming the node, for what is not deployed (`graph/deploy.hpp`), for numbers
/// that do not fit the graph, and for scales that TensorFlow Lite Micro would refuse or compute
/// wrongly with (`check_quantized`); and for `offsets` that are none.
std::vector<std::uint8_t> write_tflite(const QuantizedModel& model,
                                       const TfliteOptions& options = {});

/// The size of the file that `write_tflite` makes, with these options, of any model of this
/// deployed graph: the file's layout does not depend on weights, scales and zero points. Tens of
/// microseconds, for it lays the file out without filling it. Throws ModelError as above.
Bytes tflite_size(const Graph& deployed, const TfliteOptions& options = {});

/// By node id: whether `write_tflite` gives its tensor the shape [1, C] and not [1, H, W, C].
std::vector<bool> flat_tensors(const Graph& deployed);

}  // namespace thimble
