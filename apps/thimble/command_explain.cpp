#include <fmt/format.h>

#include "command.hpp"
#include "profile_report.hpp"
#include "run_folder.hpp"
#include "terminal.hpp"

namespace thimble::cli {
namespace {

std::string fate(const Trial& trial, Objective objective) {
  switch (trial.status) {
    case TrialStatus::kEvaluated:
      return fmt::format("evaluated: {:.2f} % int8 validation {}, after {:.1f} s of training",
                         100 * trial.score(), info(objective).title, trial.seconds);
    case TrialStatus::kRunning:
      return "in training, or lost in an interruption: resuming the run trains it again";
    default:
      return fmt::format("{}: {}", to_string(trial.status), trial.reason);
  }
}

}  // namespace

int run_explain(const Settings& settings, const std::string& argument) {
  const RunReference reference = parse_run_reference(argument);
  if (!reference.trial)
    raise<ConfigError>("{}: names no trial: give RUN:TRIAL, as in {}:0", argument, argument);
  const Study study = open_run_readonly(reference.folder);
  const Trial trial = find_trial(study, reference.folder, *reference.trial);
  const RunRecord record = read_record(study, reference.folder);
  OrderedJson document{{"schema", 1},
                       {"trial", trial.id},
                       {"slot", trial.slot},
                       {"status", to_string(trial.status)},
                       {"reason", trial.reason}};
  const RunSetup setup = setup_of(record);
  const Objective objective = setup.candidates.objective;
  std::string text = fmt::format("trial {} is {}\n", trial.id, fate(trial, objective));
  if (trial.parent) {
    document["parent"] = *trial.parent;
    text += fmt::format("a mutation of trial {}\n", *trial.parent);
  }
  if (trial.status == TrialStatus::kEvaluated) {
    document["val_accuracy"] = trial.val_accuracy;
    document["objective"] = info(objective).name;
    document["val_score"] = trial.score();
  }
  if (trial.status != TrialStatus::kGivenUp) {
    Profile profile = profile_of(genotype_graph(trial.genotype, record.task), argument);
    if (setup.runtime.tflm != nullptr) {
      profile.arena = forecast_of_export(profile.graph, *setup.runtime.tflm);
    }
    document["genotype"] = to_json(trial.genotype);
    document["profile"] = to_json(profile);
    text += fmt::format("genotype {}\n\n{}", to_json(trial.genotype).dump(),
                        to_text(profile, std::nullopt));
    const Screen screen = make_screen(setup, record.task);
    const Screening screening = screen.without_budget(screen.graph(trial.genotype));
    const auto violation = first_violation(screening.usage, setup.budget);
    document["violation"] = violation ? OrderedJson(describe(*violation)) : OrderedJson();
    if (!screening.refusal.empty()) {
      document["refusal"] = screening.refusal;
      text += fmt::format("runtime   refused: {}\n", screening.refusal);
    } else {
      text += violation ? fmt::format("budget    broken: {}\n", describe(*violation))
                        : "budget    kept\n";
    }
    if (setup.front_end) {
      text += fmt::format(
          "front end  RAM {}, flash {}, MACs {} beside the network, taken off the budget\n",
          format(setup.front_end->ram), format(setup.front_end->flash),
          format(setup.front_end->macs));
    }
  }
  print(settings.on("json") ? document.dump(2) + "\n" : text);
  return kDone;
}

}  // namespace thimble::cli
