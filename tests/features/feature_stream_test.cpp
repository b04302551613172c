#include "thimble/features/feature_stream.hpp"

#include <gtest/gtest.h>

#include "support/clips.hpp"
#include "thimble/features/automatic.hpp"

namespace thimble::features {
namespace {

struct Read {
  std::int64_t end;
  std::vector<std::int8_t> features;

  bool operator==(const Read&) const = default;
};

std::vector<Read> listen(const frontend::Settings& settings, int every,
                         std::span<const std::int16_t> sound, std::size_t piece) {
  FeatureStream stream(settings, every);
  std::vector<Read> reads;
  for (std::size_t at = 0; at < sound.size(); at += piece) {
    stream.push(sound.subspan(at, std::min(piece, sound.size() - at)),
                [&](std::int64_t end, std::span<const std::int8_t> features) {
                  reads.push_back({.end = end, .features = {features.begin(), features.end()}});
                });
  }
  return reads;
}

// A long recording of known clips with silence between them.
TEST(FeatureStream, ReadsWhatTheWholeWindowGives) {
  constexpr int kClip = 1200;
  const Samples clips = tones(4, 3, kClip, Rng(5));
  std::vector<std::int16_t> recording;
  for (std::size_t i = 0; i < clips.size(); ++i) {
    recording.insert(recording.end(), 777, 0);
    recording.insert(recording.end(), clips.clip(i).begin(), clips.clip(i).end());
  }
  const auto settings = fitted(automatic(frontend::Kind::kMfcc, 8000, kClip), clips);
  for (const int every : {1, 3}) {
    std::vector<Read> whole;
    for (std::size_t end = kClip; end <= recording.size();
         end += static_cast<std::size_t>(every * settings.hop_length)) {
      whole.push_back({.end = static_cast<std::int64_t>(end),
                       .features = frontend::FixedFrontend(settings).features(
                           std::span(recording).subspan(end - kClip, kClip))});
    }
    ASSERT_GT(whole.size(), 10U);
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{160}, std::size_t{1000}, recording.size()}) {
      EXPECT_EQ(listen(settings, every, recording, piece), whole) << every << ", " << piece;
    }
  }
}

TEST(FeatureStream, ReadsNothingOfLessThanAClip) {
  const auto settings = automatic(frontend::Kind::kMfcc, 8000, 1200);
  EXPECT_TRUE(listen(settings, 1, std::vector<std::int16_t>(1199, 1), 100).empty());
  EXPECT_EQ(listen(settings, 5, std::vector<std::int16_t>(1200, 1), 100).size(), 1U);
}

}  // namespace
}  // namespace thimble::features
