#include "thimble/samples/augmentation_choice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numbers>

#include "support/fixtures.hpp"
#include "thimble/core/error.hpp"

namespace thimble {
namespace {

using fixtures::error_of;
using testing::HasSubstr;

constexpr Shape kImage{.height = 32, .width = 24, .channels = 3};
constexpr DataKind kKinds[] = {DataKind::kImages, DataKind::kArrays, DataKind::kSeries,
                               DataKind::kWaveform, DataKind::kFeatures};

AugmentationPolicy policy(std::string_view text, DataKind kind = DataKind::kImages,
                          const AugmentationPolicy& own = {}) {
  return augmentation_policy(parse_augmentation(text), own, kind, kImage);
}

TEST(Augmentation, TakesNothingMirroringOrAllOfTheSetsOwn) {
  const AugmentationPolicy own{.shift = 4, .flip_horizontal = true, .mixup = 0.1};
  EXPECT_EQ(policy("none", DataKind::kImages, own), AugmentationPolicy{});
  EXPECT_EQ(policy("mirror", DataKind::kImages, own),
            (AugmentationPolicy{.flip_horizontal = true}));
  EXPECT_EQ(policy("full", DataKind::kImages, own), own);
  EXPECT_EQ(policy("mirror", DataKind::kImages, {.shift = 4}), AugmentationPolicy{});
}

TEST(Augmentation, TakesVariationsByName) {
  EXPECT_EQ(policy("shift=3,flip,cutout=8,mixup=0.3"),
            (AugmentationPolicy{.shift = 3, .flip_horizontal = true, .cutout = 8, .mixup = 0.3}));
  EXPECT_EQ(policy("rotate=90,crop=0.5"),
            (AugmentationPolicy{
                .rotate_probability = 1, .rotate_radians = std::numbers::pi / 2, .crop = 0.5}));
  EXPECT_EQ(policy("colour=0.3,saturation=off"),
            (AugmentationPolicy{.brightness = 0.3, .contrast = 0.3}));
  EXPECT_EQ(policy("shift=0.2,noise=-5..12.5,speed=0.2,specaugment=0.3", DataKind::kFeatures),
            (AugmentationPolicy{.time_shift = 0.2,
                                .masks = 0.3,
                                .waveform = {.noise = DecibelRange{-5, 12.5}, .speed = 0.2}}));
  EXPECT_EQ(policy("noise=10", DataKind::kFeatures),
            (AugmentationPolicy{.waveform = {.noise = DecibelRange{10, 10}}}));
  EXPECT_EQ(policy("jitter=0.1,scaling=0.2,warp=0.3,shift=0.5", DataKind::kSeries),
            (AugmentationPolicy{.time_shift = 0.5, .warp = 0.3, .scaling = 0.2, .jitter = 0.1}));
}

TEST(Augmentation, TakesAsMuchAsIsUsualOfWhatIsOnlyNamed) {
  EXPECT_EQ(policy("cutout"), (AugmentationPolicy{.cutout = 6})) << "a quarter of the shorter side";
  EXPECT_EQ(policy("noise", DataKind::kFeatures),
            (AugmentationPolicy{.waveform = {.noise = DecibelRange{5, 20}}}));
  // Every name does something to every kind that has it.
  for (const DataKind kind : kKinds) {
    int known = 0;
    for (const char* name :
         {"shift", "flip", "rotate", "crop", "colour", "brightness", "contrast", "saturation",
          "cutout", "noise", "speed", "specaugment", "jitter", "scaling", "warp", "mixup"}) {
      try {
        EXPECT_NE(policy(name, kind), AugmentationPolicy{}) << name;
        EXPECT_EQ(policy(std::string(name) + "=off", kind), AugmentationPolicy{}) << name;
        ++known;
      } catch (const ConfigError&) {
      }
    }
    EXPECT_GE(known, 5);
  }
}

TEST(Augmentation, PutsNamedOnesInThePlaceOfTheSetsOwn) {
  const AugmentationPolicy own{.shift = 4, .shift_share = 0.2, .flip_horizontal = true};
  EXPECT_EQ(policy("full,shift=1", DataKind::kImages, own),
            (AugmentationPolicy{.shift = 1, .flip_horizontal = true}));
  EXPECT_EQ(policy("full,flip=off,mixup", DataKind::kImages, own),
            (AugmentationPolicy{.shift = 4, .shift_share = 0.2, .mixup = 0.2}));
  EXPECT_EQ(policy("mirror,shift=1", DataKind::kImages, own),
            (AugmentationPolicy{.shift = 1, .flip_horizontal = true}));
  EXPECT_EQ(policy("cutout=3,cutout=5"), (AugmentationPolicy{.cutout = 5}))
      << "the last one counts";
}

TEST(Augmentation, LeavesWhatASetHasForAFrontEndWhereThereIsNone) {
  const AugmentationPolicy own = usual_augmentation(DataKind::kWaveform, {1, 16'000, 1});
  EXPECT_EQ(policy("full", DataKind::kFeatures, own), own);
  EXPECT_TRUE(own.waveform.noise.has_value());
  EXPECT_EQ(policy("full", DataKind::kWaveform, own),
            (AugmentationPolicy{.time_shift = own.time_shift}));
}

TEST(Augmentation, IsUsuallyMildAndNeverMirrors) {
  for (const DataKind kind : kKinds) {
    const AugmentationPolicy usual = usual_augmentation(kind, kImage);
    EXPECT_FALSE(usual.flip_horizontal);
    EXPECT_EQ(usual.mixup, 0);
    EXPECT_EQ(usual.rotate_probability, 0);
  }
  EXPECT_EQ(usual_augmentation(DataKind::kSeries, {1, 1, 34}), AugmentationPolicy{}) << "a table";
}

TEST(Augmentation, NamesTheNearestVariation) {
  EXPECT_EQ(error_of<ConfigError>([] { parse_augmentation("shift,cutot=8"); }),
            "cutot: no such variation (did you mean \"cutout\"?): none, mirror, full, shift, flip, "
            "rotate, crop, colour, brightness, contrast, saturation, cutout, noise, speed, "
            "specaugment, jitter, scaling, warp, mixup");
  EXPECT_THAT(error_of<ConfigError>([] { parse_augmentation("ful"); }),
              HasSubstr("did you mean \"full\"?"));
  EXPECT_THAT(error_of<ConfigError>([] { parse_augmentation("shift,"); }),
              HasSubstr("nothing: no such"));
  EXPECT_EQ(error_of<ConfigError>([] { parse_augmentation("shift,full"); }),
            "full: may only be the first");
}

TEST(Augmentation, SaysWhatAKindOfDataHas) {
  EXPECT_EQ(error_of<ConfigError>([] { policy("specaugment"); }),
            "specaugment: is nothing for images: there are shift, flip, rotate, crop, colour, "
            "brightness, contrast, saturation, cutout, mixup");
  EXPECT_EQ(error_of<ConfigError>([] { policy("cutout", DataKind::kFeatures); }),
            "cutout: is nothing for sound: there are shift, noise, speed, specaugment, mixup");
  EXPECT_EQ(error_of<ConfigError>([] { policy("noise", DataKind::kWaveform); }),
            "noise: is nothing for sound without a front end: there are shift, jitter, scaling, "
            "warp, mixup");
}

TEST(Augmentation, SaysWhatAValueMustBe) {
  for (const char* text : {"shift=x", "shift=", "noise=5..", "noise=..5", "noise=20..5",
                           "shift=1..2..3", "mixup=nan", "mixup=1e999"}) {
    EXPECT_THAT(error_of<ConfigError>([&] { parse_augmentation(text); }),
                HasSubstr("must be a number, a range such as 5..20, or off"))
        << text;
  }
  EXPECT_EQ(error_of<ConfigError>([] { policy("shift=2.5"); }),
            "shift: must be a whole number in 0..4096");
  EXPECT_EQ(error_of<ConfigError>([] { policy("shift=2", DataKind::kSeries); }),
            "shift: must be a number in 0..0.9");
  EXPECT_EQ(error_of<ConfigError>([] { policy("crop=1"); }), "crop: must be a number in 0..0.9");
  EXPECT_EQ(error_of<ConfigError>([] { policy("mixup=0.1..0.2"); }),
            "mixup: must be one number, no range");
  EXPECT_EQ(error_of<ConfigError>([] { policy("noise=5..99", DataKind::kFeatures); }),
            "noise: must be a number in -40..80");
}

TEST(DataKindOf, IsFoundInTheSamples) {
  Samples samples{.shape = {.height = 2, .width = 3, .channels = 1}};
  samples.pixels = std::vector<std::uint8_t>(6);
  EXPECT_EQ(data_kind(samples), DataKind::kImages);
  samples.pixels = {};
  samples.values = std::vector<float>(6);
  EXPECT_EQ(data_kind(samples), DataKind::kArrays);
  samples.shape = {.height = 1, .width = 6, .channels = 1};
  EXPECT_EQ(data_kind(samples), DataKind::kSeries);
  samples.values = {};
  samples.sound = std::vector<std::int16_t>(6);
  EXPECT_EQ(data_kind(samples), DataKind::kWaveform);
  samples.sound = {};
  samples.features = std::vector<std::int8_t>(6);
  EXPECT_EQ(data_kind(samples), DataKind::kFeatures);
}

}  // namespace
}  // namespace thimble
