#pragma once

#include <cstdint>
#include <filesystem>
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

}  // namespace thimble::testing
