#include "thimble/tflite/reader.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "file_format.hpp"
#include "file_operators.hpp"
#include "file_place.hpp"
#include "file_tensors.hpp"
#include "schema_generated.h"
#include "thimble/core/error.hpp"
#include "thimble/quant/check.hpp"

namespace thimble {
namespace tflite {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 30;  // FlatBuffers' offsets end at 2^31
constexpr std::size_t kIdentifierEnd = 8;
constexpr unsigned kMostDepth = 16;
constexpr unsigned kMostTables = 1'000'000;

class NetworkReader {
 public:
  NetworkReader(const Model& file, const SubGraph& subgraph, std::string_view place)
      : file_(file),
        subgraph_(subgraph),
        place_(std::string(place)),
        tensors_(file, subgraph),
        values_(tensors_.size()) {}

  QuantizedModel run() && {
    if (length(subgraph_.inputs()) == 0) place_.reject("inputs = 0: needs at least one");
    if (length(subgraph_.operators()) == 0) place_.reject("operators = 0: needs at least one");
    if (length(subgraph_.outputs()) == 0) place_.reject("outputs = 0: needs at least one");
    for (std::uint32_t i = 0; i < subgraph_.inputs()->size(); ++i) add_input(i);
    for (std::uint32_t i = 0; i < subgraph_.operators()->size(); ++i) add_operator(i);
    for (std::uint32_t i = 0; i < subgraph_.outputs()->size(); ++i) mark_output(i);
    try {
      check_quantized(model_);
    } catch (const ModelError& error) {
      place_.reject("{}", error.what());
    }
    return std::move(model_);
  }

 private:
  /// A tensor whose value is known once the operators before have run.
  struct Value {
    NodeId node = 0;
    ComputedTensor tensor;
  };

  std::optional<Value>& value(std::int32_t number) {
    return values_[static_cast<std::size_t>(number)];
  }

  /// A tensor that nothing has computed yet and that is about to be.
  ComputedTensor fresh(std::int32_t number, const FilePlace& place) {
    const ComputedTensor tensor = tensors_.computed(number, place);
    if (value(number)) place.reject("tensor {}: is computed already", number);
    if (tensors_.is_constant(number, place)) place.reject("tensor {}: is a constant", number);
    return tensor;
  }

  const Value& computed(std::int32_t number, const FilePlace& place) {
    tensors_.check_number(number, place);
    const auto& found = value(number);
    if (!found && tensors_.is_constant(number, place)) {
      place.reject("tensor {}: is a constant, which is not supported here", number);
    }
    if (!found) place.reject("tensor {}: no earlier operator computes it", number);
    return *found;
  }

  NodeId add_node(Op op, std::vector<NodeId> inputs, QuantParams params, QuantizedWeights weights) {
    model_.activations.push_back(params);
    model_.weights.push_back(std::move(weights));
    return model_.graph.add(std::move(op), std::move(inputs));
  }

  void add_input(std::uint32_t index) {
    const std::int32_t number = subgraph_.inputs()->Get(index);
    const ComputedTensor tensor = fresh(number, place_.at(fmt::format("input {}", index)));
    const NodeId node = add_node(Input{tensor.shape}, {}, tensor.params, {});
    value(number) = {.node = node, .tensor = tensor};
  }

  BuiltinOperator code_of(const Operator& record, const FilePlace& place) const {
    const auto* codes = file_.operator_codes();
    if (record.opcode_index() >= length(codes)) {
      place.reject("code {}: the file has {}", record.opcode_index(), length(codes));
    }
    const OperatorCode& code = *codes->Get(record.opcode_index());
    // Which of the two fields holds it depends on the age of the file; the other one is smaller.
    return std::max(BuiltinOperator{code.deprecated_builtin_code()}, code.builtin_code());
  }

