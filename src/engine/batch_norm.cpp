#include <cmath>
#include <memory>

#include "kernels/normalise.hpp"
#include "operators.hpp"

namespace thimble::engine {
namespace {

/// What the steps of one batch norm share. Vectors are by channel.
struct Normalisation {
  Normalisation(Shape image, float epsilon_of_op, float momentum_of_engine, ParameterPlace where)
      : shape(image),
        channels(static_cast<std::size_t>(image.channels)),
        epsilon(epsilon_of_op),
        momentum(momentum_of_engine),
        place(where),
        activation(Activation::kNone),
        sums(channels),
        products(channels),
        mean(channels),
        inverse_deviation(channels),
        scale(channels),
        offset(channels),
        slope(channels),
        constant(channels) {}

  std::int64_t memory() const {
    return shape.channels * std::int64_t{2 * sizeof(double) + 6 * sizeof(float)};
  }
  Field field(const float* mask) const {
    return {static_cast<std::size_t>(shape.height) * static_cast<std::size_t>(shape.width),
            channels, mask};
  }
  double count(const Context& context) const {
    return static_cast<double>(context.batch.samples) * shape.height * shape.width;
  }
  /// y = scale · x + offset.
  void set_affine(Parameters& parameters) {
    const float* gamma = parameters.values(place.gamma);
    const float* beta = parameters.values(place.beta);
    for (std::size_t c = 0; c < channels; ++c) {
      scale[c] = gamma[c] * inverse_deviation[c];
      offset[c] = beta[c] - mean[c] * scale[c];
    }
  }

  Shape shape;
  std::size_t channels;
  float epsilon;
  float momentum;
  ParameterPlace place;
  Activation activation;
  std::vector<double> sums, products;
  std::vector<float> mean, inverse_deviation, scale, offset, slope, constant;
};

class Moments : public Step {
 public:
  Moments(std::shared_ptr<Normalisation> norm, TensorId input)
      : norm_(std::move(norm)), input_(input), shift_(norm_->channels, 0.0F) {}

  void begin(Context&) override { clear(); }

  void run(Context& context, int block) override {
    const float* const values = context.at(input_, block);
    const float* const mask = context.mask(block);
    if (block == 0) {
      // The first block's mean stands for the whole batch's: with it taken off, squares do not
      // cancel.
      std::ranges::fill(shift_, 0.0F);
      add_moments(norm_->field(mask), values, shift_.data(), norm_->sums.data(),
                  norm_->products.data());
      const double count = std::min(context.batch.samples, kLanes) *
                           static_cast<double>(norm_->field(nullptr).pixels);
      for (std::size_t c = 0; c < norm_->channels; ++c) {
        shift_[c] = static_cast<float>(norm_->sums[c] / count);
      }
      clear();
    }
    add_moments(norm_->field(mask), values, shift_.data(), norm_->sums.data(),
                norm_->products.data());
  }

  void finish(Context& context) override {
    const double count = norm_->count(context);
    const double momentum = double{norm_->momentum};
    // A single value has no unbiased variance.
    const double unbiased = count > 1 ? count / (count - 1) : 1;
    float* const running_mean = context.parameters->statistics(norm_->place.mean);
    float* const running_variance = context.parameters->statistics(norm_->place.variance);
    for (std::size_t c = 0; c < norm_->channels; ++c) {
      const double from_shift = norm_->sums[c] / count;
      const double mean = double{shift_[c]} + from_shift;
      const double variance = std::max(0.0, norm_->products[c] / count - from_shift * from_shift);
      norm_->mean[c] = static_cast<float>(mean);
      norm_->inverse_deviation[c] =
          static_cast<float>(1 / std::sqrt(variance + double{norm_->epsilon}));
      running_mean[c] =
          static_cast<float>(momentum * double{running_mean[c]} + (1 - momentum) * mean);
      running_variance[c] = static_cast<float>(momentum * double{running_variance[c]} +
                                               (1 - momentum) * variance * unbiased);
      // What diverges must be seen, and max(0, NaN) is 0.
      if (std::isnan(norm_->products[c])) norm_->inverse_deviation[c] = NAN;
    }
    norm_->set_affine(*context.parameters);
  }

 private:
  void clear() {
    std::ranges::fill(norm_->sums, 0.0);
    std::ranges::fill(norm_->products, 0.0);
  }

