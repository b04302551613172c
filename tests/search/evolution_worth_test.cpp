#include <gtest/gtest.h>

#include "toy.hpp"

namespace thimble {
namespace {

// Sign test over 30 fixed seeds: were both alike, 20 wins or more would have probability 0.049.
TEST(AgingEvolution, BeatsRandomSearchOnAToyInEightyTrials) {
  constexpr std::int64_t kTrials = 80;
  const auto best = [](std::string_view strategy, std::uint64_t seed) {
    Searcher searcher = toy_searcher(strategy, {.seed = seed, .window = 8}, kTrials);
    std::vector<Trial> history;
    run_toy_search(searcher, history, kTrials, 1, Rng(0));
    double error = 1;
    for (const Trial& trial : history) error = std::min(error, trial.error());
    return error;
  };
  int wins = 0;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    wins += best("evolution", seed) < best("random", seed) ? 1 : 0;
  }
  EXPECT_GE(wins, 20);
}

}  // namespace
}  // namespace thimble
