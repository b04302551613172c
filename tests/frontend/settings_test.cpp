#include "thimble/frontend/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "thimble/core/error.hpp"
#include "thimble/core/rng.hpp"
#include "thimble/frontend/fixed_tables.hpp"
#include "thimble/frontend/presets.hpp"

namespace thimble::frontend {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::string text_of(const Settings& settings) { return to_json(settings).dump(); }

/// One of each kind.
std::vector<Settings> examples() {
  std::vector<Settings> all;
  for (const Preset& preset : presets()) all.push_back(preset.settings);
  all.push_back({.kind = Kind::kRaw, .clip_length = 187, .window_length = 11, .hop_length = 11});
  all.push_back({.kind = Kind::kStft, .log = {.kind = LogKind::kNone}});
  all.push_back({.kind = Kind::kStft,
                 .level = Level::kClipMaximum,
                 .window = Window::kHamming,
                 .spectrum = Spectrum::kPower,
                 .log = {.kind = LogKind::kDecibel, .floor = 1e-9}});
  return all;
}

TEST(Settings, ComeBackFromJsonAsTheyWere) {
  for (const Settings& settings : examples()) {
    EXPECT_NO_THROW(check(settings)) << text_of(settings);
    // What the kind does not use is not written, and comes back as its default.
    Settings expected = settings;
    if (settings.kind == Kind::kRaw) expected.log = {};
    EXPECT_EQ(parse_settings(text_of(settings), "x.json"), expected) << text_of(settings);
  }
}

TEST(Settings, GiveThePublishedShapes) {
  const auto shape = [](const char* name) {
    const Settings& s = find_preset(name).settings;
    return std::pair(s.frames(), s.width());
  };
  EXPECT_EQ(shape("mlperf-tiny-kws"), std::pair(49, 10));
  EXPECT_EQ(shape("munas-speech-commands"), std::pair(98, 40));
  EXPECT_EQ(shape("micronets-kws"), std::pair(49, 10));
  EXPECT_EQ(shape("mlperf-tiny-ad"), std::pair(5, 128));
}

TEST(Settings, RefuseAnUnknownPresetWithTheNearestName) {
  EXPECT_THAT([] { find_preset("mlperf-tiny-kw"); },
              ThrowsMessage<ConfigError>(HasSubstr(
                  "front end = mlperf-tiny-kw: is no preset (did you mean \"mlperf-tiny-kws\"?)")));
}

struct Refusal {
  std::function<void(Settings&)> change;
  std::string text;
};

TEST(Settings, AreRefusedByFieldWhereNoFrontEndCanComputeThem) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<Refusal> refusals = {
      {[](Settings& s) { s.sample_rate = 0; }, "sample_rate = 0: must be"},
      {[](Settings& s) { s.clip_length = 479; },
       "window_length = 480: must be at most clip_length = 479"},
      {[](Settings& s) { s.clip_length = (1 << 20) + 1; }, "clip_length = 1048577: must be"},
      {[](Settings& s) { s.window_length = 0; }, "window_length = 0: must be"},
      {[](Settings& s) { s.window_length = 1; }, "window_length = 1: must be at least 2"},
      {[](Settings& s) { s.hop_length = 0; }, "hop_length = 0: must be"},
      {[](Settings& s) { s.fft_size = 500; }, "fft_size = 500: must be a power of two in 16..4096"},
      {[](Settings& s) { s.fft_size = 8192; }, "fft_size = 8192: must be a power of two"},
      {[](Settings& s) { s.fft_size = -512; }, "fft_size = -512: must be a power of two"},
      {[](Settings& s) { s.fft_size = 256; },
       "fft_size = 256: must be at least window_length = 480"},
      {[](Settings& s) { s.mel.bands = 0; }, "mel.bands = 0: must be"},
      {[](Settings& s) { s.mel.bands = 200; }, "mel.bands = 200: band 2 has no bin"},
      {[](Settings& s) { s.mel.low_hz = 4000; }, "mel.low_hz = 4000: must be in 0..mel.high_hz"},
      {[](Settings& s) { s.mel.low_hz = -1; }, "mel.low_hz = -1: must be"},
      {[&](Settings& s) { s.mel.high_hz = nan; }, "mel.low_hz = 20: must be in 0..mel.high_hz"},
      {[](Settings& s) { s.mel.high_hz = 8001; },
       "mel.high_hz = 8001: must be at most half of sample_rate = 16000"},
      {[](Settings& s) { s.log.offset = 0; }, "log.offset = 0: must be above 0 where log.floor"},
      {[](Settings& s) { s.log.offset = -1; }, "log.offset = -1: must be 0 or in"},
      {[](Settings& s) { s.log.floor = 1e-40; }, "log.floor = 1e-40: must be 0 or in"},
      {[](Settings& s) { s.log.kind = LogKind::kNone; }, "log.kind = none: must be"},
      {[](Settings& s) { s.dct_coefficients = 41; }, "dct_coefficients = 41: must be in 1..mel"},
      {[](Settings& s) { s.dct_coefficients = 0; }, "dct_coefficients = 0: must be in 1..mel"},
      {[](Settings& s) { s.quantisation.scale = 0; }, "quantisation.scale = 0: must be"},
      {[&](Settings& s) { s.quantisation.scale = nan; }, "quantisation.scale = nan: must be"},
      {[](Settings& s) { s.quantisation.zero_point = 128; }, "quantisation.zero_point = 128: must"},
      {[](Settings& s) { s.kind = Kind::kRaw; },
       "hop_length = 320: must be window_length = 480 for raw samples"},
      {[](Settings& s) {
         s.kind = Kind::kRaw;
         s.hop_length = 480;
       },
       "level = clip_maximum: must be full_scale for raw samples"},
      {[](Settings& s) {
         s.kind = Kind::kStft;
         s.log = {.kind = LogKind::kNone};
       },
       "level = clip_maximum: must be full_scale for a spectrum without a logarithm"},
      {[](Settings& s) {
         s.clip_length = 1 << 20;
         s.hop_length = 1;
       },
       "clip_length = 1048576: has 1048097 frames of 40 values: must have at most 1048576"},
  };
  for (const Refusal& refusal : refusals) {
    Settings settings = find_preset("mlperf-tiny-kws").settings;
    refusal.change(settings);
    EXPECT_THAT([&] { check(settings, "kws.json"); },
                ThrowsMessage<ConfigError>(HasSubstr("kws.json: " + refusal.text)));
  }
}

