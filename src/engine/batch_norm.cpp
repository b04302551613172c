#include <cmath>
#include <memory>

#include "kernels/normalise.hpp"
#include "operators.hpp"

namespace thimble::engine {
namespace {

/// What the steps of one batch norm share. Vectors are by channel.
struct Normalisation {
  Normalisation(Shape image, int most_shards, float epsilon_of_op, float momentum_of_engine,
                ParameterPlace where)
      : shape(image),
        channels(static_cast<std::size_t>(image.channels)),
        epsilon(epsilon_of_op),
        momentum(momentum_of_engine),
        place(where),
        activation(Activation::kNone),
        shards(static_cast<std::size_t>(most_shards)),
        sums(shards * channels),
        products(shards * channels),
        shift(shards * channels),
        mean(channels),
        inverse_deviation(channels),
        scale(channels),
        offset(channels),
        slope(channels),
        constant(channels) {}

  std::int64_t memory() const {
    const std::int64_t of_shard = 2 * sizeof(double) + sizeof(float);
    return shape.channels *
           (static_cast<std::int64_t>(shards) * of_shard + std::int64_t{6 * sizeof(float)});
  }
  Field field(const float* mask) const {
    return {static_cast<std::size_t>(shape.height) * static_cast<std::size_t>(shape.width),
            channels, mask};
  }
  /// Values of a channel in so many samples.
  double count(int samples) const {
    return static_cast<double>(samples) * shape.height * shape.width;
  }
  /// Where a shard's sums begin.
  std::size_t place_of(int shard) const { return static_cast<std::size_t>(shard) * channels; }
  void clear_sums(int shard) {
    std::fill_n(&sums[place_of(shard)], channels, 0.0);
    std::fill_n(&products[place_of(shard)], channels, 0.0);
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
  std::size_t shards;
  std::vector<double> sums, products;  // by shard, by channel
  std::vector<float> shift;            // the same
  std::vector<float> mean, inverse_deviation, scale, offset, slope, constant;
};

class Moments : public Step {
 public:
  Moments(std::shared_ptr<Normalisation> norm, TensorId input)
      : norm_(std::move(norm)), input_(input) {}

  std::string_view name() const override { return "batch norm, moments"; }

  void run(Context& context, int block) override {
    const int shard = context.shard_of(block);
    if (context.begins_shard(block)) choose_shift(context, block, shard);
    add(context, block, shard);
  }

  /// Moments of shards become those of the batch [Chan, Golub & LeVeque 1979].
  void finish(Context& context) override {
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
  void add(Context& context, int block, int shard) {
    const std::size_t at = norm_->place_of(shard);
    add_moments(norm_->field(context.mask(block)), context.at(input_, block), &norm_->shift[at],
                &norm_->sums[at], &norm_->products[at]);
  }

  /// The first block's mean stands for the whole shard's: with it taken off, squares do not cancel.
  void choose_shift(Context& context, int block, int shard) {
    float* const shift = &norm_->shift[norm_->place_of(shard)];
    std::fill_n(shift, norm_->channels, 0.0F);
    norm_->clear_sums(shard);
    add(context, block, shard);
    const int samples = std::min(kLanes, context.samples_of(shard));
    for (std::size_t c = 0; c < norm_->channels; ++c) {
      shift[c] =
          static_cast<float>(norm_->sums[norm_->place_of(shard) + c] / norm_->count(samples));
    }
    norm_->clear_sums(shard);
  }

  std::shared_ptr<Normalisation> norm_;
  TensorId input_;
};

class Normalise : public Step {
 public:
  Normalise(std::shared_ptr<Normalisation> norm, TensorId input, TensorId output)
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

  std::string_view name() const override { return "batch norm, gradient moments"; }
  void run(Context& context, int block) override {
    const int shard = context.shard_of(block);
    if (context.begins_shard(block)) norm_->clear_sums(shard);
    add_gradient_moments(backward_task(*norm_, context, block, input_, gradient_),
                         &norm_->sums[norm_->place_of(shard)],
                         &norm_->products[norm_->place_of(shard)]);
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

}  // namespace

void add_operator(Compiler& compiler, NodeId id, const BatchNorm& op) {
  const NodeId source = compiler.graph().node(id).inputs[0];
  const auto norm = std::make_shared<Normalisation>(
      compiler.graph().shape(id), compiler.plan().shards(), op.epsilon,
      compiler.options().batch_norm_momentum, compiler.parameters(id));
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
