#include <fmt/format.h>

#include <algorithm>

#include "command.hpp"
#include "model_files.hpp"
#include "run_folder.hpp"
#include "terminal.hpp"
#include "thimble/core/file.hpp"
#include "thimble/eval/finalists.hpp"

namespace thimble::cli {
namespace {

namespace fs = std::filesystem;

/// A finalist's files are copied; another trial is trained with the final recipe first, for
/// searches keep no weights. Returns the path of the model, or nothing when interrupted.
std::optional<fs::path> export_trial(const Study& study, const fs::path& run, const Trial& trial,
                                     const RunRecord& record, const fs::path& out, bool quiet) {
  const fs::path folder = out / std::to_string(trial.id);
  const std::vector<Finalist> finalists = read_finalists(study);
  const auto finalist = std::ranges::find(finalists, trial.id, &Finalist::trial);
  if (finalist != finalists.end() && finalist->failure.empty()) {
    fs::create_directories(folder);
    copy_companions((run / finalist->model).parent_path(), folder);
    write_file(folder / "genotype.json", to_json(trial.genotype).dump(2) + "\n");
    write_file(folder / "model.tflite", read_bytes(run / finalist->model));
    return folder / "model.tflite";
  }
  if (trial.status == TrialStatus::kRejected || trial.status == TrialStatus::kGivenUp) {
    raise<ConfigError>("{}:{}: was never a candidate: {}", run.string(), trial.id, trial.reason);
  }
  const RunSetup setup = setup_of(record);
  const Screen screen = make_screen(setup, record.task);
  const NetworkData data = load_data(record);
  ProgressLine progress(quiet);
  progress.note(fmt::format("trial {} is no finalist: training it for {} epochs", trial.id,
                            setup.finalists.recipe.epochs));
  const Evaluation evaluation = evaluate(screen.graph(trial.genotype), data.dataset,
                                         setup.finalists, [] { return !interrupted(); });
  if (evaluation.stopped) return std::nullopt;
  if (!evaluation.failure.empty()) {
    raise<ModelError>("{}:{}: {}", run.string(), trial.id, evaluation.failure);
  }
  export_model(evaluation.quantized, trial, screen, setup.runtime, companions(data), folder);
  return folder / "model.tflite";
}

}  // namespace

int run_export(const Settings& settings, const std::string& argument) {
  if (settings.text("format") != "tflite") {
    settings.reject("format", "this version writes tflite only");
  }
  const RunReference reference = parse_run_reference(argument);
  const Study study = open_run_readonly(reference.folder);
  const RunRecord record = read_record(study, reference.folder);
  std::vector<std::int64_t> ids;
  if (reference.trial) {
    ids.push_back(*reference.trial);
  } else {
    for (const Finalist& finalist : read_finalists(study)) {
      if (finalist.failure.empty()) ids.push_back(finalist.trial);
    }
    if (ids.empty()) {
      raise<ConfigError>(
          "{}: has no finalists yet: name a trial, as in {}:0, or go on with: thimble resume {}",
          argument, argument, argument);
    }
  }
  catch_interrupts();
  OrderedJson models = OrderedJson::array();
  std::string text;
  for (const std::int64_t id : ids) {
    const Trial trial = find_trial(study, reference.folder, id);
    const auto path = export_trial(study, reference.folder, trial, record, settings.text("out"),
                                   settings.on("quiet"));
    if (!path) {
      say("interrupted: nothing was written for this trial");
      return kInterrupted;
    }
    models.push_back({{"trial", id}, {"model", path->string()}});
    text += path->string() + "\n";
  }
  print(settings.on("json") ? OrderedJson{{"schema", 1}, {"models", models}}.dump(2) + "\n" : text);
  return kDone;
}

}  // namespace thimble::cli
