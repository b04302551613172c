#include "thimble/search/pareto_front.hpp"

#include <gmock/gmock.h>

#include "thimble/core/rng.hpp"

namespace thimble {
namespace {

using testing::ElementsAre;

Trial trial(std::int64_t id, double accuracy, std::int64_t ram, std::int64_t flash,
            std::int64_t macs) {
  return {.id = id,
          .slot = id,
          .status = TrialStatus::kEvaluated,
          .usage = {.ram = Bytes(ram), .flash = Bytes(flash), .macs = Macs(macs)},
          .val_accuracy = accuracy};
}

std::vector<std::int64_t> ids(std::span<const Trial> trials) {
  std::vector<std::int64_t> result;
  for (const Trial& t : trials) result.push_back(t.id);
  return result;
}

TEST(ParetoFront, KeepsWhatNothingBeatsAndSortsByError) {
  const std::vector<Trial> trials = {trial(0, 0.80, 10, 10, 10),   // small
                                     trial(1, 0.90, 20, 20, 20),   // accurate
                                     trial(2, 0.85, 20, 20, 20),   // beaten by 1
                                     trial(3, 0.85, 30, 30, 9),    // fewest MACs
                                     trial(4, 0.90, 20, 20, 20),   // the same as 1
                                     trial(5, 0.80, 10, 10, 11)};  // beaten by 0
  EXPECT_THAT(ids(pareto_front(trials)), ElementsAre(1, 3, 0));
}

TEST(ParetoFront, CountsEvaluatedTrialsOnly) {
  std::vector<Trial> trials = {trial(0, 0.9, 1, 1, 1), trial(1, 0.8, 2, 2, 2)};
  trials[0].status = TrialStatus::kRunning;
  EXPECT_THAT(ids(pareto_front(trials)), ElementsAre(1));
  EXPECT_TRUE(pareto_front(std::span(trials).first(1)).empty());
}

bool beats(const Trial& a, const Trial& b) {
  const bool nowhere_worse = a.error() <= b.error() && a.usage.ram <= b.usage.ram &&
                             a.usage.flash <= b.usage.flash && a.usage.macs <= b.usage.macs;
  const bool equal = a.error() == b.error() && a.usage == b.usage;
  return nowhere_worse && (!equal || a.id < b.id);
}

TEST(ParetoFront, AgreesWithItsDefinitionOnRandomTrials) {
  Rng rng(1);
  for (int round = 0; round < 300; ++round) {
    std::vector<Trial> trials;
    for (std::int64_t id = 0; id < 40; ++id) {
      const double accuracy = 0.25 * static_cast<double>(rng.uniform_int(0, 4));
      trials.push_back(
          trial(id, accuracy, rng.uniform_int(1, 4), rng.uniform_int(1, 4), rng.uniform_int(1, 4)));
    }
    std::vector<std::int64_t> expected;
    for (const Trial& t : trials) {
      if (std::ranges::none_of(trials, [&](const Trial& other) { return beats(other, t); })) {
        expected.push_back(t.id);
      }
    }
    const std::vector<Trial> front = pareto_front(trials);
    EXPECT_THAT(ids(front), testing::UnorderedElementsAreArray(expected));
    EXPECT_TRUE(std::ranges::is_sorted(front, {}, &Trial::error));
  }
}

}  // namespace
}  // namespace thimble
