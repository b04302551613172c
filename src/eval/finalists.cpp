#include "thimble/eval/finalists.hpp"

#include <algorithm>
#include <chrono>
#include <deque>

#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"
#include "thimble/eval/job_pool.hpp"
#include "thimble/tflite/writer.hpp"
#include "thimble/train/int8_score.hpp"

namespace thimble {
namespace {

constexpr auto kPatience = std::chrono::milliseconds(100);

FinalistRow to_row(const Finalist& finalist) {
  return {.trial = finalist.trial,
          .result = {{"val_accuracy", finalist.val_accuracy},
                     {"test_accuracy", finalist.test_accuracy},
                     {"model", finalist.model},
                     {"failure", finalist.failure}}};
}

Finalist to_finalist(const FinalistRow& row) {
  const JsonField field(row.result, fmt::format("finalist {}", row.trial));
  return {.trial = row.trial,
          .val_accuracy = field.at("val_accuracy").number(),
          .test_accuracy = field.at("test_accuracy").number(),
          .model = field.at("model").text(),
          .failure = field.at("failure").text()};
}

}  // namespace

std::vector<Finalist> read_finalists(const Study& study) {
  std::vector<Finalist> finalists;
  for (const FinalistRow& row : study.finalists()) finalists.push_back(to_finalist(row));
  return finalists;
}

std::vector<Trial> choose_finalists(std::span<const Trial> front, int count) {
  const std::size_t chosen = std::min(front.size(), static_cast<std::size_t>(count));
  return {front.begin(), front.begin() + static_cast<std::ptrdiff_t>(chosen)};
}

void export_model(const QuantizedModel& model, const Trial& trial, const Screen& screen,
                  const std::filesystem::path& folder) {
  const auto file = write_tflite(model);
  const Usage promised = screen.measure(screen.graph(trial.genotype));
  if (static_cast<std::int64_t>(file.size()) != promised.flash.value) {
    raise<ModelError>("trial {}: the .tflite has {} bytes: {} were promised", trial.id, file.size(),
                      promised.flash.value);
  }
  if (const auto violation = first_violation(promised, screen.budget())) {
    raise<ModelError>("trial {}: {}", trial.id, describe(*violation));
  }
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) raise<DataError>("{}: cannot be made: {}", folder.string(), failure.message());
  write_file(folder / "model.tflite", file);
  write_file(folder / "genotype.json", to_json(trial.genotype).dump(2) + "\n");
}

bool retrain_finalists(Study& study, std::span<const Trial> chosen, const Screen& screen,
                       const Dataset& dataset, const EvaluationOptions& with, int jobs,
                       const std::filesystem::path& run,
                       const std::function<bool(std::size_t done)>& observer) {
  EvaluationOptions options = with;
  options.threads = std::min(options.recipe.shards, jobs);
  const auto at_once = static_cast<std::size_t>(std::max(1, jobs / options.threads));
  const std::vector<Finalist> known = read_finalists(study);
  std::deque<Trial> waiting;
  for (const Trial& trial : chosen) {
    if (std::ranges::find(known, trial.id, &Finalist::trial) == known.end())
      waiting.push_back(trial);
  }
  std::map<std::int64_t, Trial> in_training;
  JobPool pool;
  while (!waiting.empty() || pool.size() > 0) {
    while (!waiting.empty() && pool.size() < at_once) {
      const Trial trial = waiting.front();
      waiting.pop_front();
      in_training.emplace(trial.id, trial);
      pool.launch(trial.id, [&, graph = screen.graph(trial.genotype)](const auto& keep_going) {
        return evaluate(graph, dataset, options, keep_going);
      });
    }
    if (!observer(chosen.size() - waiting.size() - pool.size())) return false;
    const auto finished = pool.wait(kPatience);
    if (!finished) continue;
    const auto& [id, evaluation] = *finished;
    Finalist finalist{.trial = id, .failure = evaluation.failure};
    const std::filesystem::path folder = std::to_string(id);
    if (finalist.failure.empty()) {
      try {
        export_model(evaluation.quantized, in_training.at(id), screen, run / folder);
      } catch (const ModelError& error) {  // the others can still be had
        finalist.failure = error.what();
      }
    }
    if (finalist.failure.empty()) {
      finalist.val_accuracy = evaluation.val_accuracy;
      finalist.test_accuracy =
          int8_accuracy(evaluation.quantized, dataset.test, dataset.normalisation);
      finalist.model = (folder / "model.tflite").string();
    }
    study.set_finalist(to_row(finalist));
  }
  return true;
}

}  // namespace thimble
