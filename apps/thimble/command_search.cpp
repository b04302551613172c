#include <fmt/chrono.h>

#include <algorithm>
#include <cctype>
#include <ctime>

#include "command.hpp"
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
  return text + fmt::format("  best {:.2f} %  front {}", 100 * status.best_accuracy, status.front);
}

/// Says why nothing fits and returns the exit code.
int report_infeasible(const InfeasibleBudget& infeasible, const SearchSpace& space, bool json) {
  say(describe(infeasible, space));
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
               const SearchLimits& limits, const Dataset& dataset, const fs::path& run,
               const Settings& output) {
  ProgressLine progress(output.on("quiet"));
  catch_interrupts();
  progress.note(describe(setup.runtime));

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
                         .jobs = limits.jobs},
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

int run_search(const Settings& settings, const std::string&) {
  const RunSetup setup = read_run_setup(settings);
  const SearchLimits limits = read_limits(settings);
  const fs::path run = run_folder(settings);
  if (fs::exists(run / "study.db")) {
    raise<ConfigError>(
        "{}: holds a run already: choose another --out, or go on with: thimble resume {}",
        run.string(), run.string());
  }
  const Dataset dataset = load_data(settings);
  const RunRecord record{.settings = settings,
                         .expected_trials = expected_trials(limits),
                         .task = make_task(dataset, setup.dropout)};
  const Screen screen = make_screen(setup, record.task);
  if (const auto infeasible = diagnose(*setup.space, screen)) {
    return report_infeasible(*infeasible, *setup.space, settings.on("json"));
  }
  Searcher searcher = make_searcher(settings, setup, screen, record.expected_trials);
  Study study = create_run(run, record);
  return finish_run(study, setup, screen, searcher, limits, dataset, run, settings);
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
  const RunSetup setup = read_run_setup(record.settings);
  const Screen screen = make_screen(setup, record.task);
  Searcher searcher = make_searcher(record.settings, setup, screen, record.expected_trials);
  return finish_run(study, setup, screen, searcher, limits, load_data(record.settings), run,
                    settings);
}

}  // namespace thimble::cli
