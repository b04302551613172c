#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "thimble/samples/samples.hpp"

namespace thimble {

/// What one sample becomes: `share` of itself and the rest of the partner, which may be any
/// sample, itself included.
struct Mixture {
  std::uint32_t partner = 0;
  float share = 1;  ///< in [0, 1], from Beta(α, α)
};

/// For one of `samples` samples; α above 0. `own` is the sample's source in this epoch.
Mixture draw_mixture(double alpha, std::size_t samples, const Rng& own);

/// The partners of these samples, in their order.
std::vector<std::uint32_t> partners(double alpha, std::size_t samples,
                                    std::span<const std::uint32_t> indices, std::uint64_t seed,
                                    int epoch);

/// Mixes what fill_batch made of the same arguments: `inputs`, [indices.size(), H, W, C], each with
/// its partner, which is varied as it is in this epoch. Fills `targets`, [indices.size(), outputs],
/// with what is of each label: classes, or, for a single output, of label 1. A sample's mixture
/// depends on the seed, the epoch and its index alone, as its variations do.
void mix_batch(const Samples& samples, const Normalisation& normalisation,
               std::span<const std::uint32_t> indices, const AugmentationPolicy& policy,
               std::uint64_t seed, int epoch, std::span<float> inputs, std::span<float> targets);

}  // namespace thimble
