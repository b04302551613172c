#include <gtest/gtest.h>

#include <cstring>

#include "signals.hpp"
#include "thimble/core/error.hpp"
#include "thimble/frontend/fixed_frontend.hpp"
#include "thimble/frontend/fixed_tables.hpp"
#include "thimble/frontend/presets.hpp"

namespace thimble::frontend {
namespace {

using Features = std::vector<std::int8_t>;

/// The presets; hops that leave gaps between windows, that do not divide the clip, of one sample;
/// clips of one frame; every kind.
std::vector<Settings> streamed_cases() {
  std::vector<Settings> all;
  for (const Preset& preset : presets()) all.push_back(preset.settings);
  const MelSettings mel{.bands = 5, .low_hz = 100, .high_hz = 8000};
  const LogSettings log{.offset = 1e-4};
  const Quantisation quantisation{.scale = 0.1};
  for (const auto& [clip, window, hop] : std::vector<std::array<int, 3>>{{300, 50, 70},
                                                                         {301, 64, 23},
                                                                         {64, 64, 10},
                                                                         {100, 64, 1},
                                                                         {257, 33, 33},
                                                                         {90, 64, 400}}) {
    for (const Level level : {Level::kFullScale, Level::kClipMaximum}) {
      for (const Kind kind : {Kind::kMfcc, Kind::kLogMel, Kind::kStft}) {
        all.push_back({.kind = kind,
                       .clip_length = clip,
                       .window_length = window,
                       .hop_length = hop,
                       .level = level,
                       .fft_size = 64,
                       .mel = mel,
                       .log = log,
                       .dct_coefficients = 4,
                       .quantisation = quantisation});
      }
    }
  }
  all.push_back({.kind = Kind::kRaw,
                 .clip_length = 100,
                 .window_length = 7,
                 .hop_length = 7,
                 .quantisation = {.scale = 0.01}});
  return all;
}

/// Features of every clip of a stream that comes in pieces of up to `largest` samples.
std::vector<Features> streamed(const Settings& settings, std::span<const std::int16_t> samples,
                               std::int64_t largest, Rng rng) {
  FixedFrontend front_end(settings);
  std::vector<Features> clips;
  while (!samples.empty()) {
    auto piece = samples.first(static_cast<std::size_t>(std::min<std::int64_t>(
        static_cast<std::int64_t>(samples.size()), rng.uniform_int(1, largest))));
    samples = samples.subspan(piece.size());
    while (!piece.empty()) {
      const std::size_t taken = front_end.push(piece);
      EXPECT_GT(taken, 0U);
      piece = piece.subspan(taken);
      if (front_end.ready()) clips.push_back(front_end.read());
    }
  }
  return clips;
}

TEST(Streaming, GivesTheFeaturesOfEachClipHoweverTheSamplesCome) {
  Rng rng(1);
  for (const Settings& s : streamed_cases()) {
    const int clips = s.clip_length > 5000 ? 3 : 12;
    const int hop = s.hop_length;
    const auto stream = sounds(rng, s.clip_length + clips * hop - 1);
    std::vector<Features> whole;
    for (int i = 0; i < clips; ++i) {
      const auto start = static_cast<std::size_t>(i * hop);
      whole.push_back(FixedFrontend(s).features(
          std::span(stream).subspan(start, static_cast<std::size_t>(s.clip_length))));
    }
    for (const std::int64_t largest : {std::int64_t{1}, std::int64_t{37}, std::int64_t{1} << 30}) {
      EXPECT_EQ(streamed(s, stream, largest, rng), whole)
          << to_json(s).dump() << " in pieces of up to " << largest;
    }
  }
}

TEST(Streaming, SkipsWhatLiesBetweenTwoClips) {
  Settings far = find_preset("mlperf-tiny-ad").settings;
  far.clip_length = far.window_length;
  far.hop_length = 5000;
  Rng rng(1);
  const auto stream = sounds(rng, 1024 + 5000);
  const auto clips = streamed(far, stream, 600, rng);
  ASSERT_EQ(clips.size(), 2U);
  EXPECT_EQ(clips[0], FixedFrontend(far).features(std::span(stream).first(1024)));
  EXPECT_EQ(clips[1], FixedFrontend(far).features(std::span(stream).last(1024)));
}

TEST(Streaming, SaysWhenNoClipIsComplete) {
  FixedFrontend front_end(find_preset("mlperf-tiny-kws").settings);
  const std::vector<std::int16_t> clip(16000, 5);
  EXPECT_THROW(front_end.read(), DataError);
  EXPECT_EQ(front_end.push(std::span(clip).first(15999)), 15999U);
  EXPECT_FALSE(front_end.ready());
  EXPECT_THROW(front_end.read(), DataError);
  EXPECT_EQ(front_end.push(clip), 1U);
  EXPECT_TRUE(front_end.ready());
  EXPECT_EQ(front_end.read(), front_end.read());
  EXPECT_EQ(front_end.push(std::span(clip).first(1)), 1U);
  EXPECT_FALSE(front_end.ready());
  front_end.reset();
  EXPECT_EQ(front_end.push(clip), 16000U);
  EXPECT_TRUE(front_end.ready());
}

TEST(Runtime, RefusesTooLittleMemoryAndASkewedOne) {
  const FixedTables tables = fixed_tables(find_preset("mlperf-tiny-kws").settings);
  const thb_frontend_settings device = device_settings(tables);
  const std::uint32_t state_bytes = thb_frontend_state_bytes(&device);
  const std::uint32_t scratch_bytes = thb_frontend_scratch_bytes(&device);
  std::vector<std::int32_t> state(state_bytes / 4 + 2);
  std::vector<std::int32_t> scratch(scratch_bytes / 4 + 2);
  const auto skewed = [](std::vector<std::int32_t>& words, int bytes) {
    return static_cast<void*>(reinterpret_cast<char*>(words.data()) + bytes);
  };
  thb_frontend f;
  const auto init = [&](void* s, std::uint32_t s_bytes, void* t, std::uint32_t t_bytes) {
    return thb_frontend_init(&f, &device, s, s_bytes, t, t_bytes);
  };
  EXPECT_EQ(init(state.data(), state_bytes, scratch.data(), scratch_bytes), THB_OK);
  EXPECT_EQ(init(state.data(), state_bytes - 1, scratch.data(), scratch_bytes), THB_TOO_SMALL);
  EXPECT_EQ(init(state.data(), state_bytes, scratch.data(), scratch_bytes - 1), THB_TOO_SMALL);
  EXPECT_EQ(init(skewed(state, 1), state_bytes, scratch.data(), scratch_bytes), THB_MISALIGNED);
  EXPECT_EQ(init(state.data(), state_bytes, skewed(scratch, 2), scratch_bytes), THB_MISALIGNED);
  EXPECT_EQ(init(skewed(state, 2), state_bytes, scratch.data(), scratch_bytes), THB_OK);
}

// Not a byte is written outside of what the sizes say.
TEST(Runtime, KeepsWithinItsMemory) {
  Rng rng(1);
  for (const Settings& s : streamed_cases()) {
    const FixedTables tables = fixed_tables(s);
    const thb_frontend_settings device = device_settings(tables);
    std::vector<std::int16_t> state(thb_frontend_state_bytes(&device) / 2 + 2, 0x5a5a);
    std::vector<std::int32_t> scratch(thb_frontend_scratch_bytes(&device) / 4 + 1, 0x5a5a5a5a);
    std::vector<std::int8_t> features(static_cast<std::size_t>(s.frames() * s.width()) + 1, 0x5a);
    thb_frontend f;
    ASSERT_EQ(thb_frontend_init(&f, &device, state.data(), thb_frontend_state_bytes(&device),
                                scratch.data(), thb_frontend_scratch_bytes(&device)),
              THB_OK);
    const auto samples = sounds(rng, s.clip_length);
    EXPECT_EQ(thb_frontend_push(&f, samples.data(), static_cast<std::uint32_t>(samples.size())),
              samples.size());
    EXPECT_EQ(thb_frontend_read(&f, features.data()), THB_OK);
    // An odd number of bytes ends within a word.
    const auto* behind =
        reinterpret_cast<const char*>(state.data()) + thb_frontend_state_bytes(&device);
    EXPECT_EQ(*behind, 0x5a) << to_json(s).dump();
    EXPECT_EQ(scratch.back(), 0x5a5a5a5a) << to_json(s).dump();
    EXPECT_EQ(features.back(), 0x5a) << to_json(s).dump();
  }
}

}  // namespace
}  // namespace thimble::frontend
