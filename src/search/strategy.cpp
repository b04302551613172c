#include "thimble/search/strategy.hpp"

#include <array>
#include <string>
#include <vector>

#include "thimble/core/text.hpp"
#include "thimble/search/aging_evolution.hpp"

namespace thimble {
namespace {

constexpr std::array kStrategies = {
    StrategyInfo{
        "evolution",
        "aging evolution: the best of a random sample has a child, the oldest network dies"},
    StrategyInfo{"random", "random networks that keep the budget: what every strategy must beat"}};

class RandomSearch : public Strategy {
 public:
  explicit RandomSearch(const SearchSpace& space) : space_(space) {}

  Proposal propose(Ask, Rng& rng) override {
    return {.genotype = space_.random(rng), .parent = {}};
  }
  void tell(const Trial&) override {}

 private:
  const SearchSpace& space_;
};

}  // namespace

std::span<const StrategyInfo> all_strategies() { return kStrategies; }

std::unique_ptr<Strategy> make_strategy(std::string_view name, const JsonField& options,
                                        const SearchProblem& problem) {
  if (name == "evolution") {
    return std::make_unique<AgingEvolution>(AgingEvolutionOptions::from_json(options), problem);
  }
  if (name == "random") {
    options.only({});
    return std::make_unique<RandomSearch>(problem.space);
  }
  std::vector<std::string> names;
  for (const StrategyInfo& info : kStrategies) names.emplace_back(info.name);
  raise<ConfigError>("strategy = \"{}\": must be one of {}{}", name, fmt::join(names, ", "),
                     did_you_mean(name, names));
}

}  // namespace thimble
