#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "thimble/core/units.hpp"
#include "thimble/graph/graph.hpp"

namespace thimble {

/// The kernels of TensorFlow Lite Micro that we know; each is one operator of the file.
enum class TflmKernel {
  kConv2D,
  kDepthwiseConv2D,
  kFullyConnected,
  kMaxPool2D,
  kAveragePool2D,
  kAdd,
  kConcatenation,
  kPad,
  kRelu,
  kRelu6,
  kReshape,
  kSoftmax,
  kMean,
  kMul,
  kResizeNearestNeighbor,
  kLogistic,
  kTanh,
  kHardSwish,
};
inline constexpr int kTflmKernels = static_cast<int>(TflmKernel::kHardSwish) + 1;

/// As in the schema and as `op_name` has it: `CONV_2D`.
std::string_view kernel_name(TflmKernel kernel);
/// None for a name that is none of theirs.
std::optional<TflmKernel> find_kernel(std::string_view name);

struct ArenaTensor {
  /// In the arena; 0 for a constant, which stays in the file.
  Bytes size;
  bool constant = false;
  /// How many scales its quantisation has in the file; 0 where it has none.
  int scales = 0;

  bool operator==(const ArenaTensor&) const = default;
};

/// What a kernel works on, as far as its needs in memory depend on it. Operators without a window
/// have only the two shapes: of the first input and of the output.
struct ArenaGeometry {
  Shape input;
  Shape output;
  Extent kernel;
  Extent stride;
  Extent dilation;
  Extent padding = {0, 0};  // above and on the left
  WeightType weights = WeightType::kInt8;
  int input_axes = 4;
  int output_axes = 4;

  bool operator==(const ArenaGeometry&) const = default;
};

struct ArenaOperator {
  TflmKernel kernel = TflmKernel::kAdd;
  ArenaGeometry geometry;
  /// Its tensors are `operands[first_input]` and the `inputs − 1` behind it; constants count.
  int first_input = 0;
  int inputs = 0;
  std::int32_t output = 0;

  bool operator==(const ArenaOperator&) const = default;
};

/// All that TensorFlow Lite Micro's allocator sees of a file with one subgraph. Tensors are named
/// by their numbers in the file.
struct ArenaNetwork {
  std::vector<ArenaTensor> tensors;
  std::vector<ArenaOperator> operators;  // in the order of execution
  std::vector<std::int32_t> operands;    // −1: left out
  std::vector<std::int32_t> inputs;
  std::vector<std::int32_t> outputs;
  /// The file's own plan: for each tensor its place in the head, or `kPlannerDecides`. Empty: it
  /// has none.
  std::vector<std::int32_t> offsets;

  std::span<const std::int32_t> inputs_of(const ArenaOperator& op) const {
    return std::span(operands).subspan(static_cast<std::size_t>(op.first_input),
                                       static_cast<std::size_t>(op.inputs));
  }

  bool operator==(const ArenaNetwork&) const = default;
};

/// Of the file that `write_tflite` makes of this deployed graph, whatever its numbers: tensor i is
/// what node i computes. Throws ModelError, naming the node, for what is not deployed.
ArenaNetwork arena_network(const Graph& deployed);

/// Of any file that `read_tflite` reads; it may hold what `write_tflite` leaves out (tensors that
/// nobody uses, scales of biases, the shape that a RESHAPE reads), and all of that costs memory.
/// A plan that the file carries (metadata `kOfflinePlan`) is kept, whether its tensors lie apart or
/// not. Throws ModelError as `read_tflite` does, and for a plan that TensorFlow Lite Micro refuses
/// or whose places are not multiples of 16.
ArenaNetwork arena_network(std::span<const std::uint8_t> file, std::string_view place);

}  // namespace thimble
