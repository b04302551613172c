#include <gtest/gtest.h>

#include <cmath>

#include "support/clips.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"
#include "thimble/data/waveform.hpp"
#include "thimble/features/automatic.hpp"
#include "thimble/features/features.hpp"
#include "thimble/frontend/fixed_frontend.hpp"

namespace thimble::features {
namespace {

const WaveformPolicy kNoisy{.noise = DecibelRange{5, 20}};
const WaveformPolicy kFaster{.speed = 0.1};

frontend::Settings settings_of(const Dataset& set) {
  return fitted(automatic(frontend::Kind::kMfcc, 8000, 1200), set.train);
}

TEST(FeatureVersions, AreWhatTheDevicesFrontEndMakesOfVariedClips) {
  const Dataset set = tones_dataset(3, 12);
  const frontend::Settings settings = settings_of(set);
  const Dataset featured =
      with_features(set, settings, 2, {.waveforms = {kNoisy, kFaster}, .count = 2, .seed = 7});
  ASSERT_EQ(featured.train.versions.size(), 2);
  const auto size = static_cast<std::size_t>(featured.shape().elements());
  const NoiseRecordings noise = read_noise({}, 8000);
  frontend::FixedFrontend front_end(settings);
  for (const WaveformPolicy& waveform : {kNoisy, kFaster}) {
    const FeatureVersions* versions = find_versions(featured.train, waveform);
    ASSERT_NE(versions, nullptr);
    ASSERT_EQ(versions->features.size(), 12 * 2 * size);
    for (std::size_t i = 0; i < 12; ++i) {
      for (std::size_t k = 0; k < 2; ++k) {
        const auto clip = varied_clip(set.train.clip(i), waveform, noise, Rng(7).fork(i).fork(k));
        EXPECT_TRUE(
            std::ranges::equal(front_end.features(clip),
                               std::span(versions->features).subspan((2 * i + k) * size, size)))
            << "clip " << i << " version " << k;
      }
    }
  }
  EXPECT_TRUE(featured.validation.versions.empty());
  EXPECT_TRUE(featured.test.versions.empty());
}

TEST(FeatureVersions, AreTheSameOnAnyNumberOfWorkersAndLeaveTheClipsAlone) {
  const Dataset set = tones_dataset(3, 12);
  const frontend::Settings settings = settings_of(set);
  const VersionOptions options{.waveforms = {kNoisy}};
  const Dataset alone = with_features(set, settings, 1, options);
  EXPECT_EQ(with_features(set, settings, 5, options).train, alone.train);
  const Dataset without = with_features(set, settings);
  EXPECT_EQ(without.train.features, alone.train.features);
  EXPECT_EQ(without.normalisation.mean, alone.normalisation.mean);
  EXPECT_EQ(without.normalisation.stddev, alone.normalisation.stddev);
  EXPECT_TRUE(without.train.versions.empty());
}

}  // namespace
}  // namespace thimble::features
