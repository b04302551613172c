#include <algorithm>

#include "kernels/elementwise.hpp"
#include "operators.hpp"
#include "transpose.hpp"

namespace thimble::engine {
namespace {

/// Brings the caller's samples into the engine's layout.
class Load : public Step {
 public:
  Load(std::int64_t elements, TensorId output) : elements_(elements), output_(output) {}

  std::string_view name() const override { return "load"; }
  void run(Context& context, int block) override {
    const int first = block * kLanes;
    rows_to_lanes(context.batch.inputs.data() + first * elements_,
                  std::min(kLanes, context.batch.samples - first), elements_,
                  context.at(output_, block));
  }

 private:
  std::int64_t elements_;
  TensorId output_;
};

/// `rows` runs of `length` floats, which lie at different pitches in source and target.
struct Strips {
  std::int64_t rows = 0;
  std::int64_t length = 0;
  std::int64_t source_begin = 0;
  std::int64_t source_pitch = 0;
  std::int64_t target_begin = 0;
  std::int64_t target_pitch = 0;
};

/// Copies part of one tensor into part of another, plus an addend shaped like the target (or none).
/// What no strip covers becomes zero when `clear` says so.
class CopyStrips : public Step {
 public:
  struct Tensors {
    TensorId source, addend, target;
  };
  CopyStrips(Strips strips, Tensors tensors, std::int64_t cleared_floats)
      : strips_(strips), tensors_(tensors), cleared_floats_(cleared_floats) {}

  std::string_view name() const override { return "copy"; }
  void run(Context& context, int block) override {
    const float* const source = context.at(tensors_.source, block) + strips_.source_begin;
    float* const target = context.at(tensors_.target, block) + strips_.target_begin;
    const float* const addend = tensors_.addend == kNoTensor
                                    ? nullptr
                                    : context.at(tensors_.addend, block) + strips_.target_begin;
    if (cleared_floats_ > 0) std::fill_n(context.at(tensors_.target, block), cleared_floats_, 0.0F);
    for (std::int64_t row = 0; row < strips_.rows; ++row) {
      const std::int64_t at = row * strips_.target_pitch;
      add(strips_.length, source + row * strips_.source_pitch,
          addend == nullptr ? nullptr : addend + at, Activation::kNone, target + at);
    }
  }

 private:
  Strips strips_;
  Tensors tensors_;
  std::int64_t cleared_floats_;
};

Strips reversed(const Strips& s) {
  return {s.rows, s.length, s.target_begin, s.target_pitch, s.source_begin, s.source_pitch};
}

/// The gradient of what `strips` copied from `input`.
void add_strips_backward(Compiler& compiler, NodeId id, NodeId input, const Strips& strips) {
  if (!compiler.needs_gradient(input)) return;
  const TensorId gradient = compiler.gradient(id);
  const auto [addend, output] = compiler.contribute(input);
  compiler.add_step(std::make_unique<CopyStrips>(reversed(strips),
                                                 CopyStrips::Tensors{gradient, addend, output}, 0),
                    {gradient, addend, output}, When::kTraining);
}

}  // namespace

void add_operator(Compiler& compiler, NodeId id, const Input& op) {
  compiler.set_value(id, compiler.add_tensor(id));
  compiler.add_forward(id, std::make_unique<Load>(op.shape.elements(), compiler.value(id)),
                       {compiler.value(id)});
}

void add_operator(Compiler& compiler, NodeId id, const Flatten&) {
  const NodeId input = compiler.graph().node(id).inputs[0];
  compiler.set_alias(id);
  compiler.set_backward(
      id, [&compiler, id, input] { compiler.pass_gradient(input, compiler.gradient(id)); });
}

void add_operator(Compiler& compiler, NodeId id, const Concat&) {
  const Graph& graph = compiler.graph();
  const std::vector<NodeId>& inputs = graph.node(id).inputs;
  const Shape out = graph.shape(id);
  compiler.set_value(id, compiler.add_tensor(id));
  std::vector<Strips> strips;
  std::int64_t channel = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::int64_t length = std::int64_t{graph.shape(inputs[i]).channels} * kLanes;
    strips.push_back({.rows = std::int64_t{out.height} * out.width,
                      .length = length,
                      .source_pitch = length,
                      .target_begin = channel * kLanes,
                      .target_pitch = std::int64_t{out.channels} * kLanes});
    channel += graph.shape(inputs[i]).channels;
    const TensorId source = compiler.value(inputs[i]);
    auto step = std::make_unique<CopyStrips>(
        strips.back(), CopyStrips::Tensors{source, kNoTensor, compiler.value(id)}, 0);
    if (i + 1 == inputs.size()) {
      compiler.add_forward(id, std::move(step), {source, compiler.value(id)});
    } else {
      compiler.add_step(std::move(step), {source, compiler.value(id)}, When::kAlways);
    }
  }
  compiler.set_backward(id, [&compiler, id, inputs, strips] {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      add_strips_backward(compiler, id, inputs[i], strips[i]);
    }
  });
}

void add_operator(Compiler& compiler, NodeId id, const Pad& op) {
  const NodeId input = compiler.graph().node(id).inputs[0];
  const Shape in = compiler.graph().shape(input);
  const Shape out = compiler.graph().shape(id);
  const std::int64_t pixel = std::int64_t{in.channels} * kLanes;
  const Strips strips{.rows = in.height,
                      .length = in.width * pixel,
                      .source_pitch = in.width * pixel,
                      .target_begin = (std::int64_t{op.top} * out.width + op.left) * pixel,
                      .target_pitch = out.width * pixel};
  compiler.set_value(id, compiler.add_tensor(id));
  const TensorId source = compiler.value(input);
  compiler.add_forward(
      id,
      std::make_unique<CopyStrips>(
          strips, CopyStrips::Tensors{source, kNoTensor, compiler.value(id)}, floats_of(out)),
      {source, compiler.value(id)});
  compiler.set_backward(
      id, [&compiler, id, input, strips] { add_strips_backward(compiler, id, input, strips); });
}

}  // namespace thimble::engine
