#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "run_setup.hpp"
#include "thimble/report/run_summary.hpp"
#include "thimble/study/study.hpp"

namespace thimble::cli {

/// What a run remembers of itself in its study, besides its trials.
struct RunRecord {
  Settings settings;
  std::optional<std::int64_t> expected_trials;
  Task task;
  /// Of the front end that the networks' samples come from; none: they are as they were read.
  std::optional<frontend::Settings> features = {};
};

/// Begins a run in `folder`, which is made: study.db and config.toml. Throws ConfigError when it
/// holds a run already.
Study create_run(const std::filesystem::path& folder, const RunRecord& record);

/// Throws ConfigError when the study lacks what `create_run` wrote.
RunRecord read_record(const Study& study, const std::filesystem::path& folder);

/// `runs/cifar:57` as its two parts; no trial when there is no colon with a number behind it.
struct RunReference {
  std::filesystem::path folder;
  std::optional<std::int64_t> trial;
};
RunReference parse_run_reference(const std::string& text);

/// The study in a run folder, for looking only. Throws ConfigError naming the folder.
Study open_run_readonly(const std::filesystem::path& folder);

/// What the run is made of.
RunSetup setup_of(const RunRecord& record);

/// The run's data, as its networks take it.
NetworkData load_data(const RunRecord& record);

/// The trial of this id. Throws ConfigError when there is none.
Trial find_trial(const Study& study, const std::filesystem::path& folder, std::int64_t id);

/// What the run has come to so far: the front over all its trials, with what is known of finalists.
RunSummary summarise(const Study& study, const std::filesystem::path& folder,
                     const RunSetup& setup);

}  // namespace thimble::cli
