#include <cmath>
#include <memory>

#include "normalisation.hpp"
#include "operators.hpp"

namespace thimble::engine {
namespace {

/// Leaves what it sees in `kept`, unless that is the input itself.
class Moments : public Step {
 public:
  Moments(std::shared_ptr<Normalisation> norm, TensorId input, KeptTensor kept)
      : norm_(std::move(norm)), input_(input), kept_(kept) {}

  std::string_view name() const override { return "batch norm, moments"; }

  void run(Context& context, int block) override {
    if (!context.batch.training) {
      if (Bfloat16* const rounded = kept_.rounded(context, block)) {
        round_to_half(norm_->field(nullptr), context.at(input_, block), rounded);
      }
      return;
    }
    const int shard = context.shard_of(block);
    if (context.begins_shard(block)) choose_shift(context, block, shard);
    add(context, block, shard, kept_.rounded(context, block));
  }

  /// Moments of shards become those of the batch [Chan, Golub & LeVeque 1979].
  void finish(Context& context) override {
    if (!context.batch.training) return;
    const double momentum = double{norm_->momentum};
    float* const running_mean = context.parameters->statistics(norm_->place.mean);
    float* const running_variance = context.parameters->statistics(norm_->place.variance);
    for (std::size_t c = 0; c < norm_->channels; ++c) {
      double count = 0;
      double mean = 0;
      double squares = 0;  // of the distances from the mean
      for (int shard = 0; shard < context.shards; ++shard) {
        const std::size_t at = norm_->place_of(shard) + c;
        const double more = norm_->count(context.samples_of(shard));
        const double from_shift = norm_->sums[at] / more;
        const double distance = double{norm_->shift[at]} + from_shift - mean;
        const double all = count + more;
        squares += norm_->products[at] - more * from_shift * from_shift +
                   distance * distance * count * more / all;
        mean += distance * more / all;
        count = all;
      }
      // A single value has no unbiased variance; what diverges must be seen, and max(0, NaN) is 0.
      const double variance = std::isnan(squares) ? squares : std::max(0.0, squares / count);
      const double unbiased = count > 1 ? count / (count - 1) : 1;
      norm_->mean[c] = static_cast<float>(mean);
      norm_->inverse_deviation[c] =
          static_cast<float>(1 / std::sqrt(variance + double{norm_->epsilon}));
      running_mean[c] =
          static_cast<float>(momentum * double{running_mean[c]} + (1 - momentum) * mean);
      running_variance[c] = static_cast<float>(momentum * double{running_variance[c]} +
                                               (1 - momentum) * variance * unbiased);
    }
    norm_->set_affine(*context.parameters);
  }

 private:
  void add(Context& context, int block, int shard, Bfloat16* rounded) {
    const std::size_t at = norm_->place_of(shard);
    add_moments(norm_->field(context.mask(block)), context.at(input_, block), &norm_->shift[at],
                &norm_->sums[at], &norm_->products[at], rounded);
  }

  /// The first block's mean stands for the whole shard's: with it taken off, squares do not cancel.
  void choose_shift(Context& context, int block, int shard) {
    float* const shift = &norm_->shift[norm_->place_of(shard)];
    std::fill_n(shift, norm_->channels, 0.0F);
    norm_->clear_sums(shard);
    add(context, block, shard, nullptr);
    const int samples = std::min(kLanes, context.samples_of(shard));
    for (std::size_t c = 0; c < norm_->channels; ++c) {
      shift[c] =
          static_cast<float>(norm_->sums[norm_->place_of(shard) + c] / norm_->count(samples));
    }
    norm_->clear_sums(shard);
  }

  std::shared_ptr<Normalisation> norm_;
  TensorId input_;
  KeptTensor kept_;
};

class Normalise : public Step {
 public:
  Normalise(std::shared_ptr<Normalisation> norm, KeptTensor input, TensorId output)
      : norm_(std::move(norm)), input_(input), output_(output) {}

  std::string_view name() const override { return "batch norm"; }
  void begin(Context& context) override {
    if (context.batch.training) return;
    const float* const mean = context.parameters->statistics(norm_->place.mean);
    const float* const variance = context.parameters->statistics(norm_->place.variance);
    for (std::size_t c = 0; c < norm_->channels; ++c) {
      norm_->mean[c] = mean[c];
      norm_->inverse_deviation[c] = 1.0F / std::sqrt(variance[c] + norm_->epsilon);
    }
    norm_->set_affine(*context.parameters);
  }

  void run(Context& context, int block) override {
    normalise(norm_->field(nullptr), input_.values(context, block), norm_->scale.data(),
              norm_->offset.data(), norm_->activation, context.at(output_, block));
  }

 private:
  std::shared_ptr<Normalisation> norm_;
  KeptTensor input_;
  TensorId output_;
};

NormaliseBackward backward_task(const Normalisation& norm, const Context& context, int block,
                                KeptTensor values, KeptTensor gradient) {
  return {.field = norm.field(context.mask(block)),
          .values = values.values(context, block),
          .gradient = gradient.values(context, block),
          .scale = norm.scale.data(),
          .offset = norm.offset.data(),
          .mean = norm.mean.data(),
          .activation = norm.activation};
}

/// Leaves the gradient in `kept`, unless that is the gradient itself.
class GradientMoments : public Step {
 public:
  GradientMoments(std::shared_ptr<Normalisation> norm, KeptTensor input, TensorId gradient,
                  KeptTensor kept)
      : norm_(std::move(norm)), input_(input), gradient_(gradient), kept_(kept) {}

