#include "thimble/samples/mixup.hpp"

#include <algorithm>
#include <cmath>

#include "thimble/core/error.hpp"
#include "thimble/samples/batch.hpp"
#include "variation_streams.hpp"

namespace thimble {
namespace {

/// Partners that are read at once: few, so that a mixed batch takes little more memory than a plain
/// one, and more than one, for a call of fill_batch has a price.
constexpr std::size_t kAtOnce = 16;

/// The logarithm of a number from Gamma(shape, 1), by rejection (Marsaglia & Tsang 2000); below 1
/// through Gamma(shape + 1) · U^(1 / shape). As a logarithm, because small shapes give numbers that
/// are none in floating point.
double log_gamma_draw(double shape, Rng& rng) {
  if (shape < 1) {
    const double larger = log_gamma_draw(shape + 1, rng);
    return larger + std::log(1 - rng.uniform()) / shape;
  }
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = rng.normal();
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    if (std::log(1 - rng.uniform()) < x * x / 2 + d - d * v + d * std::log(v)) {
      return std::log(d * v);
    }
  }
}

void add_label(std::int32_t label, float share, std::span<float> target) {
  if (target.size() == 1) {
    target[0] += share * static_cast<float>(label);
  } else {
    target[static_cast<std::size_t>(label)] += share;
  }
}

}  // namespace

Mixture draw_mixture(double alpha, std::size_t samples, const Rng& own) {
  THIMBLE_ASSERT(alpha > 0 && samples > 0);
  Rng rng = stream_of(own, VariationStream::kMixup);
  const auto partner = rng.uniform_int(0, static_cast<std::int64_t>(samples) - 1);
  // X / (X + Y) of two gamma numbers is from Beta(α, α).
  const double x = log_gamma_draw(alpha, rng);
  const double y = log_gamma_draw(alpha, rng);
  return {.partner = static_cast<std::uint32_t>(partner),
          .share = static_cast<float>(1 / (1 + std::exp(y - x)))};
}

std::vector<std::uint32_t> partners(double alpha, std::size_t samples,
                                    std::span<const std::uint32_t> indices, std::uint64_t seed,
                                    int epoch) {
  const Rng rng = epoch_source(seed, epoch);
  std::vector<std::uint32_t> found;
  found.reserve(indices.size());
  for (const std::uint32_t index : indices) {
    found.push_back(draw_mixture(alpha, samples, rng.fork(index)).partner);
  }
  return found;
}

void mix_batch(const Samples& samples, const Normalisation& normalisation,
               std::span<const std::uint32_t> indices, const AugmentationPolicy& policy,
               std::uint64_t seed, int epoch, std::span<float> inputs, std::span<float> targets) {
  const auto elements = static_cast<std::size_t>(samples.shape.elements());
  THIMBLE_ASSERT(inputs.size() == indices.size() * elements);
  THIMBLE_ASSERT(!indices.empty() && targets.size() % indices.size() == 0);
  const std::size_t outputs = targets.size() / indices.size();
  const Rng rng = epoch_source(seed, epoch);
  std::vector<float> others(std::min(kAtOnce, indices.size()) * elements);
  std::vector<std::uint32_t> with;
  std::vector<float> shares;
  std::ranges::fill(targets, 0.0F);
  for (std::size_t begin = 0; begin < indices.size(); begin += kAtOnce) {
    const auto some = indices.subspan(begin, std::min(kAtOnce, indices.size() - begin));
    with.clear();
    shares.clear();
    for (const std::uint32_t index : some) {
      const Mixture mixture = draw_mixture(policy.mixup, samples.size(), rng.fork(index));
      with.push_back(mixture.partner);
      shares.push_back(mixture.share);
    }
    fill_batch(samples, normalisation, with, &policy, seed, epoch,
               std::span(others).first(some.size() * elements));
    for (std::size_t i = 0; i < some.size(); ++i) {
      const float share = shares[i];
      const auto input = inputs.subspan((begin + i) * elements, elements);
      const float* other = others.data() + i * elements;
      for (std::size_t e = 0; e < elements; ++e) {
        input[e] = other[e] + share * (input[e] - other[e]);
      }
      const auto target = targets.subspan((begin + i) * outputs, outputs);
      add_label(samples.labels[some[i]], share, target);
      add_label(samples.labels[with[i]], 1 - share, target);
    }
  }
}

}  // namespace thimble
