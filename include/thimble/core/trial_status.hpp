#pragma once

#include <optional>
#include <string_view>

namespace thimble {

/// What became of one proposal of a search.
enum class TrialStatus {
  kRejected,    ///< breaks the budget; the reason names the bound
  kDuplicate,   ///< a network that was asked for before
  kPassedOver,  ///< acceptable, but another of its slot looked better
  kRunning,     ///< accepted, its result is not known yet
  kEvaluated,   ///< has its figures
  kFailed,      ///< threw, diverged or ran out of memory; the reason says which
  kGivenUp,     ///< no proposal of this slot was acceptable; stands for no network
};

/// `rejected`, `duplicate`, `passed-over`, `running`, `evaluated`, `failed`, `given-up`: as studies
/// keep it.
std::string_view to_string(TrialStatus status);
/// The inverse; nothing when the text is none of them.
std::optional<TrialStatus> parse_trial_status(std::string_view text);

}  // namespace thimble