  void add_operator(std::uint32_t index) {
    const Operator& record = *subgraph_.operators()->Get(index);
    const std::string subject = fmt::format("operator {}", index);
    const BuiltinOperator code = code_of(record, place_.at(subject));
    const std::string name = EnumNameBuiltinOperator(code);
    const FilePlace place = place_.at(fmt::format(
        "{} {}", subject,
        name.empty() ? fmt::format("of code {}", static_cast<std::int32_t>(code)) : name));
    const auto count = operand_count(code);
    if (!count) place.reject("is not supported");
    const std::size_t operands = length(record.inputs());
    if (operands < count->fewest || operands > count->most) {
      place.reject("inputs = {}: must be {}", operands,
                   count->fewest == count->most
                       ? std::to_string(count->most)
                       : fmt::format("{} to {}", count->fewest, count->most));
    }
    if (length(record.outputs()) != 1) {
      place.reject("outputs = {}: must be 1", length(record.outputs()));
    }
    FileOperator source{.record = record, .code = code};
    std::vector<NodeId> inputs;
    for (std::uint32_t i = 0; i < operands; ++i) {
      const std::int32_t number = record.inputs()->Get(i);
      if (i >= count->most_computed) {
        source.constants.push_back(number);
        continue;
      }
      const Value& input = computed(number, place.at(fmt::format("input {}", i)));
      inputs.push_back(input.node);
      source.inputs.push_back(input.tensor);
    }
    const std::int32_t output = record.outputs()->Get(0);
    source.output = fresh(output, place.at("output"));
    NodeSource node = read_operator(source, tensors_, place);
    if (!node.op) {
      value(output) = {.node = inputs[0], .tensor = source.output};
      return;
    }
    check_shape(source, *node.op, place, subject);
    const NodeId id = add_node(std::move(*node.op), std::move(inputs), source.output.params,
                               std::move(node.weights));
    value(output) = {.node = id, .tensor = source.output};
  }

  void check_shape(const FileOperator& source, const Op& op, const FilePlace& place,
                   std::string_view subject) const {
    std::vector<Shape> shapes;
    for (const ComputedTensor& input : source.inputs) shapes.push_back(input.shape);
    const Shape inferred = infer_shape(op, shapes, place_.at(subject).text());
    if (source.output.shape != inferred) {
      place.reject("output {}: must be {}", to_string(source.output.shape), to_string(inferred));
    }
  }

  void mark_output(std::uint32_t index) {
    const FilePlace place = place_.at(fmt::format("output {}", index));
    const std::int32_t number = subgraph_.outputs()->Get(index);
    const NodeId node = computed(number, place).node;
    const auto marked = std::ranges::find(outputs_, node);
    if (marked != outputs_.end()) {
      place.reject("tensor {}: is output {} already", number, marked - outputs_.begin());
    }
    outputs_.push_back(node);
    model_.graph.mark_output(node);
  }

  const Model& file_;
  const SubGraph& subgraph_;
  const FilePlace place_;
  FileTensors tensors_;
  std::vector<std::optional<Value>> values_;  // by tensor
  std::vector<NodeId> outputs_;
  QuantizedModel model_;
};

/// The file's root, its FlatBuffers structure proved sound: every offset leads inside.
const Model& verified(std::span<const std::uint8_t> bytes, const FilePlace& place) {
  if (bytes.size() < kIdentifierEnd || !ModelBufferHasIdentifier(bytes.data())) {
    place.reject("is no TensorFlow Lite file: bytes 4 to 7 must read TFL3");
  }
  if (bytes.size() > kLargestFile) {
    place.reject("size = {} bytes: at most {}", bytes.size(), kLargestFile);
  }
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), kMostDepth, kMostTables);
  if (!VerifyModelBuffer(verifier)) place.reject("is cut short or damaged");
  const Model& file = *GetModel(bytes.data());
  if (file.version() != kSchemaVersion) {
    place.reject("version = {}: must be {}", file.version(), kSchemaVersion);
  }
  if (length(file.subgraphs()) != 1) {
    place.reject("subgraphs = {}: must be 1", length(file.subgraphs()));
  }
  return file;
}

}  // namespace
}  // namespace tflite

QuantizedModel read_tflite(std::span<const std::uint8_t> file, std::string_view place) {
  // FlatBuffers reads numbers where they lie, which must be aligned as the allocator aligns.
  const std::vector<std::uint8_t> aligned(file.begin(), file.end());
  const tflite::Model& model = tflite::verified(aligned, tflite::FilePlace(std::string(place)));
  return tflite::NetworkReader(model, *model.subgraphs()->Get(0), place).run();
}

}  // namespace thimble
