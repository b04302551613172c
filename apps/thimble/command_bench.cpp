#include <algorithm>
#include <chrono>
#include <numeric>
#include <thread>

#include "command.hpp"
#include "run_setup.hpp"
#include "terminal.hpp"
#include "thimble/core/json.hpp"
#include "thimble/engine/engine.hpp"
#include "thimble/eval/runtime.hpp"
#include "thimble/report/text_table.hpp"

namespace thimble::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kNetworks = 5;
constexpr int kBatch = 128;
/// Of each network alone, and again while all cores are busy: ten seconds in all.
constexpr std::chrono::milliseconds kMeasured{950};
/// Fashion-MNIST's training split, less what is kept for validation.
constexpr double kSamples = 54'000;

struct Network {
  Graph graph;
  Macs macs;
};

/// Random networks as a search within 64 KiB of RAM and of flash draws them, the same on every
/// machine.
std::vector<Network> networks(const SearchSpace& space) {
  const Screen screen({.input = {28, 28, 1}, .classes = 10},
                      {.ram = 64_KiB, .flash = 64_KiB, .macs = {}}, measures_of({}));
  std::vector<Network> drawn;
  Rng rng(1);
  while (drawn.size() < kNetworks) {
    const Graph graph = screen.graph(space.random(rng));
    const Screening screening = screen(graph);
    if (!screening.violation) drawn.push_back({graph, screening.usage.macs});
  }
  return drawn;
}

/// Samples a second in training.
double train_for(const Graph& graph, std::chrono::milliseconds time) {
  Engine engine(graph, {.batch = kBatch});
  Rng rng(1);
  engine.initialise(rng);
  std::vector<float> inputs(static_cast<std::size_t>(kBatch * graph.shape(0).elements()));
  for (float& value : inputs) value = static_cast<float>(rng.normal());
  std::vector<std::int32_t> labels(kBatch);
  for (int n = 0; n < kBatch; ++n) labels[static_cast<std::size_t>(n)] = n % 10;
  engine.train_step(inputs, std::span<const std::int32_t>(labels), 0.01F);  // touches its memory
  const auto begin = Clock::now();
  double trained = 0;
  std::chrono::duration<double> elapsed{};
  while (elapsed < time) {
    engine.train_step(inputs, std::span<const std::int32_t>(labels), 0.01F);
    trained += kBatch;
    elapsed = Clock::now() - begin;
  }
  return trained / elapsed.count();
}

/// Seconds for a candidate, averaged over the networks: on one core of `jobs` busy ones.
double seconds_for_candidate(const std::vector<double>& rates, double epochs) {
  double sum = 0;
  for (const double rate : rates) sum += epochs * kSamples / rate;
  return sum / static_cast<double>(rates.size());
}

/// Each network's rate on one core while all cores train it.
std::vector<double> rates_together(const std::vector<Network>& all, int jobs) {
  std::vector<double> rates;
  for (const Network& network : all) {
    std::vector<double> each(static_cast<std::size_t>(jobs));
    {
      std::vector<std::jthread> workers;
      for (double& rate : each) {
        workers.emplace_back([&] { rate = train_for(network.graph, kMeasured); });
      }
    }
    rates.push_back(std::accumulate(each.begin(), each.end(), 0.0) / jobs);
  }
  return rates;
}

}  // namespace

int run_bench(const Settings& settings, const std::string&) {
  const double epochs = settings.number("epochs", 0.01, 1e5);
  const int jobs = settings.has("jobs") ? static_cast<int>(settings.integer("jobs", 1, 4096))
                                        : number_of_cores();
  const std::vector<Network> all = networks(find_space(settings.text("space")));
  ProgressLine progress(settings.on("quiet"));
  std::vector<double> alone;
  for (const Network& network : all) {
    progress.show(fmt::format("network {} of {} on one core", alone.size() + 1, all.size()));
    alone.push_back(train_for(network.graph, kMeasured));
  }
  progress.show(fmt::format("all of them on {} cores", jobs));
  const std::vector<double> together = rates_together(all, jobs);
  progress.erase();

  const double seconds = seconds_for_candidate(together, epochs);
  const double an_hour = 3600 * jobs / seconds;
  std::vector<std::vector<std::string>> rows;
  OrderedJson list = OrderedJson::array();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double flops = 6 * static_cast<double>(all[i].macs.value) * alone[i];
    rows.push_back({std::to_string(i + 1), format(all[i].macs), fmt::format("{:.0f}", alone[i]),
                    fmt::format("{:.1f}", flops / 1e9), fmt::format("{:.0f}", together[i])});
    list.push_back({{"macs", all[i].macs.value},
                    {"samples_per_second", alone[i]},
                    {"gflops", flops / 1e9},
                    {"samples_per_second_all_busy", together[i]}});
  }
  if (settings.on("json")) {
    print(OrderedJson{{"schema", 1},
                      {"jobs", jobs},
                      {"networks", std::move(list)},
                      {"seconds_per_candidate", seconds},
                      {"candidates_per_hour", an_hour}}
              .dump(2) +
          "\n");
    return kDone;
  }
  print(text_table({{"network"},
                    {"MACs", Align::kRight},
                    {"samples/s", Align::kRight},
                    {"GFLOP/s", Align::kRight},
                    {"all cores busy", Align::kRight}},
                   rows));
  print(fmt::format(
      "\na candidate of {:g} epochs of 54,000 images takes {:.1f} s: {:.0f} an hour on {} cores\n",
      epochs, seconds, an_hour, jobs));
  return kDone;
}

}  // namespace thimble::cli
