#include "thimble/tflite/writer.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <span>

#include "check.hpp"
#include "file_plan.hpp"
#include "options.hpp"

namespace thimble {
namespace tflite {
namespace {

// Constants are copied to the file as they lie in memory, and the format is little-endian.
static_assert(std::endian::native == std::endian::little);

template <class T>
using Offset = flatbuffers::Offset<T>;
template <class T>
using VectorOffset = flatbuffers::Offset<flatbuffers::Vector<T>>;

constexpr std::uint32_t kVersion = 3;
constexpr std::size_t kConstantAlignment = 16;
/// A generous guess at what a node needs beside its constants, so that the builder does not grow.
constexpr std::size_t kBytesPerNode = 512;

constexpr std::size_t at(NodeId id) { return static_cast<std::size_t>(id); }

/// Lays a file out from its end to its beginning, as FlatBuffers does: what is pointed to before
/// what points.
class FileWriter {
 public:
  /// Without a model, the constants, scales and zero points are left unset.
  FileWriter(const Graph& graph, const QuantizedModel* model)
      : graph_(graph),
        model_(model),
        plan_(plan_file(graph)),
        builder_(initial_size()),
        options_(builder_),
        lists_(plan_.lists.size()),
        quantisations_(graph.nodes().size()) {}

  std::span<const std::uint8_t> write() {
    write_buffers();
    write_quantisations();
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
    builder_.Finish(CreateModel(builder_, kVersion, operator_codes, subgraphs, 0, buffers),
                    ModelIdentifier());
    return {builder_.GetBufferPointer(), builder_.GetSize()};
  }

 private:
  std::size_t initial_size() const {
    std::size_t bytes = kBytesPerNode * (graph_.nodes().size() + 1);
    for (const TensorPlan& tensor : plan_.tensors) {
      const std::size_t scales = tensor.content == Content::kBias ? 2 : 1;  // as many as the bias
      bytes += scales * constant_bytes(graph_, tensor);
    }
    return bytes;
  }

  VectorOffset<std::int32_t> list(ListId id) {
    auto& offset = lists_[id];
    if (offset.IsNull()) offset = builder_.CreateVector(plan_.lists[id]);
    return offset;
  }

  /// Buffer 0 is the empty one of all computed tensors; then one for each constant, in the order of
  /// the tensors.
  void write_buffers() {
    buffers_.push_back(CreateBuffer(builder_));
    for (const TensorPlan& tensor : plan_.tensors) {
      if (tensor.content == Content::kActivation) continue;
      const std::size_t size = constant_bytes(graph_, tensor);
      fill_gap_before(size);
      builder_.ForceVectorAlignment(size, 1, kConstantAlignment);
      std::uint8_t* bytes = nullptr;
      const auto data = builder_.CreateUninitializedVector(size, &bytes);
      if (model_ != nullptr) copy_constant(tensor, bytes);
      buffers_.push_back(CreateBuffer(builder_, data));
    }
  }

  /// The next constant, of this size, needs a gap between it and what was written last, to be
  /// aligned. If a list fits exactly, it goes there.
  void fill_gap_before(std::size_t size) {
    const std::size_t gap = -(builder_.GetSize() + size) % kConstantAlignment;
    for (ListId id = 0; id < lists_.size() && gap >= sizeof(std::int32_t); ++id) {
      const std::size_t list_bytes = (1 + plan_.lists[id].size()) * sizeof(std::int32_t);
      if (!lists_[id].IsNull() || list_bytes % kConstantAlignment != gap / 4 * 4) continue;
      list(id);
      return;
    }
  }

  void copy_constant(const TensorPlan& tensor, std::uint8_t* bytes) const {
    const QuantizedWeights& weights = model_->weights[at(tensor.node)];
    const auto copy = [&](const auto& numbers) {
      std::memcpy(bytes, std::data(numbers), std::size(numbers) * sizeof(numbers[0]));
    };
    if (tensor.content == Content::kKernel) copy(weights.kernel);
    if (tensor.content == Content::kBias) copy(weights.bias);
    if (tensor.content == Content::kPaddings) {
      const Pad& pad = std::get<Pad>(graph_.node(tensor.node).op);
      copy(List{0, 0, pad.top, pad.bottom, pad.left, pad.right, 0, 0});
    }
  }

