#pragma once

#include <algorithm>
#include <vector>

#include "kernels/normalise.hpp"
#include "step.hpp"
#include "thimble/engine/engine.hpp"

namespace thimble::engine {

/// A tensor that waits from one pass to another, in one of two precisions.
struct KeptTensor {
  TensorId id = kNoTensor;
  Precision precision = Precision::kSingle;

  Values values(const Context& context, int block) const {
    if (precision == Precision::kBfloat16) return {.half = rounded(context, block)};
    return {.single = context.at(id, block)};
  }
  /// Where to leave what was rounded; null where nothing is.
  Bfloat16* rounded(const Context& context, int block) const {
    if (precision == Precision::kSingle) return nullptr;
    return reinterpret_cast<Bfloat16*>(context.at(id, block));
  }
};

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

}  // namespace thimble::engine