  std::shared_ptr<Normalisation> norm_;
  TensorId input_;
  std::vector<float> shift_;
};

class Normalise : public Step {
 public:
  Normalise(std::shared_ptr<Normalisation> norm, TensorId input, TensorId output)
      : norm_(std::move(norm)), input_(input), output_(output) {}

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
    normalise(norm_->field(nullptr), context.at(input_, block), norm_->scale.data(),
              norm_->offset.data(), norm_->activation, context.at(output_, block));
  }

 private:
  std::shared_ptr<Normalisation> norm_;
  TensorId input_;
  TensorId output_;
};

NormaliseBackward backward_task(const Normalisation& norm, const Context& context, int block,
                                TensorId values, TensorId gradient) {
  return {.field = norm.field(context.mask(block)),
          .values = context.at(values, block),
          .gradient = context.at(gradient, block),
          .scale = norm.scale.data(),
          .offset = norm.offset.data(),
          .mean = norm.mean.data(),
          .activation = norm.activation};
}

class GradientMoments : public Step {
 public:
  GradientMoments(std::shared_ptr<Normalisation> norm, TensorId input, TensorId gradient)
      : norm_(std::move(norm)), input_(input), gradient_(gradient) {}

  void begin(Context&) override {
    std::ranges::fill(norm_->sums, 0.0);
    std::ranges::fill(norm_->products, 0.0);
  }

  void run(Context& context, int block) override {
    add_gradient_moments(backward_task(*norm_, context, block, input_, gradient_),
                         norm_->sums.data(), norm_->products.data());
  }

  /// dx = γ/σ (g − mean(g) − x̂ · mean(g · x̂)), x̂ = (x − μ)/σ  [Ioffe & Szegedy 2015, §3].
  void finish(Context& context) override {
    const double count = norm_->count(context);
    float* const gamma = context.parameters->gradients(norm_->place.gamma);
    float* const beta = context.parameters->gradients(norm_->place.beta);
    for (std::size_t c = 0; c < norm_->channels; ++c) {
      const double inverse = double{norm_->inverse_deviation[c]};
      const double scale = double{norm_->scale[c]};
      gamma[c] = static_cast<float>(norm_->products[c] * inverse);
      beta[c] = static_cast<float>(norm_->sums[c]);
      norm_->slope[c] = static_cast<float>(-scale * inverse * inverse * norm_->products[c] / count);
      norm_->constant[c] = static_cast<float>(-scale * norm_->sums[c] / count);
    }
  }

 private:
  std::shared_ptr<Normalisation> norm_;
  TensorId input_;
  TensorId gradient_;
};

class DataGradient : public Step {
 public:
  struct Tensors {
    TensorId input, gradient, addend, output;
  };
  DataGradient(std::shared_ptr<Normalisation> norm, Tensors tensors)
      : norm_(std::move(norm)), tensors_(tensors) {}

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

}  // namespace

void add_operator(Compiler& compiler, NodeId id, const BatchNorm& op) {
  const NodeId source = compiler.graph().node(id).inputs[0];
  const auto norm = std::make_shared<Normalisation>(compiler.graph().shape(id), op.epsilon,
                                                    compiler.options().batch_norm_momentum,
                                                    compiler.parameters(id));
  norm->activation = compiler.activation(id);
  compiler.plan().note_memory(norm->memory());
  const TensorId input = compiler.value(source);
  compiler.add_step(std::make_unique<Moments>(norm, input), {input}, When::kTraining);
  compiler.plan().end_segment();
  compiler.set_value(id, compiler.add_tensor(id));
  compiler.add_forward(id, std::make_unique<Normalise>(norm, input, compiler.value(id)),
                       {input, compiler.value(id)});
  compiler.set_recompute(id, [&compiler, norm, source](TensorId output) {
    const TensorId values = compiler.value_again(source);
    compiler.add_step(std::make_unique<Normalise>(norm, values, output), {values, output},
                      When::kTraining);
  });
  compiler.set_backward(id, [&compiler, norm, source, id] {
    const TensorId gradient = compiler.gradient(id);
    const TensorId values = compiler.value_again(source);
    compiler.add_step(std::make_unique<GradientMoments>(norm, values, gradient), {values, gradient},
                      When::kTraining);
    if (!compiler.needs_gradient(source)) return;
    compiler.plan().end_segment();
    const TensorId again = compiler.value_again(source);
    const auto [addend, output] = compiler.contribute(source);
    compiler.add_step(std::make_unique<DataGradient>(
                          norm, DataGradient::Tensors{again, gradient, addend, output}),
                      {again, gradient, addend, output}, When::kTraining);
  });
}

}  // namespace thimble::engine