TEST(Settings, NameTheFieldThatTheirJsonHasWrong) {
  const std::string good = text_of(find_preset("mlperf-tiny-kws").settings);
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"[]", "kws.json: []: must be an object"},
      {"{", "kws.json:1:1: is no JSON"},
      {with("\"mfcc\"", "\"mffc\""), "kind = \"mffc\": must be raw, stft, log_mel or mfcc"},
      {with("\"kind\":\"mfcc\",", ""), "kind: is missing"},
      {with("\"mfcc\"", "\"log_mel\""), "dct_coefficients: is no known field"},
      {with("\"hop_length\":320", "\"hop_length\":\"320\""), "hop_length = \"320\": must be"},
      {with("\"hop_length\":320", "\"hop_length\":0.5"), "hop_length = 0.5: must be a whole"},
      {with("\"hop_length\":320", "\"hop_length\":99999999999"), "hop_length = 99999999999: must"},
      {with("\"zero_point\":83", "\"zero_point\":1e999"), "a number = too large: must be"},
      {with("\"hop_length\"", "\"hop\""), "hop: is no known field"},
      {with("\"bands\":40", "\"bands\":null"), "mel.bands = null: must be a whole number"},
      {with("\"htk\"", "\"bark\""), "mel.scale = \"bark\": must be htk or slaney"},
      {with("\"unit_area\":false", "\"unit_area\":0"), "mel.unit_area = 0: must be true or false"},
      {with("\"natural\"", "\"none\""), "log.floor: is no known field"},
      {with("\"zero_point\":83", "\"zero_point\":128"), "quantisation.zero_point = 128: must be"},
  };
  for (const auto& [text, complaint] : cases) {
    EXPECT_THAT([&] { parse_settings(text, "kws.json"); },
                ThrowsMessage<ConfigError>(HasSubstr(complaint)))
        << text;
  }
}

/// The text with one to three small injuries: a number, a letter or a stretch exchanged or lost.
std::string injured(std::string text, Rng& rng) {
  const auto place = [&] {
    return static_cast<std::size_t>(rng.uniform_int(0, static_cast<std::int64_t>(text.size()) - 1));
  };
  const std::vector<std::string> pieces = {"0",    "-1",     "1e308", "99999999999999999999",
                                           "null", "[]",     "{}",    "\"mfcc\"",
                                           "0.5",  "1e-320", "true",  "\\"};
  for (auto injuries = rng.uniform_int(1, 3); injuries > 0 && !text.empty(); --injuries) {
    switch (rng.uniform_int(0, 3)) {
      case 0:
        text[place()] = static_cast<char>(rng.uniform_int(0, 255));
        break;
      case 1:
        text.erase(place(), static_cast<std::size_t>(rng.uniform_int(1, 30)));
        break;
      case 2:
        text.insert(place(), pieces[static_cast<std::size_t>(rng.uniform_int(0, 11))]);
        break;
      default: {  // another number in the place of one
        const auto digit = text.find_first_of("0123456789", place());
        if (digit == std::string::npos) break;
        const auto end = text.find_first_not_of("0123456789.e-", digit);
        text.replace(digit, end - digit, pieces[static_cast<std::size_t>(rng.uniform_int(0, 11))]);
      }
    }
  }
  return text;
}

TEST(Settings, OfAnyInjuredJsonAreEitherSoundOrRefused) {
  Rng rng(1);
  int sound = 0;
  int refused = 0;
  for (const Settings& settings : examples()) {
    for (int i = 0; i < 1000; ++i) {
      const std::string text = injured(text_of(settings), rng);
      try {
        const Settings read = parse_settings(text, "x.json");
        EXPECT_NO_THROW(fixed_tables(read)) << text;
        EXPECT_EQ(parse_settings(text_of(read), "x.json"), read) << text;
        ++sound;
      } catch (const ConfigError& error) {
        EXPECT_THAT(error.what(), ::testing::StartsWith("x.json:")) << text;
        ++refused;
      }
    }
  }
  EXPECT_GT(sound, 50);
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace thimble::frontend
