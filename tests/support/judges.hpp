#pragma once

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <span>
#include <vector>

namespace thimble::testing {

/// Interpreters that are not ours: TensorFlow Lite Micro, and TensorFlow Lite without its optimised
/// kernels.
enum class Judge { kTfliteMicro, kLiteRt };

/// What a judge is to run: a network with one input and one output, and samples one after another.
struct JudgeCase {
  std::vector<std::uint8_t> file;
  std::vector<std::int8_t> inputs;
};

/// The Python that has the judges: in $THIMBLE_JUDGES, else in build/judges, where
/// tools/judges/install puts it. Nothing when it is not there: the test should skip, with
/// `kJudgesMissing`.
std::optional<std::filesystem::path> judges_python();
inline constexpr const char* kJudgesMissing = "no judges: run tools/judges/install";

/// The outputs of all samples of each case, one after another; empty for a case that the judge
/// refused, whose reason is then on standard error. All cases are run by one process.
std::vector<std::vector<std::int8_t>> judged(Judge judge, std::span<const JudgeCase> cases);

/// A file for TensorFlow Lite Micro to allocate, and an arena in which it should just be able to.
struct ArenaCase {
  std::vector<std::uint8_t> file;
  std::int64_t smallest = 0;  // bytes
};

/// What TensorFlow Lite Micro's interpreter reports that it has allocated, in bytes.
struct ArenaReport {
  std::int64_t total = 0;
  std::int64_t head = 0;
  std::int64_t tail = 0;
  bool fits = false;            // in an arena of `smallest` bytes
  bool fits_with_less = false;  // in one of 16 bytes less

  bool operator==(const ArenaReport&) const = default;
};
void PrintTo(const ArenaReport& report, std::ostream* out);

/// For each case; none for one that is refused, whose reason is then on standard error.
std::vector<std::optional<ArenaReport>> judged_arenas(std::span<const ArenaCase> cases);

}  // namespace thimble::testing
