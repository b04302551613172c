#include <fmt/format.h>

#include "chosen_settings.hpp"
#include "command.hpp"
#include "model_argument.hpp"
#include "model_files.hpp"
#include "run_setup.hpp"
#include "terminal.hpp"
#include "thimble/core/file.hpp"
#include "thimble/footprint/peak_ram.hpp"
#include "thimble/graph/deploy.hpp"
#include "thimble/tflite/writer.hpp"
#include "thimble/train/int8_score.hpp"
#include "thimble/train/trainer.hpp"
#include "train_report.hpp"

namespace thimble::cli {
namespace {

namespace fs = std::filesystem;

/// What the network learns. Throws ConfigError where the set has no use for what it can do.
Target target_of(const ModelArgument& model, const Dataset& dataset) {
  if (!model.rebuilds_input()) return Target::kLabel;
  if (!detects_anomalies(dataset)) {
    raise<ConfigError>(
        "{}: finds anomalies: {} does not say which samples are: choose a network that classifies",
        model.name, dataset.name);
  }
  return Target::kInput;
}

/// An area under the ROC for what does not classify.
Objective objective_of(const Settings& settings, Target target) {
  const Objective objective = read_objective(settings);
  const bool ranks = objective == Objective::kAuc || objective == Objective::kPartialAuc;
  return target == Target::kInput && !ranks ? Objective::kAuc : objective;
}

}  // namespace

int run_train(const Settings& given, const std::string& argument) {
  const ModelArgument model = read_model(argument);
  Settings settings = given;
  choose_for(settings, kManyImages);
  read_evaluation(settings, "epochs");  // complains before anything is loaded
  read_objective(settings);
  fs::path out;
  if (settings.has("out")) out = read_out_file(settings);
  const auto dropout = static_cast<float>(settings.number("dropout", 0, 0.99));
  const NetworkData data = load_network_data(given.text("data"), given);
  const Dataset& dataset = data.dataset;
  settings = given;
  choose_for(settings, traits_of(data));
  EvaluationOptions options = on_all_cores(read_evaluation(settings, "epochs"));
  options.recipe.target = target_of(model, dataset);
  const Graph graph = model.graph(make_task(dataset, dropout));

  ProgressLine progress(settings.on("quiet"));
  for (const std::string& line : describe(data)) progress.note(line);
  progress.note(fmt::format("recipe: batches of {}, learning rate {:g}, {} epochs",
                            options.recipe.batch, options.recipe.learning_rate,
                            options.recipe.epochs));
  catch_interrupts();
  const auto observer = [&](const TrainingProgress& now) {
    progress.show(fmt::format("epoch {}/{}  loss {:.4f}", now.epoch, now.epochs, now.loss));
    return !interrupted();
  };
  const TrainedModel trained = train(graph, dataset, options.recipe, observer, options.threads);
  progress.erase();
  if (trained.end == TrainingEnd::kStopped) {
    say("interrupted: nothing was written");
    return kInterrupted;
  }
  if (trained.end == TrainingEnd::kDiverged) {
    raise<ModelError>("{}: diverged: try a smaller --learning-rate", argument);
  }
  const PeakRam plan = minimal_peak_ram(deployed(graph));
  const QuantizedModel quantized = quantised(trained.model, dataset, plan.order, options.quantise);
  const Target target = options.recipe.target;
  const auto file = write_tflite(quantized);
  const TrainReport report{.model = argument,
                           .data = dataset.name,
                           .class_names = dataset.class_names,
                           .epochs = options.recipe.epochs,
                           .objective = objective_of(settings, target),
                           .validation = report_on(quantized, dataset.validation, dataset, target),
                           .test = report_on(quantized, dataset.test, dataset, target),
                           .ram = plan.peak,
                           .flash = Bytes(static_cast<std::int64_t>(file.size()))};
  if (!out.empty()) {
    for (const CompanionFile& companion : companions(data)) {
      write_file(out.parent_path() / companion.name, companion.text);
    }
    write_file(out, file);
  }
  print(settings.on("json") ? to_json(report).dump(2) + "\n"
                            : to_text(report, settings.on("confusion")));
  return kDone;
}

}  // namespace thimble::cli
