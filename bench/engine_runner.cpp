// thimble's side of engine_vs_torch.py and epoch_vs_torch.py; answers in JSON, one line.
//   engine_runner list
//   engine_runner limits
//   engine_runner describe NAME FOLDER
//   engine_runner speed NAME SECONDS THREADS KEPT
//   engine_runner profile NAME STEPS KEPT
//   engine_runner epochs NAME DATA EPOCHS THREADS
//   engine_runner accuracy NAME DATA EPOCHS SEED KEPT
// KEPT is single or bfloat16.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>

#include "machine_limits.hpp"
#include "network_file.hpp"
#include "thimble/core/json.hpp"
#include "thimble/footprint/peak_ram.hpp"
#include "thimble/graph/deploy.hpp"
#include "thimble/samples/batch.hpp"
#include "thimble/train/int8_score.hpp"
#include "thimble/train/trainer.hpp"

namespace thimble {
namespace {

SuiteNetwork find_network(const std::string& name) {
  const auto suite = engine_suite();
  const auto found = std::ranges::find(suite, name, &SuiteNetwork::name);
  if (found == suite.end()) raise<ConfigError>("engine_runner: {}: there is no such network", name);
  return *found;
}

Json list() {
  Json names = Json::array();
  for (const SuiteNetwork& network : engine_suite()) names.push_back(network.name);
  return names;
}

Json limits() {
  const MachineLimits limits = measure_limits();
  return {{"flops", limits.flops},
          {"bandwidth", limits.bandwidth},
          {"cache_bandwidth", limits.cache_bandwidth}};
}

Precision precision(const std::string& word) {
  if (word == "single") return Precision::kSingle;
  if (word == "bfloat16") return Precision::kBfloat16;
  raise<ConfigError>("engine_runner: {}: must be single or bfloat16", word);
}

Json speed(const SuiteNetwork& network, double seconds, int threads, Precision kept) {
  using Clock = std::chrono::steady_clock;
  TrainingJob job(network, threads, kept);
  for (int i = 0; i < 3; ++i) job.step();
  const auto begin = Clock::now();
  double elapsed = 0;
  double trained = 0;
  while (elapsed < seconds) {
    job.step();
    trained += kSuiteBatch;
    elapsed = std::chrono::duration<double>(Clock::now() - begin).count();
  }
  return {{"samples_per_second", trained / elapsed}, {"bytes", job.engine().memory().value}};
}

Json profile(const SuiteNetwork& network, int steps, Precision kept) {
  TrainingJob job(network, 1, kept);
  job.step();
  Json rows = Json::array();
  for (const StepProfile& step : job.engine().profile(job.samples(), job.targets(), steps)) {
    rows.push_back({{"step", step.name},
                    {"node", step.node},
                    {"seconds", step.seconds},
                    {"macs", step.macs},
                    {"bytes", step.bytes}});
  }
  return rows;
}

/// Seconds of each epoch over a data set's training split, its images mirrored and moved, and of
/// what assembling an epoch's batches takes by itself.
Json epochs(const SuiteNetwork& network, const std::string& data, int count, int threads) {
  using Clock = std::chrono::steady_clock;
  const auto seconds_since = [](Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
  };
  Dataset dataset = load_dataset(data, {});
  dataset.augmentation = {.shift = 4, .flip_horizontal = true};
  const Recipe recipe{.epochs = count,
                      .optimiser = {.momentum = 0.9F},
                      .learning_rate = 0.01F,
                      .schedule = Schedule::kConstant,
                      .warm_up_epochs = 0,
                      .augmentation = Augmentation::kFull,
                      .shards = threads};

  std::vector<float> batch(static_cast<std::size_t>(recipe.batch) *
                           static_cast<std::size_t>(dataset.shape().elements()));
  const auto order = epoch_order(dataset.train.size(), 0, 0);
  const std::size_t steps = order.size() / static_cast<std::size_t>(recipe.batch);
  Clock::time_point begin = Clock::now();
  for (std::size_t step = 0; step < steps; ++step) {
    const auto size = static_cast<std::size_t>(recipe.batch);
    fill_batch(dataset.train, dataset.normalisation, std::span(order).subspan(step * size, size),
               &dataset.augmentation, 0, 0, batch);
  }
  const double batches = seconds_since(begin);

  Json seconds = Json::array();
  Json losses = Json::array();
  int finished = 0;
  begin = Clock::now();
  train(
      network.graph, dataset, recipe,
      [&](const TrainingProgress& progress) {
        if (progress.epoch > finished) {
          finished = progress.epoch;
          seconds.push_back(seconds_since(begin));
          losses.push_back(progress.loss);
          begin = Clock::now();
        }
        return true;
      },
      threads);
  return {{"images", steps * static_cast<std::size_t>(recipe.batch)},
          {"seconds", seconds},
          {"losses", losses},
          {"seconds_of_batches", batches}};
}

/// What the int8 network gets on the test split after a search's final training.
Json accuracy(const SuiteNetwork& network, const std::string& data, int epochs, std::uint64_t seed,
              Precision kept) {
  const Dataset dataset = load_dataset(data, {});
  const Recipe recipe{.epochs = epochs, .kept = kept, .seed = seed};
  const TrainedModel trained = train(network.graph, dataset, recipe);
  const std::vector<NodeId> order = minimal_peak_ram(deployed(network.graph)).order;
  const QuantizedModel model = quantised(trained.model, dataset, order);
  return {{"accuracy", int8_accuracy(model, dataset.test, dataset.normalisation)},
          {"loss", trained.loss}};
}

Json answer(const std::vector<std::string>& words) {
  if (words == std::vector<std::string>{"list"}) return list();
  if (words == std::vector<std::string>{"limits"}) return limits();
  if (words.size() == 3 && words[0] == "describe") {
    write_network_file(find_network(words[1]), words[2]);
    return {{"written", words[1]}};
  }
  if (words.size() == 5 && words[0] == "speed") {
    return speed(find_network(words[1]), std::stod(words[2]), std::stoi(words[3]),
                 precision(words[4]));
  }
  if (words.size() == 4 && words[0] == "profile") {
    return profile(find_network(words[1]), std::stoi(words[2]), precision(words[3]));
  }
  if (words.size() == 5 && words[0] == "epochs") {
    return epochs(find_network(words[1]), words[2], std::stoi(words[3]), std::stoi(words[4]));
  }
  if (words.size() == 6 && words[0] == "accuracy") {
    return accuracy(find_network(words[1]), words[2], std::stoi(words[3]), std::stoull(words[4]),
                    precision(words[5]));
  }
  raise<ConfigError>(
      "engine_runner: list | limits | describe NAME FOLDER | speed NAME SECONDS THREADS KEPT | "
      "profile NAME STEPS KEPT | epochs NAME DATA EPOCHS THREADS | accuracy NAME DATA EPOCHS SEED "
      "KEPT");
}

}  // namespace
}  // namespace thimble

int main(int argc, char** argv) {
  try {
    fmt::print("{}\n", thimble::answer({argv + 1, argv + argc}).dump());
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
}
