#include "kernels/pool.hpp"

#include <algorithm>

#include "operators.hpp"

namespace thimble::engine {
namespace {

/// Room for the places of a window, for each shard its own.
class WindowScratch {
 public:
  WindowScratch(const Sweep& sweep, int shards)
      : places_(static_cast<std::size_t>(sweep.rows.kernel * sweep.columns.kernel)),
        scratch_(places_ * static_cast<std::size_t>(shards)) {}

  std::span<std::size_t> at(int shard) {
    return std::span(scratch_).subspan(static_cast<std::size_t>(shard) * places_, places_);
  }

 private:
  std::size_t places_;
  std::vector<std::size_t> scratch_;
};

class Pool : public Step {
 public:
  Pool(Sweep sweep, PoolKind kind, int shards, TensorId input, TensorId output)
      : sweep_(std::move(sweep)),
        kind_(kind),
        input_(input),
        output_(output),
        scratch_(sweep_, shards) {}

  std::string_view name() const override { return "pool"; }
  void run(Context& context, int block) override {
    pool({.sweep = &sweep_,
          .kind = kind_,
          .source = context.at(input_, block),
          .scratch = scratch_.at(context.shard_of(block))},
         context.at(output_, block));
  }

 private:
  Sweep sweep_;
  PoolKind kind_;
  TensorId input_, output_;
  WindowScratch scratch_;
};

class PoolGradient : public Step {
 public:
  struct Tensors {
    TensorId input, gradient, addend, output;
  };
  PoolGradient(Sweep sweep, const Window& window, PoolKind kind, int shards, Tensors tensors)
      : sweep_(std::move(sweep)),
        kind_(kind),
        tensors_(tensors),
        scratch_(sweep_, shards),
        apart_(apart(window.rows) && apart(window.columns)),
        covering_(covering(window.rows) && covering(window.columns)) {}

  std::string_view name() const override { return "pool, gradient"; }
  void run(Context& context, int block) override {
    float* const output = context.at(tensors_.output, block);
    const std::int64_t floats = floats_of(sweep_.source);
    const bool overwrite = apart_ && tensors_.addend == kNoTensor;
    if (tensors_.addend != kNoTensor) {
      std::copy_n(context.at(tensors_.addend, block), floats, output);
    } else if (!overwrite || !covering_) {
      std::fill_n(output, floats, 0.0F);
    }
    pool_backward({.sweep = &sweep_,
                   .kind = kind_,
                   .source = context.at(tensors_.input, block),
                   .scratch = scratch_.at(context.shard_of(block)),
                   .overwrite = overwrite},
                  context.at(tensors_.gradient, block), output);
  }

 private:
  /// Whether no source is in two windows.
  static bool apart(const AxisGeometry& axis) {
    return axis.stride >= axis.kernel || axis.output == 1;
  }
  /// Whether each source is in a window.
  static bool covering(const AxisGeometry& axis) {
    return axis.stride <= axis.kernel &&
           (axis.output - 1) * axis.stride + axis.kernel - axis.padding >= axis.input;
  }

  Sweep sweep_;
  PoolKind kind_;
  Tensors tensors_;
  WindowScratch scratch_;
  bool apart_;
  bool covering_;
};

void add_pool(Compiler& compiler, NodeId id, const Window& window, PoolKind kind) {
  const NodeId input = compiler.graph().node(id).inputs[0];
  const Sweep sweep{compiler.graph().shape(input), compiler.graph().shape(id),
                    forward_axis(window.rows), forward_axis(window.columns)};
  const int shards = compiler.plan().shards();
  compiler.plan().note_memory(2 * shards * std::int64_t{sizeof(std::size_t)} * window.rows.kernel *
                              window.columns.kernel);
  compiler.set_value(id, compiler.add_tensor(id));
  const TensorId from = compiler.value(input);
  compiler.add_forward(id, std::make_unique<Pool>(sweep, kind, shards, from, compiler.value(id)),
                       {from, compiler.value(id)});
  compiler.set_backward(id, [&compiler, id, input, sweep, window, kind, shards] {
    const TensorId gradient = compiler.gradient(id);
    // An average does not look at what it averaged.
    const TensorId values = kind == PoolKind::kMax ? compiler.value_again(input) : gradient;
    const auto [addend, output] = compiler.contribute(input);
    compiler.add_step(
        std::make_unique<PoolGradient>(sweep, window, kind, shards,
                                       PoolGradient::Tensors{values, gradient, addend, output}),
        {values, gradient, addend, output}, When::kTraining);
  });
}

}  // namespace

void add_operator(Compiler& compiler, NodeId id, const Pool2D& op) {
  const Shape in = compiler.graph().shape(compiler.graph().node(id).inputs[0]);
  add_pool(compiler, id,
           window_of(in, compiler.graph().shape(id), op.window, op.stride, {}, op.padding),
           op.kind);
}

void add_operator(Compiler& compiler, NodeId id, const GlobalPool& op) {
  const Shape in = compiler.graph().shape(compiler.graph().node(id).inputs[0]);
  add_pool(
      compiler, id,
      window_of(in, compiler.graph().shape(id), {in.height, in.width}, {}, {}, Padding::kValid),
      op.kind);
}

}  // namespace thimble::engine
