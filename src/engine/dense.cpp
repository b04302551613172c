#include "kernels/dense.hpp"

#include <algorithm>

#include "kernels/elementwise.hpp"
#include "operators.hpp"
#include "transpose.hpp"

namespace thimble::engine {
namespace {

class DenseKernelGradient : public Step {
 public:
  struct Tensors {
    TensorId input, gradient, transposed, sums;
  };
  DenseKernelGradient(int inputs, int units, std::int64_t place, Tensors tensors)
      : inputs_(inputs), units_(units), place_(place), tensors_(tensors) {}

  std::string_view name() const override { return "dense, kernel gradient"; }
  void run(Context& context, int block) override {
    float* const sums = context.at(tensors_.sums, block);
    if (context.begins_shard(block)) {
      std::fill_n(sums, std::int64_t{units_} * dense_pitch(inputs_), 0.0F);
    }
    float* const transposed = context.at(tensors_.transposed, block);
    lanes_to_pitched_rows(context.at(tensors_.input, block), inputs_, dense_pitch(inputs_),
                          transposed);
    accumulate_dense({.inputs = inputs_,
                      .units = units_,
                      .input = transposed,
                      .output_gradient = context.at(tensors_.gradient, block),
                      .gradient = sums});
  }
  void finish(Context& context) override {
    float* const gradient = context.parameters->gradients(place_);
    const std::int64_t pitch = dense_pitch(inputs_);
    float* const sums = context.of_shard(tensors_.sums, 0);
    for (int shard = 1; shard < context.shards; ++shard) {
      add(units_ * pitch, sums, context.of_shard(tensors_.sums, shard), Activation::kNone, sums);
    }
    for (int u = 0; u < units_; ++u) {
      std::copy_n(sums + u * pitch, inputs_, gradient + std::int64_t{u} * inputs_);
    }
  }

 private:
  int inputs_;
  int units_;
  std::int64_t place_;
  Tensors tensors_;
};

}  // namespace

void add_dense_kernel_gradient(Compiler& compiler, int inputs, int units, std::int64_t place,
                               TensorId input, TensorId gradient) {
  Plan& plan = compiler.plan();
  const TensorId transposed = plan.add_tensor(std::int64_t{kLanes} * dense_pitch(inputs));
  const TensorId sums = plan.add_shard_workspace(std::int64_t{units} * dense_pitch(inputs));
  compiler.add_step(
      std::make_unique<DenseKernelGradient>(
          inputs, units, place, DenseKernelGradient::Tensors{input, gradient, transposed, sums}),
      {input, gradient, transposed, sums}, When::kTraining);
}

}  // namespace thimble::engine
