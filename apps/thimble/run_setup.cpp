#include "run_setup.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "augmentation_setting.hpp"
#include "options.hpp"
#include "runtime_setting.hpp"
#include "thimble/core/json.hpp"
#include "thimble/core/text.hpp"
#include "thimble/train/int8_score.hpp"

namespace thimble::cli {
namespace {

constexpr int kMost = 1'000'000'000;
/// Searches that end by the clock expect a candidate in so many seconds; it only sets the defaults
/// of a strategy, and is no measurement, for those must not depend on the machine.
constexpr double kSecondsForACandidate = 4;
constexpr std::string_view kDefaultTime = "20m";
/// Of every batch where one network is trained for long: up to so many cores work on it.
constexpr int kShards = 4;

Budget read_budget(const Settings& settings, const std::optional<Device>& device) {
  constexpr std::string_view kSize = "must be a size such as 64KiB, 64KB or 65536";
  Budget budget;
  if (device) budget = {.ram = device->ram, .flash = device->flash};
  if (const auto ram = settings.parsed("ram", parse_bytes, kSize)) budget.ram = ram;
  if (const auto flash = settings.parsed("flash", parse_bytes, kSize)) budget.flash = flash;
  if (!settings.has("macs") || settings.text("macs") != "none") {
    budget.macs = settings.parsed("macs", parse_macs, "must be a count such as 1.1M, or none");
  }
  for (const char* name : {"latency", "energy"}) {
    if (settings.has(name))
      settings.reject(name, "this version has no model of it yet: bound --macs instead");
  }
  return budget;
}

Schedule read_schedule(const Settings& settings) {
  const std::string& name = settings.text("schedule");
  if (name == "cosine") return Schedule::kCosine;
  if (name == "step") return Schedule::kStep;
  if (name == "constant") return Schedule::kConstant;
  const std::vector<std::string> names{"cosine", "step", "constant"};
  settings.reject("schedule", "must be cosine, step or constant" + did_you_mean(name, names));
}

OptimiserKind read_optimiser(const Settings& settings) {
  const std::string& name = settings.text("optimiser");
  if (name == "sgd") return OptimiserKind::kSgdMomentum;
  if (name == "adamw") return OptimiserKind::kAdamW;
  settings.reject("optimiser", "must be sgd or adamw");
}

/// What was given of a strategy's options; the rest is the strategy's choice.
Json strategy_options(const Settings& settings) {
  Json options = Json::object();
  for (const char* name : {"population", "sample"}) {
    if (const auto value = settings.integer(name, 0, kMost); value > 0) options[name] = value;
  }
  for (const char* name : {"morphs", "choices"}) {
    if (settings.has(name)) options[name] = settings.integer(name, 1, 1000);
  }
  if (settings.has("resource-weight")) {
    options["resource_weight"] = settings.number("resource-weight", 0, 10);
  }
  return options;
}

/// None: a run of a version that knew no such bound.
std::optional<std::int64_t> read_enough_params(const Settings& settings) {
  if (settings.text("enough-params") == "auto") return std::nullopt;
  return settings.integer("enough-params", 1, INT64_MAX);
}

/// What a job may allocate: its share of three quarters of the machine's memory.
Bytes memory_for_each(std::int64_t jobs) {
  const std::int64_t all = std::int64_t{::sysconf(_SC_PHYS_PAGES)} * ::sysconf(_SC_PAGESIZE);
  return Bytes(all / 4 * 3 / jobs);
}

/// What is left when `part` is taken, one at least.
template <class Quantity>
Quantity left(Quantity whole, Quantity part) {
  return std::max(Quantity(1), whole - part);
}

/// As many times longer than a candidate's training as a finalist's is longer again.
int halfway(int candidate_epochs, int final_epochs) {
  return static_cast<int>(
      std::lround(std::sqrt(static_cast<double>(candidate_epochs) * final_epochs)));
}

}  // namespace

int number_of_cores() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

EvaluationOptions read_evaluation(const Settings& settings, std::string_view epochs) {
  Recipe recipe;
  recipe.epochs = static_cast<int>(settings.integer(epochs, 1, 100'000));
  recipe.batch = static_cast<int>(settings.integer("batch", 1, 65'536));
  recipe.learning_rate = static_cast<float>(settings.number("learning-rate", 1e-9, 1e3));
  recipe.optimiser.kind = read_optimiser(settings);
  recipe.optimiser.weight_decay = static_cast<float>(settings.number("weight-decay", 0, 1));
  recipe.schedule = read_schedule(settings);
  recipe.augmentation = read_augmentation(settings, "augment");
  recipe.seed = static_cast<std::uint64_t>(settings.integer("seed", 0, INT64_MAX));
  const double percentile = settings.number("percentile", 51, 100);
  EvaluationOptions options{.recipe = recipe};
  if (percentile < 100) {
    options.quantise.calibration = {.observer = RangeObserver::kPercentile,
                                    .percentile = percentile};
  }
  options.memory_limit =
      memory_for_each(settings.has("jobs") ? settings.integer("jobs", 1, 4096) : 1);
  return options;
}

EvaluationOptions on_all_cores(EvaluationOptions options) {
  options.recipe.shards = kShards;
  options.threads = number_of_cores();
  return options;
}

Objective read_objective(const Settings& settings) {
  const std::string& name = settings.text("objective");
  if (const auto objective = parse_objective(name)) return *objective;
  std::vector<std::string> names;
  for (const ObjectiveInfo& each : all_objectives()) names.emplace_back(each.name);
  settings.reject("objective", fmt::format("must be one of {}{}", fmt::join(names, ", "),
                                           did_you_mean(name, names)));
}

std::string describe(Objective objective) {
  const ObjectiveInfo& of = info(objective);
  return fmt::format("objective: {}, {}", of.name, of.description);
}

void check_objective(const Settings& settings, const Dataset& dataset) {
  const Truth truth = truth_of(dataset.validation, dataset);
  const auto why = why_unknown(read_objective(settings), truth);
  if (!why) return;
  settings.reject("objective",
                  fmt::format("validation of {} {}: {}", dataset.name, *why,
                              truth.detects_anomalies
                                  ? "give accuracy (of a classifier of the machines), or a "
                                    "validation split with anomalies"
                                  : "give accuracy, or a validation split with several classes"));
}

RunSetup read_run_setup(const Settings& settings) {
  RunSetup setup;
  setup.data = settings.text("data");
  std::optional<Device> device;
  if (settings.has("device")) {
    const auto boards = builtin_devices();
    device = find_device(settings.text("device"), boards);
    setup.device = device->name;
  }
  setup.budget = read_budget(settings, device);
  setup.whole_budget = setup.budget;
  setup.runtime = read_runtime(settings, device);
  setup.space = &find_space(settings.text("space"));
  setup.dropout = static_cast<float>(settings.number("dropout", 0, 0.99));
  setup.candidates = read_evaluation(settings, "epochs");
  setup.finalists = on_all_cores(read_evaluation(settings, "final-epochs"));
  Recipe& final_recipe = setup.finalists.recipe;
  final_recipe.augmentation = read_augmentation(settings, "final-augment");
  final_recipe.label_smoothing = static_cast<float>(settings.number("final-smoothing", 0, 0.9));
  final_recipe.ema_decay = static_cast<float>(settings.number("final-average", 0, 0.999999));
  setup.candidates.objective = read_objective(settings);
  setup.finalists.objective = setup.candidates.objective;
  setup.heats = setup.candidates;
  setup.heats.recipe.epochs = static_cast<int>(settings.integer("heat-epochs", 0, 100'000));
  if (setup.heats.recipe.epochs == 0) {
    setup.heats.recipe.epochs =
        halfway(setup.candidates.recipe.epochs, setup.finalists.recipe.epochs);
  }
  setup.heat_count = static_cast<int>(settings.integer("heats", 0, 10'000));
  setup.finalist_count = static_cast<int>(settings.integer("finalists", 0, 10'000));
  return setup;
}

RunSetup read_run_setup(const Settings& settings,
                        const std::optional<frontend::Settings>& features) {
  RunSetup setup = read_run_setup(settings);
  if (!features) return setup;
  setup.front_end = front_end_usage(*features, settings);
  if (setup.budget.ram) setup.budget.ram = left(*setup.budget.ram, setup.front_end->ram);
  if (setup.budget.flash) setup.budget.flash = left(*setup.budget.flash, setup.front_end->flash);
  if (setup.budget.macs) setup.budget.macs = left(*setup.budget.macs, setup.front_end->macs);
  return setup;
}

Task make_task(const Dataset& dataset, float dropout) {
  return {.input = dataset.shape(), .classes = dataset.classes, .dropout = dropout};
}

Screen make_screen(const RunSetup& setup, const Task& task) {
  return Screen(task, setup.budget, measures_of(setup.runtime));
}

std::optional<std::int64_t> expected_trials(const SearchLimits& limits) {
  std::optional<std::int64_t> expected = limits.trials;
  if (limits.time) {
    const auto by_time =
        static_cast<std::int64_t>(limits.time->count() / kSecondsForACandidate) + 1;
    expected = std::min(by_time, expected.value_or(by_time));
  }
  return expected;
}

Searcher make_searcher(const Settings& settings, const RunSetup& setup, const Screen& screen,
                       std::optional<std::int64_t> expected_trials) {
  const Json options = strategy_options(settings);
  auto strategy = make_strategy(
      settings.text("strategy"), JsonField(options, "--strategy options"),
      {.space = *setup.space, .budget = setup.budget, .expected_trials = expected_trials});
  const auto window = static_cast<int>(settings.integer("window", 0, 100'000));
  return Searcher(*setup.space, screen, std::move(strategy),
                  {.seed = setup.candidates.recipe.seed,
                   .window = window > 0 ? window : default_window(expected_trials),
                   .enough_params = read_enough_params(settings)});
}

SearchLimits read_limits(const Settings& settings) {
  SearchLimits limits;
  if (settings.has("trials")) limits.trials = settings.integer("trials", 1, kMost);
  limits.time = settings.parsed("time", parse_duration, "must be a time such as 6m or 1.5h");
  if (!limits.trials && !limits.time) limits.time = parse_duration(kDefaultTime);
  limits.jobs = settings.has("jobs") ? static_cast<int>(settings.integer("jobs", 1, 4096))
                                     : number_of_cores();
  return limits;
}

std::string settings_to_text(const Settings& settings) { return Json(settings.values()).dump(); }

Settings settings_from_text(const std::string& text, const std::filesystem::path& run) {
  const std::string place = (run / "study.db").string();
  const Json document = parse_json(text, place);
  Settings::Values values;
  for (const auto& [key, value] : document.items()) {
    values[key] = JsonField(value, fmt::format("{}: {}", place, key)).text();
  }
  // A run from before there was a choice goes on as it began, whatever the environment says.
  values.try_emplace("objective", info(Objective::kAccuracy).name);
  return Settings(search_options(), std::move(values), "");
}

}  // namespace thimble::cli
