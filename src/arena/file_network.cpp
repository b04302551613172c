#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "file_vector.hpp"
#include "offline_plan.hpp"
#include "schema_generated.h"
#include "thimble/arena/network.hpp"
#include "thimble/core/error.hpp"
#include "thimble/tflite/reader.hpp"

namespace thimble {
namespace arena {
namespace {

using tflite::BuiltinOperator;

constexpr std::int64_t kLargestTensor = std::int64_t{1} << 31;

/// Of a file that the reader has accepted: its operators and all that they use are sound. Tensors
/// that nobody uses it has not looked at.
class NetworkOfFile {
 public:
  NetworkOfFile(const tflite::Model& file, std::string_view place)
      : file_(file), subgraph_(*file.subgraphs()->Get(0)), place_(place) {}

  ArenaNetwork run() && {
    for (const tflite::Tensor* record : *subgraph_.tensors()) add_tensor(*record);
    for (const tflite::Operator* record : *subgraph_.operators()) add_operator(*record);
    network_.inputs.assign(subgraph_.inputs()->begin(), subgraph_.inputs()->end());
    network_.outputs.assign(subgraph_.outputs()->begin(), subgraph_.outputs()->end());
    network_.offsets = read_offline_plan(file_, network_.tensors, place_);
    return std::move(network_);
  }

 private:
  template <class... Args>
  [[noreturn]] void reject(fmt::format_string<Args...> text, Args&&... args) const {
    raise<ModelError>("{}: tensor {}: {}", place_, network_.tensors.size(),
                      fmt::format(text, std::forward<Args>(args)...));
  }

  void add_tensor(const tflite::Tensor& record) {
    const std::uint32_t buffers = length(file_.buffers());
    if (record.buffer() >= buffers) {
      reject("buffer {}: the file has {}", record.buffer(), buffers);
    }
    ArenaTensor tensor{.constant = length(file_.buffers()->Get(record.buffer())->data()) > 0};
    // Quantised is what has both.
    const auto* quantisation = record.quantization();
    if (quantisation != nullptr && length(quantisation->zero_point()) > 0) {
      tensor.scales = static_cast<int>(length(quantisation->scale()));
    }
    if (!tensor.constant) tensor.size = size_of(record);
    network_.tensors.push_back(tensor);
  }

  Bytes size_of(const tflite::Tensor& record) const {
    std::int64_t bytes = 0;
    switch (record.type()) {
      case tflite::TensorType::INT8:
      case tflite::TensorType::UINT8:
      case tflite::TensorType::BOOL:
        bytes = 1;
        break;
      case tflite::TensorType::INT16:
        bytes = 2;
        break;
      case tflite::TensorType::INT32:
      case tflite::TensorType::FLOAT32:
        bytes = 4;
        break;
      default:
        reject("type {}: is not supported", static_cast<int>(record.type()));
    }
    for (std::uint32_t axis = 0; axis < length(record.shape()); ++axis) {
      const std::int32_t extent = record.shape()->Get(axis);
      if (extent < 0 || bytes * extent > kLargestTensor) reject("shape: is too large or negative");
      bytes *= extent;
    }
    return Bytes(bytes);
  }

  const flatbuffers::Vector<std::int32_t>& shape(std::int32_t number) const {
    return *subgraph_.tensors()->Get(static_cast<unsigned>(number))->shape();
  }

  /// [1, C], [1, W, C] or [1, H, W, C], one sample.
  Shape image(std::int32_t number) const {
    const auto& extents = shape(number);
    const unsigned axes = extents.size();
    return {.height = axes > 3 ? extents.Get(axes - 3) : 1,
            .width = axes > 2 ? extents.Get(axes - 2) : 1,
            .channels = extents.Get(axes - 1)};
  }

