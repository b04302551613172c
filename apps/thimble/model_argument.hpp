#pragma once

#include <optional>
#include <string>

#include "thimble/space/baselines.hpp"
#include "thimble/space/search_space.hpp"
#include "thimble/space/task.hpp"

namespace thimble::cli {

/// A network named on the command line: a genotype `.json`, `RUN:TRIAL` or `baseline:NAME`.
struct ModelArgument {
  std::string name;                  ///< as it was given
  std::optional<Genotype> genotype;  ///< of a file or a trial
  std::string baseline;              ///< of a published network; empty otherwise
  std::optional<Task> task;          ///< what the trial's run was for

  /// The training graph. Throws ModelError when the task cannot have it.
  Graph graph(const Task& for_task) const;
  /// Whether it is to answer its input instead of a class.
  bool rebuilds_input() const { return thimble::rebuilds_input(baseline); }
};

/// Reads it. Throws ConfigError or DataError when there is no such network.
ModelArgument read_model(const std::string& text);

}  // namespace thimble::cli
