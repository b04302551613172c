#include "thimble/features/features.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/clips.hpp"
#include "thimble/core/error.hpp"
#include "thimble/features/automatic.hpp"
#include "thimble/frontend/fixed_frontend.hpp"

namespace thimble::features {
namespace {

using frontend::FixedFrontend;
using frontend::Kind;
using testing::HasSubstr;

frontend::Settings settings_for(const Dataset& set, Kind kind = Kind::kMfcc) {
  return fitted(automatic(kind, 8000, static_cast<int>(set.shape().elements())), set.train);
}

TEST(WithFeatures, AreTheBytesOfTheDevicesFrontEnd) {
  const Dataset set = tones_dataset();
  for (const Kind kind : {Kind::kMfcc, Kind::kLogMel, Kind::kRaw}) {
    const frontend::Settings settings = settings_for(set, kind);
    const Dataset featured = with_features(set, settings);
    const Shape shape{settings.frames(), settings.width(), 1};
    const auto size = static_cast<std::size_t>(shape.elements());
    for (const auto& [sounds, features] :
         {std::pair(&set.train, &featured.train), std::pair(&set.validation, &featured.validation),
          std::pair(&set.test, &featured.test)}) {
      EXPECT_EQ(features->shape, shape);
      EXPECT_EQ(features->labels, sounds->labels);
      EXPECT_TRUE(features->sound.empty()) << "kept once";
      ASSERT_EQ(features->features.size(), sounds->size() * size);
      for (std::size_t i = 0; i < sounds->size(); ++i) {
        const auto bytes = FixedFrontend(settings).features(sounds->clip(i));
        ASSERT_TRUE(std::ranges::equal(features->features.row(i, size), bytes)) << "clip " << i;
      }
    }
  }
}

TEST(WithFeatures, AreTheSameOnAnyNumberOfWorkers) {
  const Dataset set = tones_dataset();
  const frontend::Settings settings = settings_for(set);
  const Dataset alone = with_features(set, settings);
  for (const int workers : {2, 3, 7, 100}) {
    const Dataset shared = with_features(set, settings, workers);
    EXPECT_EQ(shared.train, alone.train) << workers;
    EXPECT_EQ(shared.test, alone.test) << workers;
    EXPECT_EQ(shared.normalisation.mean, alone.normalisation.mean);
  }
}

TEST(WithFeatures, NormaliseByAWholeNumberAndTheTrainingSplitsDeviation) {
  const Dataset set = tones_dataset();
  const Dataset featured = with_features(set, settings_for(set));
  double sum = 0;
  double squares = 0;
  for (const int q : featured.train.features) {
    sum += q;
    squares += q * q;
  }
  const auto count = static_cast<double>(featured.train.features.size());
  ASSERT_EQ(featured.normalisation.mean.size(), 1U);
  EXPECT_EQ(featured.normalisation.mean[0], static_cast<float>(std::round(sum / count)));
  EXPECT_NEAR(featured.normalisation.stddev[0],
              std::sqrt(squares / count - sum / count * sum / count), 1e-3);
}

TEST(WithFeatures, TakeASplitThatIsEmpty) {
  Dataset set = tones_dataset();
  const frontend::Settings settings = settings_for(set);
  set.validation = {.shape = set.train.shape};
  EXPECT_TRUE(with_features(set, settings, 4).validation.empty());
}

TEST(WithFeatures, SayWhatTheyCannotTake) {
  Dataset set = tones_dataset();
  frontend::Settings settings = settings_for(set);
  settings.clip_length += 1;
  EXPECT_THAT(
      [&] { with_features(set, settings); },
      testing::ThrowsMessage<DataError>("tones: clip = 1200 samples: the front end takes 1201"));
  set.train.sound = {};
  set.train.pixels = std::vector<std::uint8_t>(60 * 1200);
  EXPECT_THAT([&] { with_features(set, settings); },
              testing::ThrowsMessage<DataError>(HasSubstr("holds no sound in 16 bits")));
}

}  // namespace
}  // namespace thimble::features
