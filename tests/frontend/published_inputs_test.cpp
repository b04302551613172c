// The inputs that MLPerf Tiny publishes for its keyword task, against what we make of the
// recordings that they were computed from.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "agreement.hpp"
#include "support/keyword_clips.hpp"
#include "thimble/core/file.hpp"
#include "thimble/frontend/fixed_frontend.hpp"
#include "thimble/frontend/float_frontend.hpp"
#include "thimble/frontend/presets.hpp"
#include "thimble/quant/int8_interpreter.hpp"
#include "thimble/tflite/reader.hpp"

namespace thimble::frontend {
namespace {

using Features = std::vector<std::int8_t>;

const Settings& keywords() { return find_preset("mlperf-tiny-kws").settings; }

class PublishedInputs : public ::testing::Test {
 protected:
  void SetUp() override {
    clips_ = testing::keyword_clips();
    if (clips_.empty()) GTEST_SKIP() << testing::kNoKeywordClips;
    ASSERT_EQ(clips_.size(), 317U);
  }

  /// What the recipe makes of each clip in double, and what the device does.
  Features recipe(const testing::KeywordClip& clip) const {
    return quantise(recipe_.features(fit_clip(clip.samples, keywords())), keywords().quantisation);
  }
  Features device(const testing::KeywordClip& clip) {
    return device_.features(fit_clip(clip.samples, keywords()));
  }

  std::vector<testing::KeywordClip> clips_;
  FloatFrontend recipe_{keywords()};
  FixedFrontend device_{keywords()};
};

/// Whether every sample of a frame is 0.
bool is_silent(std::span<const std::int16_t> clip, int frame) {
  const auto start = static_cast<std::size_t>(frame * keywords().hop_length);
  const auto samples = clip.subspan(start, static_cast<std::size_t>(keywords().window_length));
  return std::ranges::all_of(samples, [](std::int16_t x) { return x == 0; });
}

// Two things of the published inputs are no recipe: where a value is beyond int8 they are wrapped
// round, and where a frame is silent, cosines sum to 0 but for the last bits of single precision,
// which the cut towards zero makes 83 or 82.
TEST_F(PublishedInputs, AreWhatTheRecipeInDoubleMakesOfTheirClips) {
  Agreement all;
  Agreement heard;
  int wrapped = 0;
  for (const auto& clip : clips_) {
    const auto samples = fit_clip(clip.samples, keywords());
    const Features ours = recipe(clip);
    all.add(ours, clip.input);
    for (int frame = 0; frame < keywords().frames(); ++frame) {
      const auto at = static_cast<std::size_t>(frame * keywords().width());
      const auto a = std::span(ours).subspan(at, 10);
      const auto b = std::span(clip.input).subspan(at, 10);
      if (!is_silent(samples, frame)) heard.add(a, b);
      for (std::size_t i = 0; i < a.size(); ++i) wrapped += a[i] == 127 && b[i] < 0;
    }
  }
  std::cout << all << "\nof frames that are not silent: " << heard << "; " << wrapped
            << " wrapped round\n";
  EXPECT_GE(all.percent(all.within_one), 99.9) << all;
  EXPECT_GE(all.percent(all.equal), 99.7) << all;
  EXPECT_GE(heard.percent(heard.equal), 99.95) << heard;
  EXPECT_LE(heard.values - heard.within_one, wrapped) << heard;
}

TEST_F(PublishedInputs, AreWhatTheDeviceMakesOfTheirClips) {
  Agreement to_recipe;
  Agreement to_published;
  for (const auto& clip : clips_) {
    const Features features = device(clip);
    to_recipe.add(features, recipe(clip));
    to_published.add(features, clip.input);
  }
  std::cout << "device and recipe: " << to_recipe << "\n"
            << "device and published: " << to_published << "\n";
  EXPECT_GE(to_recipe.percent(to_recipe.within_one), 99.9) << to_recipe;
  EXPECT_GE(to_published.percent(to_published.within_one), 99.9) << to_published;
}

/// The share of values that the device makes as the recipe does, by preset, over real recordings.
TEST_F(PublishedInputs, LendTheirClipsToTheOtherPresets) {
  for (const Preset& preset : presets()) {
    const FloatFrontend recipe(preset.settings);
    FixedFrontend device(preset.settings);
    Agreement agreement;
    double low = 0;
    double high = 0;
    for (const auto& clip : clips_) {
      const auto samples = fit_clip(clip.samples, preset.settings);
      const auto features = recipe.features(samples);
      low = std::min(low, *std::ranges::min_element(features));
      high = std::max(high, *std::ranges::max_element(features));
      agreement.add(device.features(samples), quantise(features, preset.settings.quantisation));
    }
    std::cout << preset.name << ": " << agreement
              << fmt::format("; from {:.1f} to {:.1f}\n", low, high);
    EXPECT_GE(agreement.percent(agreement.within_one), 99.9) << preset.name << ": " << agreement;
  }
}

TEST_F(PublishedInputs, AreAnsweredAlikeByTheReferenceModel) {
  const char* shared = std::getenv("THIMBLE_SHARED");
  const auto file = std::filesystem::path(shared ? shared : THIMBLE_SOURCE_DIR "/../shared") /
                    "models/kws_ref_int8.tflite";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is not on this machine";
  Int8Interpreter model(read_tflite(read_bytes(file), file.filename().string()));
  ASSERT_FLOAT_EQ(static_cast<float>(model.input_params().scale),
                  static_cast<float>(keywords().quantisation.scale));
  ASSERT_EQ(model.input_params().zero_point, keywords().quantisation.zero_point);
  Features inputs[3];  // published, recipe, device
  for (const auto& clip : clips_) {
    const auto append = [](Features& to, const Features& from) {
      to.insert(to.end(), from.begin(), from.end());
    };
    append(inputs[0], clip.input);
    append(inputs[1], recipe(clip));
    append(inputs[2], device(clip));
  }
  std::vector<int> answers[3];
  for (int i = 0; i < 3; ++i) {
    answers[i] = predicted_classes(model.run(inputs[i]), 12, model.output_params());
  }
  int recipe_differs = 0;
  int device_differs = 0;
  for (std::size_t i = 0; i < clips_.size(); ++i) {
    recipe_differs += answers[1][i] != answers[0][i];
    device_differs += answers[2][i] != answers[0][i];
  }
  std::cout << fmt::format(
      "another top answer than for the published input, of {} clips: recipe {}, device {}\n",
      clips_.size(), recipe_differs, device_differs);
  EXPECT_LE(recipe_differs, 1);
  EXPECT_LE(device_differs, 1);
}

}  // namespace
}  // namespace thimble::frontend
