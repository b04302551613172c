#include "thimble/tflite/writer.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <span>

#include "check.hpp"
#include "file_format.hpp"
#include "file_plan.hpp"
#include "offline_plan.hpp"
#include "options.hpp"
#include "thimble/core/error.hpp"
#include "thimble/quant/check.hpp"
#include "thimble/quant/shared_params.hpp"

namespace thimble {
namespace tflite {
namespace {

// Constants are copied to the file as they lie in memory, and the format is little-endian.
static_assert(std::endian::native == std::endian::little);

template <class T>
using Offset = flatbuffers::Offset<T>;
template <class T>
using VectorOffset = flatbuffers::Offset<flatbuffers::Vector<T>>;

constexpr std::size_t kConstantAlignment = 16;
/// Offsets in a file are of 31 bits; half of that leaves room for everything beside the constants.
constexpr std::size_t kMaxBytes = std::size_t{1} << 30;
/// A generous guess at what a node needs beside its constants, so that the builder does not grow.
constexpr std::size_t kBytesPerNode = 512;

/// Lays a file out from its end to its beginning, as FlatBuffers does: what is pointed to before
/// what points.
class FileWriter {
 public:
  /// Without a model, the constants, scales and zero points are left unset.
  FileWriter(const Graph& graph, const QuantizedModel* model, const TfliteOptions& options)
      : graph_(graph),
        model_(model),
        for_tensorflow_lite_(options.for_tensorflow_lite),
        offsets_(options.offsets),
        plan_(plan_file(graph)),
        shared_(shared_params(graph)),
        builder_(initial_size()),
        operator_options_(builder_),
        lists_(plan_.lists.size()),
        scales_(plan_.tensors.size()),
        quantisations_(plan_.tensors.size()) {}

  std::span<const std::uint8_t> write() {
    if (for_tensorflow_lite_) refuse_dense_before_images();
    write_buffers();
    const auto tensors = builder_.CreateVector(written_tensors());
    const auto operators = builder_.CreateVector(written_operators());
    const auto inputs = list(plan_.inputs);
    const auto outputs = list(plan_.outputs);
    const auto subgraph = CreateSubGraph(builder_, tensors, inputs, outputs, operators);
    const auto subgraphs = builder_.CreateVector(&subgraph, 1);
    std::vector<Offset<OperatorCode>> codes;
    for (const BuiltinOperator code : plan_.codes) {
      OperatorCodeBuilder record(builder_);
      record.add_builtin_code(code);
      codes.push_back(record.Finish());
    }
    const auto operator_codes = builder_.CreateVector(codes);
    const auto buffers = builder_.CreateVector(buffers_);
    builder_.Finish(CreateModel(builder_, kSchemaVersion, operator_codes, subgraphs, 0, buffers,
                                written_metadata()),
                    ModelIdentifier());
    return {builder_.GetBufferPointer(), builder_.GetSize()};
  }

 private:
  /// TensorFlow Lite gives the output of a dense layer two axes, whatever the file says.
  void refuse_dense_before_images() const {
    for (const OperatorPlan& planned : plan_.operators) {
      const ListId shape = plan_.tensors[at(planned.node)].shape;
      if (!std::holds_alternative<Dense>(graph_.node(planned.node).op)) continue;
      if (plan_.lists[shape].size() == 2) continue;
      raise<ModelError>(
          "node {} FULLY_CONNECTED: feeds an operator on images, which TensorFlow Lite cannot run",
          planned.node);
    }
  }

  std::size_t initial_size() const {
    std::size_t bytes = kBytesPerNode * (graph_.nodes().size() + 1);
    for (const TensorPlan& tensor : plan_.tensors) {
      const std::size_t scales = tensor.content == Content::kBias ? 2 : 1;  // as many as the bias
      bytes += scales * constant_bytes(graph_, tensor);
    }
    if (bytes > kMaxBytes)
      raise<ModelError>("network: file = {} bytes: must be below 1 GiB", bytes);
    return bytes;
  }

  VectorOffset<std::int32_t> list(ListId id) {
    auto& offset = lists_[id];
    if (offset.IsNull()) offset = builder_.CreateVector(plan_.lists[id]);
    return offset;
  }

