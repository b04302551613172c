#include "thimble/samples/mixup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numeric>

#include "thimble/samples/batch.hpp"

namespace thimble {
namespace {

Samples random_images(std::size_t n, std::uint64_t seed) {
  Rng rng(seed);
  Samples samples{.shape = {.height = 4, .width = 3, .channels = 1}};
  for (std::size_t i = 0; i < n * 12; ++i) {
    samples.pixels.push_back(static_cast<std::uint8_t>(rng.bits()));
  }
  for (std::size_t i = 0; i < n; ++i) {
    samples.labels.push_back(static_cast<std::int32_t>(rng.uniform_int(0, 2)));
  }
  return samples;
}

struct Mixed {
  std::vector<float> inputs;
  std::vector<float> targets;
};

const AugmentationPolicy kPolicy{.shift = 1, .cutout = 1, .mixup = 0.4};

Mixed mixed(const Samples& samples, std::span<const std::uint32_t> indices,
            const AugmentationPolicy& policy, std::size_t outputs) {
  const Normalisation normalisation = measure_normalisation(samples);
  Mixed out{.inputs = std::vector<float>(indices.size() * 12),
            .targets = std::vector<float>(indices.size() * outputs, -1)};
  fill_batch(samples, normalisation, indices, &policy, 3, 5, out.inputs);
  mix_batch(samples, normalisation, indices, policy, 3, 5, out.inputs, out.targets);
  return out;
}

std::vector<std::uint32_t> first(std::uint32_t count) {
  std::vector<std::uint32_t> indices(count);
  std::iota(indices.begin(), indices.end(), 0U);
  return indices;
}

TEST(DrawMixture, HasSharesFromBeta) {
  // Beta(α, α): mean 1/2, variance 1 / (4 (2α + 1)).
  for (const double alpha : {0.1, 0.4, 1.0, 3.0}) {
    double sum = 0;
    double squares = 0;
    std::array<int, 4> partners{};
    for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
      const Mixture mixture = draw_mixture(alpha, 4, Rng(seed));
      ASSERT_GE(mixture.share, 0);
      ASSERT_LE(mixture.share, 1);
      sum += mixture.share;
      squares += (mixture.share - 0.5) * (mixture.share - 0.5);
      ++partners[mixture.partner];
    }
    const double variance = 1 / (4 * (2 * alpha + 1));
    EXPECT_NEAR(sum / 20'000, 0.5, 5 * std::sqrt(variance / 20'000)) << alpha;
    // (x − ½)² is at most ¼, so its deviation is at most ⅛.
    EXPECT_NEAR(squares / 20'000, variance, 5 * 0.125 / std::sqrt(20'000)) << alpha;
    for (const int count : partners) EXPECT_NEAR(count, 5000, 310);
  }
}

TEST(DrawMixture, HoldsForSharesThatAreNoneInFloatingPoint) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const float share = draw_mixture(1e-5, 4, Rng(seed)).share;
    EXPECT_TRUE(share < 1e-3F || share > 1 - 1e-3F) << share;
  }
}

TEST(MixBatch, MixesSamplesAndLabelsAsTheyAreVariedInThatEpoch) {
  const Samples samples = random_images(50, 1);
  const Normalisation normalisation = measure_normalisation(samples);
  std::vector<float> varied(50 * 12);
  fill_batch(samples, normalisation, first(50), &kPolicy, 3, 5, varied);
  const Mixed out = mixed(samples, first(50), kPolicy, 3);
  for (std::uint32_t i = 0; i < 50; ++i) {
    const Mixture mixture = draw_mixture(kPolicy.mixup, 50, Rng(3).fork(5).fork(i));
    for (std::size_t e = 0; e < 12; ++e) {
      EXPECT_NEAR(out.inputs[i * 12 + e],
                  mixture.share * varied[i * 12 + e] +
                      (1 - mixture.share) * varied[mixture.partner * 12 + e],
                  1e-5);
    }
    for (std::int32_t label = 0; label < 3; ++label) {
      const float expected = (samples.labels[i] == label ? mixture.share : 0) +
                             (samples.labels[mixture.partner] == label ? 1 - mixture.share : 0);
      EXPECT_FLOAT_EQ(out.targets[i * 3 + static_cast<std::size_t>(label)], expected);
    }
  }
}

TEST(MixBatch, GivesTheShareOfLabelOneToASingleOutput) {
  Samples samples = random_images(40, 2);
  for (std::int32_t& label : samples.labels) label = label == 0 ? 1 : 0;
  const Mixed two = mixed(samples, first(40), kPolicy, 2);
  const Mixed one = mixed(samples, first(40), kPolicy, 1);
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(one.targets[i], two.targets[2 * i + 1]);
    EXPECT_FLOAT_EQ(two.targets[2 * i] + two.targets[2 * i + 1], 1);
  }
}

TEST(MixBatch, TreatsASampleTheSameInEveryBatch) {
  const Samples samples = random_images(50, 3);
  const auto order = epoch_order(50, 1, 1);
  const Mixed together = mixed(samples, order, kPolicy, 3);
  for (std::size_t i = 0; i < 50; ++i) {
    const Mixed alone = mixed(samples, std::array{order[i]}, kPolicy, 3);
    EXPECT_TRUE(std::ranges::equal(alone.inputs, std::span(together.inputs).subspan(i * 12, 12)));
    EXPECT_TRUE(std::ranges::equal(alone.targets, std::span(together.targets).subspan(i * 3, 3)));
  }
}

TEST(MixBatch, LeavesTheOtherVariationsAsTheyWere) {
  const Samples samples = random_images(30, 4);
  const Normalisation normalisation = measure_normalisation(samples);
  AugmentationPolicy without = kPolicy;
  without.mixup = 0;
  std::vector<float> a(30 * 12);
  std::vector<float> b(30 * 12);
  fill_batch(samples, normalisation, first(30), &kPolicy, 3, 5, a);
  fill_batch(samples, normalisation, first(30), &without, 3, 5, b);
  EXPECT_EQ(a, b);
}

TEST(Partners, AreThoseThatAreMixedIn) {
  const auto order = epoch_order(50, 1, 1);
  const auto found = partners(0.3, 50, order, 3, 5);
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_EQ(found[i], draw_mixture(0.3, 50, Rng(3).fork(5).fork(order[i])).partner);
  }
}

}  // namespace
}  // namespace thimble