  void add_operator(const tflite::Operator& record) {
    const tflite::OperatorCode& code = *file_.operator_codes()->Get(record.opcode_index());
    const auto builtin =
        std::max(BuiltinOperator{code.deprecated_builtin_code()}, code.builtin_code());
    const std::string_view name = EnumNameBuiltinOperator(builtin);
    const std::optional<TflmKernel> kernel = find_kernel(name);
    if (!kernel) {
      raise<ModelError>("{}: operator {} {}: what it takes is not known", place_,
                        network_.operators.size(), name);
    }
    const std::int32_t input = record.inputs()->Get(0);
    const std::int32_t output = record.outputs()->Get(0);
    ArenaOperator op{.kernel = *kernel,
                     .geometry = {.input = image(input),
                                  .output = image(output),
                                  .input_axes = static_cast<int>(shape(input).size()),
                                  .output_axes = static_cast<int>(shape(output).size())},
                     .first_input = static_cast<int>(network_.operands.size()),
                     .inputs = static_cast<int>(length(record.inputs())),
                     .output = output};
    for (const std::int32_t number : *record.inputs()) {
      // The reader does not look at the shape that a RESHAPE may read.
      if (number < -1 || number >= static_cast<std::int64_t>(network_.tensors.size())) {
        raise<ModelError>("{}: operator {}: input {}: the file has {} tensors", place_,
                          network_.operators.size(), number, network_.tensors.size());
      }
      network_.operands.push_back(number);
    }
    if (has_int4_kernel(op.kernel, record)) op.geometry.weights = WeightType::kInt4;
    add_window(op, record);
    network_.operators.push_back(op);
  }

  bool has_int4_kernel(TflmKernel kernel, const tflite::Operator& record) const {
    if (kernel != TflmKernel::kConv2D && kernel != TflmKernel::kDepthwiseConv2D &&
        kernel != TflmKernel::kFullyConnected) {
      return false;
    }
    const auto number = static_cast<unsigned>(record.inputs()->Get(1));
    return subgraph_.tensors()->Get(number)->type() == tflite::TensorType::INT4;
  }

  /// The reader has seen to it that these operators have their options.
  void add_window(ArenaOperator& op, const tflite::Operator& record) const {
    const auto* conv = record.builtin_options_as_Conv2DOptions();
    const auto* depthwise = record.builtin_options_as_DepthwiseConv2DOptions();
    const auto* pool = record.builtin_options_as_Pool2DOptions();
    switch (op.kernel) {
      case TflmKernel::kConv2D:
        op.geometry.dilation = {conv->dilation_h_factor(), conv->dilation_w_factor()};
        return set_window(op.geometry, extent(record.inputs()->Get(1)), *conv);
      case TflmKernel::kDepthwiseConv2D:
        op.geometry.dilation = {depthwise->dilation_h_factor(), depthwise->dilation_w_factor()};
        return set_window(op.geometry, extent(record.inputs()->Get(1)), *depthwise);
      case TflmKernel::kMaxPool2D:
      case TflmKernel::kAveragePool2D:
        return set_window(op.geometry, {pool->filter_height(), pool->filter_width()}, *pool);
      default:
        return;
    }
  }

  /// Of a convolution's kernel: [filters, H, W, C] or [1, H, W, C].
  Extent extent(std::int32_t kernel) const { return {shape(kernel).Get(1), shape(kernel).Get(2)}; }

  template <class Options>
  static void set_window(ArenaGeometry& g, Extent kernel, const Options& options) {
    g.kernel = kernel;
    g.stride = {options.stride_h(), options.stride_w()};
    const Padding padding =
        options.padding() == tflite::Padding::SAME ? Padding::kSame : Padding::kValid;
    g.padding = {
        padding_before(g.input.height, kernel.height, g.stride.height, g.dilation.height, padding),
        padding_before(g.input.width, kernel.width, g.stride.width, g.dilation.width, padding)};
  }

  const tflite::Model& file_;
  const tflite::SubGraph& subgraph_;
  const std::string_view place_;
  ArenaNetwork network_;
};

}  // namespace
}  // namespace arena

ArenaNetwork arena_network(std::span<const std::uint8_t> file, std::string_view place) {
  static_cast<void>(read_tflite(file, place));  // for what it refuses
  // FlatBuffers reads numbers where they lie, which must be aligned as the allocator aligns.
  const std::vector<std::uint8_t> aligned(file.begin(), file.end());
  return arena::NetworkOfFile(*tflite::GetModel(aligned.data()), place).run();
}

}  // namespace thimble