  /// Buffer 0 is the empty one of all computed tensors; then one for each constant, in the order of
  /// the tensors; then the plan, where there is one.
  void write_buffers() {
    buffers_.push_back(CreateBuffer(builder_));
    for (const TensorPlan& tensor : plan_.tensors) {
      if (tensor.content == Content::kActivation) continue;
      const std::size_t size = constant_bytes(graph_, tensor);
      fill_gap_behind(size);
      builder_.ForceVectorAlignment(size, 1, kConstantAlignment);
      std::uint8_t* bytes = nullptr;
      const auto data = builder_.CreateUninitializedVector(size, &bytes);
      if (model_ != nullptr) copy_constant(tensor, bytes);
      buffers_.push_back(CreateBuffer(builder_, data));
    }
    if (!offsets_.empty()) buffers_.push_back(written_plan());
  }

  Offset<Buffer> written_plan() {
    const List numbers = offline_plan(offsets_, plan_.tensors.size());
    const std::size_t size = numbers.size() * sizeof(numbers[0]);
    builder_.ForceVectorAlignment(size, 1, kConstantAlignment);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(numbers.data());
    return CreateBuffer(builder_, builder_.CreateVector(bytes, size));
  }

  VectorOffset<Offset<Metadata>> written_metadata() {
    if (offsets_.empty()) return {};
    const auto name = builder_.CreateString(kOfflinePlan);
    const auto plan =
        CreateMetadata(builder_, name, static_cast<std::uint32_t>(buffers_.size()) - 1);
    return builder_.CreateVector(&plan, 1);
  }

  /// A constant of this size, written next, would leave a gap behind it to be aligned. What fits
  /// there exactly goes there.
  void fill_gap_behind(std::size_t size) {
    const std::size_t gap = -(builder_.GetSize() + size) % kConstantAlignment / 4 * 4;
    const auto fits = [&](std::size_t numbers) {
      return (1 + numbers) * 4 % kConstantAlignment == gap;  // with the length before them
    };
    if (gap == 0) return;
    for (ListId id = 0; id < lists_.size(); ++id) {
      if (!lists_[id].IsNull() || !fits(plan_.lists[id].size())) continue;
      list(id);
      return;
    }
    for (std::size_t id = 0; id < plan_.tensors.size(); ++id) {
      const TensorPlan& tensor = plan_.tensors[id];
      if (tensor.content != Content::kKernel) continue;
      if (!scales_[id].IsNull() || !fits(scale_count(tensor))) continue;
      scales(id);
      return;
    }
  }

  bool is_int4(const TensorPlan& tensor) const {
    return tensor.content == Content::kKernel &&
           weight_type(graph_.node(tensor.node).op) == WeightType::kInt4;
  }

  /// Two to a byte, the first in the lower half; an odd last one has a zero above it.
  static void copy_int4(const std::vector<std::int8_t>& kernel, std::uint8_t* bytes) {
    for (std::size_t i = 0; i < kernel.size(); i += 2) {
      const int low = kernel[i] & 0xF;
      const int high = i + 1 < kernel.size() ? kernel[i + 1] & 0xF : 0;
      bytes[i / 2] = static_cast<std::uint8_t>(low | high << 4);
    }
  }

  TensorType type(const TensorPlan& tensor) const {
    switch (tensor.content) {
      case Content::kActivation:
        return TensorType::INT8;
      case Content::kKernel:
        return is_int4(tensor) ? TensorType::INT4 : TensorType::INT8;
      case Content::kBias:
      case Content::kNumbers:
        return TensorType::INT32;
    }
    return TensorType::INT8;
  }

  void copy_constant(const TensorPlan& tensor, std::uint8_t* bytes) const {
    const QuantizedWeights& weights = model_->weights[at(tensor.node)];
    const auto copy = [&](const auto& numbers) {
      std::memcpy(bytes, std::data(numbers), std::size(numbers) * sizeof(numbers[0]));
    };
    if (tensor.content == Content::kKernel) {
      if (is_int4(tensor)) {
        copy_int4(weights.kernel, bytes);
      } else {
        copy(weights.kernel);
      }
    }
    if (tensor.content == Content::kBias) copy(weights.bias);
    if (tensor.content == Content::kNumbers) copy(tensor.numbers);
  }

  /// How many scales tensor `id` has; none where TensorFlow Lite Micro reads none.
  std::size_t scale_count(const TensorPlan& tensor) const {
    const Node& node = graph_.node(tensor.node);
    const bool dense = std::holds_alternative<Dense>(node.op);
    switch (tensor.content) {
      case Content::kActivation:
        return 1;
      case Content::kKernel:
        return dense ? 1 : static_cast<std::size_t>(node.output.channels);
      case Content::kBias:
        return dense ? 1 : 0;
      case Content::kNumbers:
        return 0;
    }
    return 0;
  }

