#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace thimble {

/// Decodes a WAV or FLAC file: the mean of its channels, at `rate` samples a second, in ±1, the
/// first `most` samples of it (fewer when there are fewer; nothing behind them is decoded). Another
/// rate is resampled by libsamplerate's best sinc filter; 16 bits, one channel and the
/// wanted rate come out as they are, k / 32768. Throws DataError beginning with `place` for what is
/// neither, is damaged, is shorter than its header says or holds a number that is not finite.
std::vector<float> decode_audio(std::span<const std::uint8_t> file, std::string_view place,
                                int rate, std::size_t most);

/// To 16 bits: x · 32768, rounded to nearest (ties to even), held within the range.
std::int16_t to_int16(float sample);

}  // namespace thimble
