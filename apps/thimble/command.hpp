#pragma once

#include <string>
#include <vector>

#include "settings.hpp"

namespace thimble::cli {

enum ExitCode {
  kDone = 0,
  kNothingFits = 1,
  kBadInput = 2,
  kVerificationFailed = 3,
  kInterrupted = 130
};

/// One command of the program: what its help says, what it takes and what it does.
struct Command {
  std::string name;
  std::string summary;   ///< one line
  std::string argument;  ///< its positional argument: "MODEL", "[NAME]" (may be left out) or ""
  const std::vector<Option>& options;
  std::vector<std::string> examples;
  /// Returns the exit code; bad input is thrown as an Error. `argument` is empty when it was left
  /// out.
  int (*run)(const Settings& settings, const std::string& argument);
  /// The option that a second positional argument gives; empty: there is none.
  std::string second = {};
};

const std::vector<Command>& commands();

// One source file each.
int run_search(const Settings& settings, const std::string& argument);
int run_resume(const Settings& settings, const std::string& run);
int run_train(const Settings& settings, const std::string& model);
int run_profile(const Settings& settings, const std::string& model);
int run_export(const Settings& settings, const std::string& trial);
int run_infer(const Settings& settings, const std::string& model);
int run_listen(const Settings& settings, const std::string& model);
int run_optimise(const Settings& settings, const std::string& model);
int run_explain(const Settings& settings, const std::string& trial);
int run_bench(const Settings& settings, const std::string& argument);
int run_devices(const Settings& settings, const std::string& name);
int run_datasets(const Settings& settings, const std::string& name);
int run_spaces(const Settings& settings, const std::string& name);
int run_strategies(const Settings& settings, const std::string& name);

}  // namespace thimble::cli