  VectorOffset<float> scales(std::size_t id) {
    auto& offset = scales_[id];
    if (!offset.IsNull()) return offset;
    const TensorPlan& tensor = plan_.tensors[id];
    float* values = nullptr;
    offset = builder_.CreateUninitializedVector(scale_count(tensor), &values);
    if (model_ == nullptr) return offset;
    if (tensor.content == Content::kActivation) {
      values[0] = model_->activations[id].scale;
    } else {
      std::ranges::copy(model_->weights[at(tensor.node)].kernel_scales, values);
      const NodeId input = graph_.node(tensor.node).inputs[0];
      if (tensor.content == Content::kBias) values[0] *= model_->activations[at(input)].scale;
    }
    return offset;
  }

  VectorOffset<std::int64_t> zero_points(std::size_t id) {
    if (plan_.tensors[id].content == Content::kActivation) {
      const std::int64_t zero_point = model_ != nullptr ? model_->activations[id].zero_point : 0;
      return builder_.CreateVector(&zero_point, 1);
    }
    const std::size_t count = for_tensorflow_lite_ ? scale_count(plan_.tensors[id]) : 1;
    auto& zeros = zeros_[count];
    if (zeros.IsNull()) zeros = builder_.CreateVector(std::vector<std::int64_t>(count));
    return zeros;
  }

  /// Null for tensors without scales; one record for all tensors that must share theirs.
  Offset<QuantizationParameters> quantisation(std::size_t id) {
    const TensorPlan& tensor = plan_.tensors[id];
    const bool computed = tensor.content == Content::kActivation;
    if (scale_count(tensor) == 0) return {};
    if (computed && shared_[id] != tensor.node) return quantisations_[at(shared_[id])];
    const bool depthwise = std::holds_alternative<DepthwiseConv2D>(graph_.node(tensor.node).op);
    const auto zero_point = zero_points(id);
    quantisations_[id] = CreateQuantizationParameters(builder_, scales(id), zero_point,
                                                      depthwise && !computed ? 3 : 0);
    return quantisations_[id];
  }

  std::vector<Offset<Tensor>> written_tensors() {
    std::vector<Offset<Tensor>> tensors;
    std::uint32_t constants = 0;
    for (std::size_t id = 0; id < plan_.tensors.size(); ++id) {
      const TensorPlan& tensor = plan_.tensors[id];
      const bool computed = tensor.content == Content::kActivation;
      const auto shape = list(tensor.shape);
      const auto quantization = quantisation(id);
      tensors.push_back(
          CreateTensor(builder_, shape, type(tensor), computed ? 0 : ++constants, 0, quantization));
    }
    return tensors;
  }

  std::vector<Offset<Operator>> written_operators() {
    std::vector<Offset<Operator>> operators;
    for (const OperatorPlan& planned : plan_.operators) {
      const ListId shape = plan_.tensors[at(planned.node)].shape;
      const OptionsRecord options = operator_options_.write(graph_.node(planned.node).op,
                                                            list(shape), plan_.lists[shape].size());
      const auto inputs = list(planned.inputs);
      const auto outputs = list(planned.outputs);
      operators.push_back(
          CreateOperator(builder_, planned.code, inputs, outputs, options.type, options.table));
    }
    return operators;
  }

  const Graph& graph_;
  const QuantizedModel* model_;
  const bool for_tensorflow_lite_;
  const std::span<const std::int32_t> offsets_;  // by node; empty: no plan
  const FilePlan plan_;
  const std::vector<NodeId> shared_;  // the tensor whose quantisation a computed one has
  flatbuffers::FlatBufferBuilder builder_;
  OptionsWriter operator_options_;
  // Null until written.
  std::vector<VectorOffset<std::int32_t>> lists_;
  std::vector<VectorOffset<float>> scales_;                    // by tensor
  std::vector<Offset<QuantizationParameters>> quantisations_;  // by tensor
  std::map<std::size_t, VectorOffset<std::int64_t>> zeros_;    // by length
  std::vector<Offset<Buffer>> buffers_;
};

}  // namespace
}  // namespace tflite

std::vector<std::uint8_t> write_tflite(const QuantizedModel& model, const TfliteOptions& options) {
  tflite::check_graph(model.graph);
  tflite::check_offsets(model.graph, options.offsets);
  check_quantized(model);
  tflite::FileWriter writer(model.graph, &model, options);
  const auto bytes = writer.write();
  return {bytes.begin(), bytes.end()};
}

Bytes tflite_size(const Graph& deployed, const TfliteOptions& options) {
  tflite::check_graph(deployed);
  tflite::check_offsets(deployed, options.offsets);
  tflite::FileWriter writer(deployed, nullptr, options);
  return Bytes(static_cast<std::int64_t>(writer.write().size()));
}

}  // namespace thimble
