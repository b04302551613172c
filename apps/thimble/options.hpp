#pragma once

#include <vector>

#include "settings.hpp"

namespace thimble::cli {

// The one table of every command's settings: flags, environment, configuration keys and help all
// come from here.

/// What is found, and by which rules: `thimble search`.
const std::vector<Option>& search_options();
/// `thimble resume`: what may change when a run goes on.
const std::vector<Option>& resume_options();
const std::vector<Option>& train_options();
const std::vector<Option>& profile_options();
const std::vector<Option>& export_options();
const std::vector<Option>& infer_options();
const std::vector<Option>& listen_options();
const std::vector<Option>& optimise_options();
const std::vector<Option>& bench_options();
const std::vector<Option>& datasets_options();
/// Commands that only show something: `explain`, `devices`, `spaces`, `strategies`.
const std::vector<Option>& show_options();

}  // namespace thimble::cli
