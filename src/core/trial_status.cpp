#include "thimble/core/trial_status.hpp"

#include <algorithm>
#include <array>

namespace thimble {
namespace {

constexpr std::array<std::string_view, 7> kNames = {
    "rejected", "duplicate", "passed-over", "running", "evaluated", "failed", "given-up"};

}  // namespace

std::string_view to_string(TrialStatus status) { return kNames[static_cast<std::size_t>(status)]; }

std::optional<TrialStatus> parse_trial_status(std::string_view text) {
  const auto found = std::ranges::find(kNames, text);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<TrialStatus>(found - kNames.begin());
}

}  // namespace thimble