  /// One record for all tensors that share their scale and zero point, one zero for all constants.
  void write_quantisations() {
    const std::int64_t zero = 0;
    constant_zero_point_ = builder_.CreateVector(&zero, 1);
    const std::vector<NodeId> same = shared_quantisation(graph_);
    for (NodeId id = 0; id < graph_.size(); ++id) {
      auto& record = quantisations_[at(id)];
      if (same[at(id)] != id) {
        record = quantisations_[at(same[at(id)])];
        continue;
      }
      const QuantParams params = model_ != nullptr ? model_->activations[at(id)] : QuantParams{};
      const std::int64_t zero_point = params.zero_point;
      const auto zero_points = builder_.CreateVector(&zero_point, 1);
      const auto scales = builder_.CreateVector(&params.scale, 1);
      record = CreateQuantizationParameters(builder_, scales, zero_points);
    }
  }

  /// Of a constant; none where TensorFlow Lite Micro reads none.
  Offset<QuantizationParameters> constant_quantisation(const TensorPlan& tensor) {
    const Node& node = graph_.node(tensor.node);
    const bool dense = std::holds_alternative<Dense>(node.op);
    VectorOffset<float> scales;
    if (tensor.content == Content::kKernel) {
      float* values = nullptr;
      const std::size_t count = dense ? 1 : static_cast<std::size_t>(node.output.channels);
      scales = builder_.CreateUninitializedVector(count, &values);
      if (model_ != nullptr)
        std::ranges::copy(model_->weights[at(tensor.node)].kernel_scales, values);
    } else if (tensor.content == Content::kBias && dense) {
      float scale = 1;
      if (model_ != nullptr) {
        scale = model_->activations[at(node.inputs[0])].scale *
                model_->weights[at(tensor.node)].kernel_scales[0];
      }
      scales = builder_.CreateVector(&scale, 1);
    } else {
      return {};
    }
    const bool depthwise = std::holds_alternative<DepthwiseConv2D>(node.op);
    return CreateQuantizationParameters(builder_, scales, constant_zero_point_, depthwise ? 3 : 0);
  }

  std::vector<Offset<Tensor>> written_tensors() {
    std::vector<Offset<Tensor>> tensors;
    std::uint32_t buffer = 0;
    for (const TensorPlan& tensor : plan_.tensors) {
      const bool computed = tensor.content == Content::kActivation;
      const auto quantisation =
          computed ? quantisations_[at(tensor.node)] : constant_quantisation(tensor);
      const bool integers =
          tensor.content == Content::kBias || tensor.content == Content::kPaddings;
      const auto shape = list(tensor.shape);
      tensors.push_back(CreateTensor(builder_, shape,
                                     integers ? TensorType::INT32 : TensorType::INT8,
                                     computed ? 0 : ++buffer, 0, quantisation));
    }
    return tensors;
  }

  std::vector<Offset<Operator>> written_operators() {
    std::vector<Offset<Operator>> operators;
    for (const OperatorPlan& planned : plan_.operators) {
      const auto shape = list(plan_.tensors[at(planned.node)].shape);
      const OptionsRecord options = options_.write(graph_.node(planned.node).op, shape);
      const auto inputs = list(planned.inputs);
      const auto outputs = list(planned.outputs);
      operators.push_back(
          CreateOperator(builder_, planned.code, inputs, outputs, options.type, options.table));
    }
    return operators;
  }

  const Graph& graph_;
  const QuantizedModel* model_;
  const FilePlan plan_;
  flatbuffers::FlatBufferBuilder builder_;
  OptionsWriter options_;
  std::vector<VectorOffset<std::int32_t>> lists_;              // null until written
  std::vector<Offset<QuantizationParameters>> quantisations_;  // of computed tensors, by node id
  VectorOffset<std::int64_t> constant_zero_point_;
  std::vector<Offset<Buffer>> buffers_;
};

}  // namespace
}  // namespace tflite

std::vector<std::uint8_t> write_tflite(const QuantizedModel& model) {
  tflite::check_graph(model.graph);
  tflite::check_numbers(model);
  tflite::FileWriter writer(model.graph, &model);
  const auto bytes = writer.write();
  return {bytes.begin(), bytes.end()};
}

Bytes tflite_size(const Graph& deployed) {
  tflite::check_graph(deployed);
  tflite::FileWriter writer(deployed, nullptr);
  return Bytes(static_cast<std::int64_t>(writer.write().size()));
}

}  // namespace thimble
