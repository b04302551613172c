#include <cmath>

#include "operators.hpp"
#include "thimble/core/rng.hpp"

namespace thimble::engine {
namespace {

/// Forward, and backward over the gradient: both draw the same values again, for a draw depends on
/// its place only.
class DropoutStep : public Step {
 public:
  struct Tensors {
    TensorId source, addend, output;
  };
  DropoutStep(std::int64_t elements, float rate, std::uint64_t seed, Tensors tensors)
      : elements_(elements),
        threshold_(static_cast<std::uint32_t>(std::min(double{rate} * 0x1p32, 0x1p32 - 1))),
        scale_(1.0F / (1.0F - rate)),
        seed_(seed),
        tensors_(tensors) {}

  std::string_view name() const override { return "dropout"; }
  void run(Context& context, int block) override {
    const float* const source = context.at(tensors_.source, block);
    const float* const addend =
        tensors_.addend == kNoTensor ? nullptr : context.at(tensors_.addend, block);
    float* const output = context.at(tensors_.output, block);
    const std::uint64_t stream =
        mix(mix(seed_, context.batch.step), static_cast<std::uint64_t>(block));
    for (std::int64_t i = 0; i < elements_ * kLanes; i += 2) {
      const std::uint64_t draw = mix(stream, static_cast<std::uint64_t>(i));
      const bool keep[] = {
          !context.batch.training || static_cast<std::uint32_t>(draw) >= threshold_,
          !context.batch.training || static_cast<std::uint32_t>(draw >> 32) >= threshold_};
      for (std::int64_t k = 0; k < 2; ++k) {
        const float kept = context.batch.training ? source[i + k] * scale_ : source[i + k];
        output[i + k] = (keep[k] ? kept : 0) + (addend == nullptr ? 0 : addend[i + k]);
      }
    }
  }

 private:
  std::int64_t elements_;
  std::uint32_t threshold_;
  float scale_;
  std::uint64_t seed_;
  Tensors tensors_;
};

}  // namespace

void add_operator(Compiler& compiler, NodeId id, const Dropout& op) {
  const NodeId input = compiler.graph().node(id).inputs[0];
  const std::int64_t elements = compiler.graph().shape(id).elements();
  const std::uint64_t seed = mix(compiler.options().dropout_seed, static_cast<std::uint64_t>(id));
  compiler.set_value(id, compiler.add_tensor(id));
  const DropoutStep::Tensors tensors{compiler.value(input), kNoTensor, compiler.value(id)};
  compiler.add_forward(id, std::make_unique<DropoutStep>(elements, op.rate, seed, tensors),
                       {tensors.source, tensors.output});
  compiler.set_backward(id, [&compiler, id, input, elements, op, seed] {
    const TensorId gradient = compiler.gradient(id);
    const auto [addend, output] = compiler.contribute(input);
    compiler.add_step(std::make_unique<DropoutStep>(elements, op.rate, seed,
                                                    DropoutStep::Tensors{gradient, addend, output}),
                      {gradient, addend, output}, When::kTraining);
  });
}

}  // namespace thimble::engine
