#include <fmt/chrono.h>

#include <algorithm>
#include <cctype>
#include <ctime>

#include "chosen_settings.hpp"
#include "command.hpp"
#include "model_files.hpp"
#include "run_folder.hpp"
#include "runtime_setting.hpp"
#include "terminal.hpp"
#include "thimble/core/file.hpp"
#include "thimble/eval/finalists.hpp"
#include "thimble/eval/heats.hpp"
#include "thimble/eval/journal.hpp"
#include "thimble/search/diagnosis.hpp"
#include "thimble/search/pareto_front.hpp"

namespace thimble::cli {
namespace {

namespace fs = std::filesystem;

std::string progress_text(const SearchStatus& status, const SearchLimits& limits) {
  std::string text = format(std::chrono::duration_cast<std::chrono::seconds>(status.elapsed));
  if (limits.time) {
    const auto left = std::max(std::chrono::duration<double>(0), *limits.time - status.elapsed);
    text +=
        fmt::format(" ({} left)", format(std::chrono::duration_cast<std::chrono::seconds>(left)));
  }
  text += fmt::format("  {}", status.evaluated);
  if (limits.trials) text += fmt::format("/{}", *limits.trials);
  text += fmt::format(" evaluated, {} rejected", status.rejected);
  if (status.failed > 0) text += fmt::format(", {} failed", status.failed);
  return text + fmt::format("  best {:.2f} %  front {}", 100 * status.best_score, status.front);
}

std::string describe_recipes(const RunSetup& setup) {
  const Recipe& candidates = setup.candidates.recipe;
  return fmt::format(
      "recipe: batches of {}, learning rate {:g}; epochs: candidates {}, heats {}, finalists {}",
      candidates.batch, candidates.learning_rate, candidates.epochs, setup.heats.recipe.epochs,
      setup.finalists.recipe.epochs);
}

/// What of the budget is the networks'.
std::string describe_left(const RunSetup& setup) {
  std::vector<std::string> left;
  if (setup.budget.ram) left.push_back("RAM " + format(*setup.budget.ram));
  if (setup.budget.flash) left.push_back("flash " + format(*setup.budget.flash));
  if (setup.budget.macs) left.push_back("MACs " + format(*setup.budget.macs));
  return fmt::format("budget: the front end takes RAM {}, flash {}, MACs {}{}{}",
                     format(setup.front_end->ram), format(setup.front_end->flash),
                     format(setup.front_end->macs),
                     left.empty() ? "" : "; left for a network: ", fmt::join(left, ", "));
}

/// The bounds of the whole, network and front end.
InfeasibleBudget of_the_whole(InfeasibleBudget network, const RunSetup& setup) {
  if (!setup.front_end) return network;
  for (Violation& bound : network.bounds) {
    if (bound.bound == "ram") {
      bound.used += setup.front_end->ram.value;
      bound.allowed = setup.whole_budget.ram->value;
    } else if (bound.bound == "flash") {
      bound.used += setup.front_end->flash.value;
      bound.allowed = setup.whole_budget.flash->value;
    } else if (bound.bound == "macs") {
      bound.used += setup.front_end->macs.value;
      bound.allowed = setup.whole_budget.macs->value;
    }
  }
  return network;
}

/// Says why nothing fits and returns the exit code.
int report_infeasible(const InfeasibleBudget& network, const RunSetup& setup, bool json) {
  const InfeasibleBudget infeasible = of_the_whole(network, setup);
  std::string line = describe(infeasible, *setup.space);
  if (setup.front_end) {
    line += fmt::format(", with its front end, which takes ram {}, flash {}, macs {}",
                        format(setup.front_end->ram), format(setup.front_end->flash),
                        format(setup.front_end->macs));
  }
  say(line);
  if (json) {
    OrderedJson bounds = OrderedJson::array();
    for (const Violation& bound : infeasible.bounds) {
      bounds.push_back(
          {{"bound", bound.bound}, {"allowed", bound.allowed}, {"needed", bound.used}});
    }
    print(OrderedJson{{"schema", 1}, {"fits", false}, {"binding", std::move(bounds)}}.dump(2) +
          "\n");
  }
  return kNothingFits;
}

int interrupted_run(ProgressLine& progress, const fs::path& run) {
  progress.erase();
  say(fmt::format("interrupted: all results are saved; go on with: thimble resume {}",
                  run.string()));
  return kInterrupted;
}

/// Searches, retrains the finalists and answers.
int finish_run(Study& study, const RunSetup& setup, const Screen& screen, Searcher& searcher,
               const SearchLimits& limits, const NetworkData& data, const fs::path& run,
               const Settings& output) {
  const Dataset& dataset = data.dataset;
  const std::vector<CompanionFile> files = companions(data);
  ProgressLine progress(output.on("quiet"));
  catch_interrupts();
  for (const std::string& line : describe(data)) progress.note(line);
  progress.note(fmt::format("space: {}", setup.space->name()));
  progress.note(describe(setup.candidates.objective));
  progress.note(describe_recipes(setup));
  progress.note(describe(setup.runtime));
  if (setup.front_end) progress.note(describe_left(setup));
  if (setup.budget.macs) {
    progress.note(
        fmt::format("budget: MACs at most {} (--macs)", format(*setup.whole_budget.macs)));
  }

  const SearchEnd end = run_search(study, searcher, screen, dataset, setup.candidates, limits,
                                   [&](const SearchStatus& status) {
                                     progress.show(progress_text(status, limits));
                                     return !interrupted();
                                   });
  if (end == SearchEnd::kInterrupted) return interrupted_run(progress, run);
  if (end == SearchEnd::kExhausted) {
    progress.note("no new network that keeps the budget was found: the search ends early");
  }

  const std::vector<Trial> front = pareto_front(read_trials(study));
  const auto chosen =
      choose_finalists(study, front, setup.heat_count, setup.finalist_count,
                       {.screen = screen,
                        .dataset = dataset,
                        .runtime = setup.runtime,
                        .options = setup.heats,
                        .jobs = limits.jobs},
                       [&](std::size_t done) {
                         progress.show(fmt::format("heats: {} trained for {} epochs", done,
                                                   setup.heats.recipe.epochs));
                         return !interrupted();
                       });
  if (!chosen) return interrupted_run(progress, run);
  const bool all =
      retrain_finalists(study, *chosen,
                        {.screen = screen,
                         .dataset = dataset,
                         .runtime = setup.runtime,
                         .options = setup.finalists,
                         .jobs = limits.jobs,
                         .companions = files},
                        run, [&](std::size_t done) {
                          progress.show(fmt::format("finalists: {} of {} trained and exported",
                                                    done, chosen->size()));
                          return !interrupted();
                        });
  if (!all) return interrupted_run(progress, run);
  progress.erase();

  const RunSummary summary = summarise(study, run, setup);
  const std::string document = to_json(summary).dump(2) + "\n";
  write_file(run / "front.json", document);
  print(output.on("json") ? document : to_text(summary, wants_color(output.text("color"))));
  return summary.front.empty() ? kNothingFits : kDone;
}

fs::path run_folder(const Settings& settings) {
  if (settings.has("out")) return settings.text("out");
  std::string data = fs::path(settings.text("data")).filename().string();
  if (data.empty()) data = "data";
  const fs::path wanted = fs::path("runs") / fmt::format("{}-{:%Y%m%d-%H%M%S}", data,
                                                         fmt::localtime(std::time(nullptr)));
  fs::path folder = wanted;
  for (int n = 2; fs::exists(folder); ++n) folder = fmt::format("{}-{}", wanted.string(), n);
  return folder;
}

}  // namespace

int run_search(const Settings& given, const std::string&) {
  Settings settings = given;
  choose_for(settings, kManyImages);
  read_run_setup(settings);  // complains before anything is loaded
  const SearchLimits limits = read_limits(settings);
  const fs::path run = run_folder(settings);
  if (fs::exists(run / "study.db")) {
    raise<ConfigError>(
        "{}: holds a run already: choose another --out, or go on with: thimble resume {}",
        run.string(), run.string());
  }
  const NetworkData data = load_network_data(given.text("data"), given);
  settings = given;
  choose_for(settings, traits_of(data));
  check_objective(settings, data.dataset);
  const RunSetup setup = read_run_setup(settings, data.features);
  const RunRecord record{.settings = settings,
                         .expected_trials = expected_trials(limits),
                         .task = make_task(data.dataset, setup.dropout),
                         .features = data.features};
  const Screen screen = make_screen(setup, record.task);
  if (const auto infeasible = diagnose(*setup.space, screen)) {
    return report_infeasible(*infeasible, setup, settings.on("json"));
  }
  Searcher searcher = make_searcher(settings, setup, screen, record.expected_trials);
  Study study = create_run(run, record);
  return finish_run(study, setup, screen, searcher, limits, data, run, settings);
}

int run_resume(const Settings& settings, const std::string& folder) {
  const fs::path run = folder;
  if (!fs::exists(run / "study.db")) {
    raise<ConfigError>("{}: is no run folder: study.db is missing", folder);
  }
  Study study = Study::open(run / "study.db");
  const RunRecord record = read_record(study, run);
  SearchLimits limits = read_limits(record.settings);
  const SearchLimits given = read_limits(settings);
  if (settings.has("trials")) limits.trials = given.trials;
  if (settings.has("time")) limits.time = given.time;
  if (settings.has("trials") && !settings.has("time")) limits.time.reset();
  if (settings.has("jobs")) limits.jobs = given.jobs;
  const RunSetup setup = setup_of(record);
  const Screen screen = make_screen(setup, record.task);
  Searcher searcher = make_searcher(record.settings, setup, screen, record.expected_trials);
  return finish_run(study, setup, screen, searcher, limits, load_data(record), run, settings);
}

}  // namespace thimble::cli
