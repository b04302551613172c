#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "thimble/samples/augmentation.hpp"
#include "thimble/samples/samples.hpp"

namespace thimble {

/// Fills `out`, [indices.size(), H, W, C], with normalised samples. With a policy, sample i is
/// varied (but not mixed: data/mixup.hpp) as drawn from Rng(seed).fork(epoch).fork(i) and forks of
/// it: the same for a sample and an epoch whatever batch, order or thread it comes in. Samples are
/// placed before they are normalised, so black from outside a turned image is the normalised 0.
/// Only images are ever turned and cropped. Versions of clips must be there where the policy has a
/// waveform. Allocates nothing after the first call of a thread for a shape.
void fill_batch(const Samples& samples, const Normalisation& normalisation,
                std::span<const std::uint32_t> indices, const AugmentationPolicy* policy,
                std::uint64_t seed, int epoch, std::span<float> out);

/// Tells the system that these samples will be wanted soon, so that a disk fetches them meanwhile.
/// Returns at once; does nothing for samples in memory.
void prefetch(const Samples& samples, std::span<const std::uint32_t> indices);

/// The numbers 0 … n−1 in the order in which an epoch visits them: a shuffle that depends on n,
/// seed and epoch only.
std::vector<std::uint32_t> epoch_order(std::size_t n, std::uint64_t seed, int epoch);

}  // namespace thimble
