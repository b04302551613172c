#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace thimble::testing {

/// An input of MLPerf Tiny's keyword task and the recording from which it was computed.
struct KeywordClip {
  std::string name;                   // "tst_000001_Left_2.bin"
  std::vector<std::int16_t> samples;  // at 16 kHz, a second at most
  std::vector<std::int8_t> input;     // [49, 10]
};

/// The pairs that `mlperf-tiny-kws/kws01_clips.csv` names, under $THIMBLE_DATA or
/// ~/.cache/thimble/data; none where they are not there: the test should skip, with
/// `kNoKeywordClips`.
std::vector<KeywordClip> keyword_clips();
inline constexpr const char* kNoKeywordClips =
    "no mlperf-tiny-kws and speech-commands-mini in $THIMBLE_DATA";

}  // namespace thimble::testing
