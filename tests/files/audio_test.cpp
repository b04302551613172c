#include "thimble/files/audio.hpp"

#include <cmath>
#include <numbers>

#include "support/media.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/rng.hpp"

namespace thimble {
namespace {

using fixtures::ByteVector;
using fixtures::error_of;
using fixtures::flac;
using fixtures::wav;
using testing::HasSubstr;

std::vector<std::int16_t> noise(int count) {
  Rng rng(1);
  std::vector<std::int16_t> samples;
  for (int i = 0; i < count; ++i) samples.push_back(static_cast<std::int16_t>(rng.bits()));
  return samples;
}

std::vector<std::int16_t> sine(double hertz, int rate, int count) {
  std::vector<std::int16_t> samples;
  for (int i = 0; i < count; ++i) {
    const double phase = 2 * std::numbers::pi * hertz * i / rate;
    samples.push_back(static_cast<std::int16_t>(std::lround(16'000 * std::sin(phase))));
  }
  return samples;
}

TEST(DecodeAudio, GivesSixteenBitsBackAsTheyWere) {
  const auto samples = noise(5000);
  for (const ByteVector& file : {wav(samples), flac(samples)}) {
    const auto decoded = decode_audio(file, "a", 16'000, 100'000);
    ASSERT_EQ(decoded.size(), samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i) ASSERT_EQ(to_int16(decoded[i]), samples[i]);
  }
}

TEST(DecodeAudio, StopsAtTheMostSamples) {
  const auto samples = noise(5000);
  for (const std::size_t most : {1, 4096, 4999}) {
    const auto decoded = decode_audio(wav(samples), "a", 16'000, most);
    ASSERT_EQ(decoded.size(), most);
    EXPECT_EQ(to_int16(decoded.back()), samples[most - 1]);
  }
}

TEST(DecodeAudio, MixesChannelsToTheirMean) {
  const auto decoded = decode_audio(wav({100, 300, -5, 6}, 16'000, 2), "a", 16'000, 10);
  ASSERT_EQ(decoded.size(), 2);
  EXPECT_EQ(decoded[0], 200 / 32768.0F);
  EXPECT_EQ(decoded[1], 0.5F / 32768.0F);
}

TEST(DecodeAudio, ResamplesWhatTheNewRateCanHold) {
  // 440 Hz stays what it is, whatever the rate; 5 kHz is beyond half of 8 kHz and goes.
  for (const int rate : {8'000, 22'050, 44'100, 48'000}) {
    const auto decoded = decode_audio(wav(sine(440, rate, rate), rate), "a", 16'000, 16'000);
    ASSERT_NEAR(static_cast<double>(decoded.size()), 16'000, 2) << rate;
    for (std::size_t i = 1'000; i < 15'000; ++i) {
      const double expected =
          16'000 / 32768.0 * std::sin(2 * std::numbers::pi * 440 * static_cast<double>(i) / 16'000);
      ASSERT_NEAR(decoded[i], expected, 2e-3) << rate << " " << i;
    }
  }
  const auto decoded = decode_audio(wav(sine(5'000, 16'000, 16'000)), "a", 8'000, 8'000);
  for (std::size_t i = 500; i < 7'500; ++i) ASSERT_NEAR(decoded[i], 0, 1e-3);
}

TEST(DecodeAudio, DoesNotDependOnWhatIsCutOffBehind) {
  const auto long_one = sine(440, 44'100, 88'200);
  const auto whole = decode_audio(wav(long_one, 44'100), "a", 16'000, 32'000);
  const auto part = decode_audio(wav(long_one, 44'100), "a", 16'000, 16'000);
  for (std::size_t i = 0; i < part.size(); ++i) ASSERT_NEAR(part[i], whole[i], 1e-5) << i;
}

TEST(ToInt16, RoundsAndHoldsTheRange) {
  EXPECT_EQ(to_int16(1), 32767);
  EXPECT_EQ(to_int16(-1), -32768);
  EXPECT_EQ(to_int16(-7), -32768);
  EXPECT_EQ(to_int16(0.6F / 32768), 1);
}

TEST(DecodeAudio, RefusesAHeaderThatPromisesMoreThanThereIs) {
  ByteVector file = wav(noise(10));
  for (const std::size_t at : {40, 41, 42, 43}) file[at] = 0xFF;  // the size of the sound
  EXPECT_EQ(error_of<DataError>([&] { decode_audio(file, "a.wav", 16'000, 10); }),
            "a.wav: sound = 4294967295 bytes, says the header: the file has 20");
  ByteVector short_flac = flac(noise(50'000));
  short_flac.resize(short_flac.size() / 2);
  EXPECT_THAT(error_of<DataError>([&] { decode_audio(short_flac, "a", 16'000, 50'000); }),
              testing::StartsWith("a: "));
}

TEST(DecodeAudio, RefusesWhatIsNoSound) {
  const auto error = [](const ByteVector& file) {
    return error_of<DataError>([&] { decode_audio(file, "a.wav", 16'000, 10); });
  };
  EXPECT_EQ(error(fixtures::bytes("this is a text\n")),
            "a.wav: is neither WAV nor FLAC, whatever its name");
  EXPECT_EQ(error({}), "a.wav: is neither WAV nor FLAC, whatever its name");
  EXPECT_EQ(error(wav({})), "a.wav: holds no samples");
  ByteVector no_data = wav(noise(4));
  no_data.resize(36);
  EXPECT_EQ(error(no_data), "a.wav: is a WAV without sound: a `data` chunk expected");
  ByteVector no_channels = wav(noise(4));
  no_channels[22] = 0;
  EXPECT_THAT(error(no_channels), testing::StartsWith("a.wav: "));
  EXPECT_THAT(error(wav(noise(4), 50)), HasSubstr("rate = 50 Hz"));
}

TEST(DecodeAudio, RefusesNumbersThatAreNotFinite) {
  ByteVector file = wav({});  // made one of 32-bit floats: 1.0, NaN
  file[20] = 3;
  file[32] = 4;
  file[34] = 32;
  file[40] = 8;
  file[4] = 44;
  fixtures::append(file, 0x3F800000, 4);
  fixtures::append(file, 0x7FC00000, 4);
  EXPECT_EQ(error_of<DataError>([&] { decode_audio(file, "a.wav", 16'000, 10); }),
            "a.wav: sample 1 = nan: finite numbers expected");
}

}  // namespace
}  // namespace thimble
