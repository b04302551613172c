#include "thimble/samples/batch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <thread>

namespace thimble {
namespace {

const AugmentationPolicy kPlaced{
    .shift = 3, .flip_horizontal = true, .rotate_probability = 0.5, .rotate_radians = 0.9};
const AugmentationPolicy kCropped{.shift = 3,
                                  .flip_horizontal = true,
                                  .rotate_probability = 0.5,
                                  .rotate_radians = 0.9,
                                  .crop = 0.5};
const AugmentationPolicy kAll{.shift = 3,
                              .flip_horizontal = true,
                              .rotate_probability = 0.5,
                              .rotate_radians = 0.9,
                              .crop = 0.3,
                              .brightness = 0.3,
                              .contrast = 0.3,
                              .saturation = 0.3,
                              .cutout = 4};

Samples random_samples(Shape shape, std::size_t n, std::uint64_t seed) {
  Rng rng(seed);
  Samples samples{.shape = shape, .pixels = {}, .labels = std::vector<std::int32_t>(n)};
  for (std::size_t i = 0; i < n * static_cast<std::size_t>(shape.elements()); ++i) {
    samples.pixels.push_back(static_cast<std::uint8_t>(rng.bits()));
  }
  return samples;
}

Normalisation normalisation_of(int channels) {
  Normalisation normalisation;
  for (int c = 0; c < channels; ++c) {
    normalisation.mean.push_back(0.3F + 0.1F * static_cast<float>(c));
    normalisation.stddev.push_back(0.2F + 0.05F * static_cast<float>(c));
  }
  return normalisation;
}

std::vector<float> batch(const Samples& samples, const Normalisation& normalisation,
                         std::vector<std::uint32_t> indices, const AugmentationPolicy* policy,
                         std::uint64_t seed = 0, int epoch = 0) {
  std::vector<float> out(indices.size() * static_cast<std::size_t>(samples.shape.elements()), -99);
  fill_batch(samples, normalisation, indices, policy, seed, epoch, out);
  return out;
}

/// One image after another step of the plain re-telling, in double.
struct Plane {
  int height, width;
  std::vector<double> values;
  double& at(int y, int x) { return values[static_cast<std::size_t>(y * width + x)]; }
  double at(int y, int x) const { return values[static_cast<std::size_t>(y * width + x)]; }
  double or_black(int y, int x) const {
    return y < 0 || x < 0 || y >= height || x >= width ? 0 : at(y, x);
  }
};

Plane mirror(const Plane& in) {
  Plane out = in;
  for (int y = 0; y < in.height; ++y) {
    for (int x = 0; x < in.width; ++x) out.at(y, x) = in.at(y, in.width - 1 - x);
  }
  return out;
}

/// Pixel i of n of what a crop stretches, between the pixels that there are.
double in_crop(int i, int n, double first, double share) {
  return std::clamp((i + 0.5) * share + first * n - 0.5, 0.0, n - 1.0);
}

Plane turn_and_crop(const Plane& in, double radians, const Crop& crop) {
  Plane out = in;
  const double cy = (in.height - 1) / 2.0;
  const double cx = (in.width - 1) / 2.0;
  for (int row = 0; row < in.height; ++row) {
    for (int column = 0; column < in.width; ++column) {
      const double y = in_crop(row, in.height, crop.top, crop.height);
      const double x = in_crop(column, in.width, crop.left, crop.width);
      const double u = cx + std::cos(radians) * (x - cx) + std::sin(radians) * (y - cy);
      const double v = cy - std::sin(radians) * (x - cx) + std::cos(radians) * (y - cy);
      out.at(row, column) = 0;
      // Every pixel weighs by how near it is: the tent of bilinear interpolation.
      const int left = static_cast<int>(std::floor(u));
      const int top = static_cast<int>(std::floor(v));
      for (const int i : {top, top + 1}) {
        for (const int j : {left, left + 1}) {
          out.at(row, column) += in.or_black(i, j) * (1 - std::abs(v - i)) * (1 - std::abs(u - j));
        }
      }
    }
  }
  return out;
}

/// Pads by n on each side with the mirrored border (as numpy's `symmetric`), then crops.
Plane shift(const Plane& in, int n, int down, int right) {
  Plane padded{.height = in.height + 2 * n, .width = in.width + 2 * n, .values = {}};
  padded.values.resize(static_cast<std::size_t>(padded.height * padded.width));
  for (int y = 0; y < padded.height; ++y) {
    for (int x = 0; x < padded.width; ++x) {
      int from_y = y - n;
      int from_x = x - n;
      if (from_y < 0) from_y = -1 - from_y;
      if (from_x < 0) from_x = -1 - from_x;
      if (from_y >= in.height) from_y = 2 * in.height - 1 - from_y;
      if (from_x >= in.width) from_x = 2 * in.width - 1 - from_x;
      padded.at(y, x) = in.at(from_y, from_x);
    }
  }
  Plane out = in;
  for (int y = 0; y < in.height; ++y) {
    for (int x = 0; x < in.width; ++x) out.at(y, x) = padded.at(y + n - down, x + n - right);
  }
  return out;
}

std::vector<double> retold(const Samples& samples, const Normalisation& normalisation,
                           std::uint32_t index, const Placement& placement, int pad) {
  const Shape shape = samples.shape;
  std::vector<double> out(static_cast<std::size_t>(shape.elements()));
  for (int c = 0; c < shape.channels; ++c) {
    Plane plane{.height = shape.height, .width = shape.width, .values = {}};
    const auto image = samples.image(index);
    for (std::size_t i = static_cast<std::size_t>(c); i < image.size();
         i += static_cast<std::size_t>(shape.channels)) {
      plane.values.push_back(image[i]);
    }
    if (placement.mirrored) plane = mirror(plane);
    plane = turn_and_crop(plane, placement.radians, placement.crop);
    plane = shift(plane, pad, placement.down, placement.right);
    const auto channel = static_cast<std::size_t>(c);
    for (std::size_t i = 0; i < plane.values.size(); ++i) {
      out[i * static_cast<std::size_t>(shape.channels) + channel] =
          (plane.values[i] / 255 - normalisation.mean[channel]) / normalisation.stddev[channel];
    }
  }
  return out;
}

TEST(FillBatch, NormalisesTheImagesInTheOrderAsked) {
  const Samples samples{.shape = {.height = 1, .width = 2, .channels = 2},
                        .pixels = {0, 51, 102, 255, 255, 255, 0, 0},
                        .labels = {0, 1}};
  const Normalisation normalisation{.mean = {0.5F, 0.25F}, .stddev = {0.5F, 0.25F}};
  // Channel 0: x/255 · 2 − 1; channel 1: x/255 · 4 − 1.
  EXPECT_THAT(batch(samples, normalisation, {1, 0}, nullptr),
              testing::Pointwise(testing::FloatNear(1e-6F),
                                 std::array{1.0F, 3.0F, -1.0F, -1.0F, -1.0F, -0.2F, -0.2F, 3.0F}));
}

TEST(FillBatch, PlacesImagesAsTheStepsOneByOneDo) {
  for (const Shape shape : {Shape{7, 5, 1}, Shape{6, 9, 3}, Shape{3, 3, 2}, Shape{28, 28, 1}}) {
    const Samples samples = random_samples(shape, 40, 11);
    const Normalisation normalisation = normalisation_of(shape.channels);
    const auto elements = static_cast<std::size_t>(shape.elements());
    std::vector<std::uint32_t> indices(samples.size());
    std::iota(indices.begin(), indices.end(), 0U);
    for (const AugmentationPolicy* policy : {&kPlaced, &kCropped}) {
      const auto out = batch(samples, normalisation, indices, policy, 5, 2);
      for (const std::uint32_t index : indices) {
        const Placement placement = draw_placement(*policy, shape, Rng(5).fork(2).fork(index));
        const auto expected = retold(samples, normalisation, index, placement, policy->shift);
        // Upright pixels are looked up and thus exact but for the rounding to float; others are
        // computed in float.
        const bool looked_up = placement.radians == 0 && placement.crop == Crop{};
        const double tolerance = looked_up ? 1e-6 : 2e-4;
        for (std::size_t i = 0; i < elements; ++i) {
          ASSERT_NEAR(out[index * elements + i], expected[i],
                      tolerance * std::max(1.0, std::abs(expected[i])))
              << to_string(shape) << " sample " << index << " element " << i;
        }
      }
    }
  }
}

TEST(FillBatch, AQuarterTurnMovesEveryPixelToItsPlace) {
  // 2×2, turned by 90°: pixel (x, y) comes from u = y, v = 1 − x, so out = [[c, a], [d, b]] of [[a,
  // b], [c, d]].
  const Samples samples{
      .shape = {.height = 2, .width = 2, .channels = 1}, .pixels = {10, 20, 30, 40}, .labels = {0}};
  const Normalisation bytes{.mean = {0}, .stddev = {1.0F / 255}};
  const AugmentationPolicy policy{.rotate_probability = 1, .rotate_radians = std::numbers::pi};
  // Any angle may be drawn, so the frame is found by seed: the first within 1/1000 of the quarter
  // turn.
  std::uint64_t seed = 0;
  const auto angle = [&] {
    return draw_placement(policy, samples.shape, Rng(seed).fork(0).fork(0)).radians;
  };
  while (std::abs(angle() - std::numbers::pi / 2) > 1e-3) ++seed;
  EXPECT_THAT(batch(samples, bytes, {0}, &policy, seed),
              testing::Pointwise(testing::FloatNear(0.1F), std::array{30.0F, 10.0F, 40.0F, 20.0F}));
}

TEST(FillBatch, ReflectsTheBorderOfImagesSmallerThanTheShift) {
  const Samples samples{
      .shape = {.height = 1, .width = 2, .channels = 1}, .pixels = {1, 2}, .labels = {0}};
  const Normalisation bytes{.mean = {0}, .stddev = {1.0F / 255}};
  const AugmentationPolicy policy{.shift = 7};
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const int right = draw_placement(policy, samples.shape, Rng(seed).fork(0).fork(0)).right;
    // … 1 2 2 1 1 2 2 1 1 2 …, with the image itself at 0 and 1.
    const auto endless = [](int i) {
      return std::array{1.0F, 2.0F, 2.0F, 1.0F}[static_cast<std::size_t>((i + 400) % 4)];
    };
    EXPECT_THAT(
        batch(samples, bytes, {0}, &policy, seed),
        testing::Pointwise(testing::FloatEq(), std::array{endless(-right), endless(1 - right)}));
  }
}

TEST(FillBatch, TreatsASampleTheSameInEveryBatchAndThread) {
  const Samples samples = random_samples({9, 8, 3}, 30, 12);
  const Normalisation normalisation = normalisation_of(3);
  const auto elements = static_cast<std::size_t>(samples.shape.elements());
  std::vector<std::uint32_t> order = epoch_order(samples.size(), 1, 0);
  const auto together = batch(samples, normalisation, order, &kAll, 6, 3);
  std::vector<float> apart(together.size());
  std::array<std::thread, 2> threads;
  for (std::size_t t = 0; t < threads.size(); ++t) {
    threads[t] = std::thread([&, t] {
      for (std::size_t i = order.size(); i-- > 0;) {
        if (i % 2 != t) continue;
        fill_batch(samples, normalisation, std::span(order).subspan(i, 1), &kAll, 6, 3,
                   std::span(apart).subspan(i * elements, elements));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(together, apart);
  // Another shape in between must not leave anything behind.
  const Samples other = random_samples({4, 4, 1}, 3, 13);
  batch(other, normalisation_of(1), {0, 1, 2}, &kAll);
  EXPECT_EQ(batch(samples, normalisation, order, &kAll, 6, 3), together);
}

TEST(FillBatch, VariesWithTheEpochAndTheSeed) {
  const Samples samples = random_samples({9, 8, 1}, 20, 14);
  std::vector<std::uint32_t> all(20);
  std::iota(all.begin(), all.end(), 0U);
  const auto filled = [&](std::uint64_t seed, int epoch) {
    return batch(samples, normalisation_of(1), all, &kAll, seed, epoch);
  };
  EXPECT_EQ(filled(1, 1), filled(1, 1));
  EXPECT_NE(filled(1, 1), filled(1, 2));
  EXPECT_NE(filled(1, 1), filled(2, 1));
}

TEST(EpochOrder, IsAnotherPermutationForEveryEpochAndSeed) {
  auto order = epoch_order(1000, 1, 1);
  EXPECT_EQ(order, epoch_order(1000, 1, 1));
  EXPECT_NE(order, epoch_order(1000, 1, 2));
  EXPECT_NE(order, epoch_order(1000, 2, 1));
  EXPECT_FALSE(std::ranges::is_sorted(order));
  std::ranges::sort(order);
  for (std::uint32_t i = 0; i < 1000; ++i) EXPECT_EQ(order[i], i);
  EXPECT_TRUE(epoch_order(0, 1, 1).empty());
}

TEST(FillBatch, NormalisesAndMovesSeries) {
  const Samples series{.shape = {.height = 1, .width = 3, .channels = 2},
                       .pixels = {},
                       .labels = {0},
                       .sound = {},
                       .values = {1, 10, 2, 20, 3, 30}};
  const Normalisation normalisation{.mean = {1, 10}, .stddev = {2, 8}};
  std::vector<float> out(6);
  const std::vector<std::uint32_t> first = {0};
  fill_batch(series, normalisation, first, nullptr, 0, 0, out);
  EXPECT_THAT(out, testing::ElementsAre(0, 0, 0.5F, 1.25F, 1, 2.5F));
  const AugmentationPolicy mirror{.flip_horizontal = true};
  bool mirrored = false;
  for (int epoch = 0; epoch < 20; ++epoch) {
    fill_batch(series, normalisation, first, &mirror, 0, epoch, out);
    mirrored = mirrored || out == std::vector<float>{1, 2.5F, 0.5F, 1.25F, 0, 0};
  }
  EXPECT_TRUE(mirrored);
}

}  // namespace
}  // namespace thimble
