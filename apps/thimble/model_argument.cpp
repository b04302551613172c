#include "model_argument.hpp"

#include <algorithm>

#include "run_folder.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/text.hpp"
#include "thimble/eval/journal.hpp"

namespace thimble::cli {
namespace {

constexpr std::string_view kBaseline = "baseline:";

}  // namespace

Graph ModelArgument::graph(const Task& for_task) const {
  return genotype ? genotype_graph(*genotype, for_task) : thimble::baseline(baseline, for_task);
}

ModelArgument read_model(const std::string& text) {
  ModelArgument model{.name = text};
  if (text.starts_with(kBaseline)) {
    model.baseline = text.substr(kBaseline.size());
    const auto names = baseline_names();
    if (std::ranges::find(names, model.baseline) == names.end()) {
      raise<ConfigError>("{}: there is no such baseline{}", text,
                         did_you_mean(model.baseline, names));
    }
    return model;
  }
  if (const RunReference reference = parse_run_reference(text); reference.trial) {
    const Study study = open_run_readonly(reference.folder);
    const Trial trial = find_trial(study, reference.folder, *reference.trial);
    if (trial.status == TrialStatus::kGivenUp) {
      raise<ConfigError>("{}: stands for no network: {}", text, trial.reason);
    }
    model.genotype = trial.genotype;
    model.task = read_record(study, reference.folder).task;
    return model;
  }
  if (std::filesystem::path(text).extension() == ".json") {
    const Json document = parse_json(read_text(text), text);
    model.genotype = genotype_from_json(JsonField(document, text));
    return model;
  }
  raise<ConfigError>("{}: is no network: give a genotype .json, RUN:TRIAL or baseline:NAME", text);
}

}  // namespace thimble::cli
