// thimble's side of engine_vs_torch.py; answers in JSON, one line.
//   engine_runner list
//   engine_runner limits
//   engine_runner describe NAME FOLDER
//   engine_runner speed NAME SECONDS THREADS
//   engine_runner profile NAME STEPS
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>

#include "machine_limits.hpp"
#include "network_file.hpp"
#include "thimble/core/json.hpp"

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
  return {{"flops", limits.flops}, {"bandwidth", limits.bandwidth}};
}

Json speed(const SuiteNetwork& network, double seconds, int threads) {
  using Clock = std::chrono::steady_clock;
  TrainingJob job(network, threads);
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

Json profile(const SuiteNetwork& network, int steps) {
  TrainingJob job(network);
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

Json answer(const std::vector<std::string>& words) {
  if (words == std::vector<std::string>{"list"}) return list();
  if (words == std::vector<std::string>{"limits"}) return limits();
  if (words.size() == 3 && words[0] == "describe") {
    write_network_file(find_network(words[1]), words[2]);
    return {{"written", words[1]}};
  }
  if (words.size() == 4 && words[0] == "speed") {
    return speed(find_network(words[1]), std::stod(words[2]), std::stoi(words[3]));
  }
  if (words.size() == 3 && words[0] == "profile") {
    return profile(find_network(words[1]), std::stoi(words[2]));
  }
  raise<ConfigError>(
      "engine_runner: list | limits | describe NAME FOLDER | "
      "speed NAME SECONDS THREADS | profile NAME STEPS");
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
