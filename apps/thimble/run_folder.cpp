#include "run_folder.hpp"

#include <fmt/chrono.h>

#include <algorithm>
#include <charconv>

#include "thimble/core/file.hpp"
#include "thimble/eval/finalists.hpp"
#include "thimble/eval/journal.hpp"
#include "thimble/search/pareto_front.hpp"

namespace thimble::cli {
namespace {

constexpr const char* kSettings = "settings";
constexpr const char* kExpectedTrials = "expected_trials";
constexpr const char* kTask = "task";
constexpr const char* kFeaturesKey = "features";
constexpr const char* kVersion = "thimble_version";

const std::string& entry(const Study::Meta& meta, const std::string& key,
                         const std::filesystem::path& folder) {
  const auto found = meta.find(key);
  if (found == meta.end()) {
    raise<ConfigError>("{}: {}: is missing: the study is damaged", (folder / "study.db").string(),
                       key);
  }
  return found->second;
}

std::string task_to_text(const Task& task) {
  return Json{{"input", {task.input.height, task.input.width, task.input.channels}},
              {"classes", task.classes},
              {"dropout", task.dropout}}
      .dump();
}

Task task_from_text(const std::string& text, const std::string& place) {
  const Json document = parse_json(text, place);
  const JsonField field(document, place);
  const auto side = [&](std::size_t i) {
    return static_cast<int>(field.at("input").at(i).integer(1, 1 << 20));
  };
  if (field.at("input").size() != 3) field.at("input").reject("must be height, width, channels");
  return {.input = {side(0), side(1), side(2)},
          .classes = static_cast<int>(field.at("classes").integer(2, 1 << 20)),
          .dropout = static_cast<float>(field.at("dropout").number())};
}

}  // namespace

Study create_run(const std::filesystem::path& folder, const RunRecord& record) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) raise<DataError>("{}: cannot be made: {}", folder.string(), failure.message());
  Study::Meta meta{{kSettings, settings_to_text(record.settings)},
                   {kTask, task_to_text(record.task)},
                   {kVersion, THIMBLE_VERSION}};
  if (record.expected_trials) meta[kExpectedTrials] = std::to_string(*record.expected_trials);
  if (record.features) meta[kFeaturesKey] = to_json(*record.features).dump();
  Study study = Study::create(folder / "study.db", meta);
  write_file(folder / "config.toml",
             fmt::format("# thimble {}\n{}", THIMBLE_VERSION, record.settings.to_toml()));
  return study;
}

RunRecord read_record(const Study& study, const std::filesystem::path& folder) {
  const Study::Meta meta = study.meta();
  const std::string place = (folder / "study.db").string();
  RunRecord record{.settings = settings_from_text(entry(meta, kSettings, folder), folder),
                   .expected_trials = std::nullopt,
                   .task = task_from_text(entry(meta, kTask, folder), place + ": task")};
  if (meta.contains(kExpectedTrials)) {
    const Json number = parse_json(meta.at(kExpectedTrials), place);
    record.expected_trials = JsonField(number, place + ": " + kExpectedTrials).integer(1);
  }
  if (const auto features = meta.find(kFeaturesKey); features != meta.end()) {
    record.features = frontend::parse_settings(features->second, place + ": " + kFeaturesKey);
  }
  return record;
}

RunSetup setup_of(const RunRecord& record) {
  return read_run_setup(record.settings, record.features);
}

NetworkData load_data(const RunRecord& record) {
  return load_network_data(record.settings.text("data"), record.settings, record.features);
}

RunReference parse_run_reference(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon + 1 == text.size()) return {text, std::nullopt};
  std::int64_t id = 0;
  const char* end = text.data() + text.size();
  const auto [stop, status] = std::from_chars(text.data() + colon + 1, end, id);
  if (status != std::errc{} || stop != end || id < 0) return {text, std::nullopt};
  return {text.substr(0, colon), id};
}

Study open_run_readonly(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder / "study.db")) {
    raise<ConfigError>("{}: is no run folder: study.db is missing", folder.string());
  }
  return Study::open_readonly(folder / "study.db");
}

Trial find_trial(const Study& study, const std::filesystem::path& folder, std::int64_t id) {
  const auto row = study.trial(id);
  if (!row) {
    raise<ConfigError>("{}:{}: there is no such trial: the run has 0..{}", folder.string(), id,
                       study.size() - 1);
  }
  return to_trial(*row);
}

RunSummary summarise(const Study& study, const std::filesystem::path& folder,
                     const RunSetup& setup) {
  const std::vector<Trial> trials = read_trials(study);
  const std::vector<Finalist> finalists = read_finalists(study);
  RunSummary summary{.run = folder.string(),
                     .data = setup.data,
                     .device = setup.device,
                     .target = setup.runtime.tflm ? std::string(setup.runtime.tflm->name) : "",
                     .objective = setup.candidates.objective,
                     .budget = setup.whole_budget,
                     .front_end = setup.front_end,
                     .seconds = seconds_so_far(study)};
  for (const Trial& trial : trials) {
    summary.evaluated += trial.status == TrialStatus::kEvaluated ? 1 : 0;
    summary.failed += trial.status == TrialStatus::kFailed ? 1 : 0;
    const bool rejected = trial.status == TrialStatus::kRejected ||
                          trial.status == TrialStatus::kDuplicate ||
                          trial.status == TrialStatus::kPassedOver;
    summary.rejected += rejected ? 1 : 0;
  }
  for (const Trial& trial : pareto_front(trials)) {
    FrontEntry entry{.trial = trial.id,
                     .val_accuracy = trial.val_accuracy,
                     .val_score = trial.score(),
                     .usage = trial.usage};
    const auto finalist = std::ranges::find(finalists, trial.id, &Finalist::trial);
    if (finalist != finalists.end() && finalist->failure.empty()) {
      entry.val_scores = finalist->val_scores;
      entry.test_scores = finalist->test_scores;
      entry.machines = finalist->machines;
      entry.val_accuracy = entry.val_scores.at(Objective::kAccuracy);
      entry.val_score = entry.val_scores.at(summary.objective);
      entry.test_accuracy = entry.test_scores.at(Objective::kAccuracy);
      entry.finalist = true;
      entry.model = (folder / finalist->model).string();
    }
    summary.front.push_back(std::move(entry));
  }
  return summary;
}

}  // namespace thimble::cli
