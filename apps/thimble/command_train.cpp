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

namespace thimble::cli {

namespace fs = std::filesystem;

int run_train(const Settings& given, const std::string& argument) {
  const ModelArgument model = read_model(argument);
  Settings settings = given;
  choose_for(settings, kManyImages);
  read_evaluation(settings, "epochs");  // complains before anything is loaded
  const auto dropout = static_cast<float>(settings.number("dropout", 0, 0.99));
  const NetworkData data = load_network_data(settings.text("data"), settings);
  const Dataset& dataset = data.dataset;
  settings = given;
  choose_for(settings, traits_of(data));
  const EvaluationOptions options = on_all_cores(read_evaluation(settings, "epochs"));
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
  const double validation = int8_accuracy(quantized, dataset.validation, dataset.normalisation);
  const double test = int8_accuracy(quantized, dataset.test, dataset.normalisation);
  const auto file = write_tflite(quantized);
  if (settings.has("out")) {
    const fs::path out = settings.text("out");
    for (const CompanionFile& companion : companions(data)) {
      write_file(out.parent_path() / companion.name, companion.text);
    }
    write_file(out, file);
  }

  if (settings.on("json")) {
    print(OrderedJson{{"schema", 1},
                      {"model", argument},
                      {"data", dataset.name},
                      {"epochs", options.recipe.epochs},
                      {"val_accuracy", validation},
                      {"test_accuracy", test},
                      {"ram", plan.peak.value},
                      {"flash", file.size()}}
              .dump(2) +
          "\n");
  } else {
    print(fmt::format(
        "{} on {}: int8 accuracy {:.2f} % validation, {:.2f} % test; RAM {}, flash {}\n", argument,
        dataset.name, 100 * validation, 100 * test, format(plan.peak),
        format(Bytes(static_cast<std::int64_t>(file.size())))));
  }
  return kDone;
}

}  // namespace thimble::cli