  std::string_view name() const override { return "batch norm, gradient moments"; }
  void run(Context& context, int block) override {
    const int shard = context.shard_of(block);
    if (context.begins_shard(block)) norm_->clear_sums(shard);
    add_gradient_moments(backward_task(*norm_, context, block, input_, {gradient_}),
                         &norm_->sums[norm_->place_of(shard)],
                         &norm_->products[norm_->place_of(shard)], kept_.rounded(context, block));
  }

  /// dx = γ/σ (g − mean(g) − x̂ · mean(g · x̂)), x̂ = (x − μ)/σ  [Ioffe & Szegedy 2015, §3].
  void finish(Context& context) override {
    const double count = norm_->count(context.batch.samples);
    float* const gamma = context.parameters->gradients(norm_->place.gamma);
    float* const beta = context.parameters->gradients(norm_->place.beta);
    for (std::size_t c = 0; c < norm_->channels; ++c) {
      const double inverse = double{norm_->inverse_deviation[c]};
      const double scale = double{norm_->scale[c]};
      double sum = 0;
      double product = 0;
      for (int shard = 0; shard < context.shards; ++shard) {
        sum += norm_->sums[norm_->place_of(shard) + c];
        product += norm_->products[norm_->place_of(shard) + c];
      }
      gamma[c] = static_cast<float>(product * inverse);
      beta[c] = static_cast<float>(sum);
      norm_->slope[c] = static_cast<float>(-scale * inverse * inverse * product / count);
      norm_->constant[c] = static_cast<float>(-scale * sum / count);
    }
  }

 private:
  std::shared_ptr<Normalisation> norm_;
  KeptTensor input_;
  TensorId gradient_;
  KeptTensor kept_;
};

class DataGradient : public Step {
 public:
  struct Tensors {
    KeptTensor input, gradient;
    TensorId addend, output;
  };
  DataGradient(std::shared_ptr<Normalisation> norm, Tensors tensors)
      : norm_(std::move(norm)), tensors_(tensors) {}

  std::string_view name() const override { return "batch norm, data gradient"; }
  void run(Context& context, int block) override {
    normalise_backward(backward_task(*norm_, context, block, tensors_.input, tensors_.gradient),
                       norm_->slope.data(), norm_->constant.data(),
                       tensors_.addend == kNoTensor ? nullptr : context.at(tensors_.addend, block),
                       context.at(tensors_.output, block));
  }

 private:
  std::shared_ptr<Normalisation> norm_;
  Tensors tensors_;
};

/// Whether the value of `source` is needed for nothing but the batch norm that reads it: a sum of
/// products whose gradients need it not.
bool only_to_normalise(const Compiler& compiler, NodeId source) {
  const Op& op = compiler.graph().node(source).op;
  const bool sums = std::holds_alternative<Conv2D>(op) ||
                    std::holds_alternative<DepthwiseConv2D>(op) ||
                    std::holds_alternative<Dense>(op);
  return sums && compiler.activation(source) == Activation::kNone && compiler.is_read_once(source);
}

}  // namespace

void add_operator(Compiler& compiler, NodeId id, const BatchNorm& op) {
  const NodeId source = compiler.graph().node(id).inputs[0];
  const auto norm = std::make_shared<Normalisation>(
      compiler.graph().shape(id), compiler.plan().shards(), op.epsilon,
      compiler.options().batch_norm_momentum, compiler.parameters(id));
  norm->activation = compiler.activation(id);
  compiler.plan().note_memory(norm->memory());
  const TensorId input = compiler.value(source);
  const bool rounds =
      compiler.options().kept == Precision::kBfloat16 && only_to_normalise(compiler, source);
  const KeptTensor kept =
      rounds ? KeptTensor{compiler.add_half_tensor(id), Precision::kBfloat16} : KeptTensor{input};
  compiler.add_step(std::make_unique<Moments>(norm, input, kept), {input, kept.id},
                    rounds ? When::kAlways : When::kTraining);
  compiler.plan().end_segment();
  compiler.set_value(id, compiler.add_tensor(id));
  compiler.add_forward(id, std::make_unique<Normalise>(norm, kept, compiler.value(id)),
                       {kept.id, compiler.value(id)});
  const auto values_again = [&compiler, source, kept, rounds] {
    return rounds ? kept : KeptTensor{compiler.value_again(source)};
  };
  compiler.set_recompute(id, [&compiler, norm, values_again](TensorId output) {
    const KeptTensor values = values_again();
    compiler.add_step(std::make_unique<Normalise>(norm, values, output), {values.id, output},
                      When::kTraining);
  });
  compiler.set_backward(id, [&compiler, norm, source, id, values_again, rounds] {
    const TensorId gradient = compiler.gradient(id);
    const KeptTensor values = values_again();
    const bool keeps = rounds && compiler.needs_gradient(source) && compiler.owns_gradient(id);
    const KeptTensor kept_gradient =
        keeps ? KeptTensor{compiler.add_half_tensor(id), Precision::kBfloat16}
              : KeptTensor{gradient};
    compiler.add_step(std::make_unique<GradientMoments>(norm, values, gradient, kept_gradient),
                      {values.id, gradient, kept_gradient.id}, When::kTraining);
    if (!compiler.needs_gradient(source)) return;
    compiler.plan().end_segment();
    const KeptTensor again = values_again();
    const auto [addend, output] = compiler.contribute(source);
    compiler.add_step(std::make_unique<DataGradient>(
                          norm, DataGradient::Tensors{again, kept_gradient, addend, output}),
                      {again.id, kept_gradient.id, addend, output}, When::kTraining);
  });
}

}  // namespace thimble::engine
