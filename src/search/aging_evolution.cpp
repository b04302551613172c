#include "thimble/search/aging_evolution.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "thimble/core/error.hpp"
#include "thimble/search/scalarisation.hpp"

namespace thimble {
namespace {

// When so many children of one parent are not acceptable, another tournament is held; when so many
// of a slot are not, a random network will have to do.
constexpr int kDrawsOfOneParent = 100;
constexpr int kDrawsOfChildren = 1000;

// A network without errors would make every other infinitely bad.
constexpr double kLeastErrorBound = 1e-3;

constexpr int kMinPopulation = 8;
constexpr int kMaxPopulation = 100;  // μNAS's own
constexpr int kMinSample = 4;
constexpr int kGenerations = 4;          // of a population, in the trials that are expected
constexpr int kMembersForAnEntrant = 4;  // μNAS: 25 of 100 enter a tournament

double number(const JsonField& options, std::string_view key, double otherwise, double low,
              double high) {
  if (!options.has(key)) return otherwise;
  const JsonField field = options.at(key);
  const double value = field.number();
  if (value < low || value > high) {
    field.reject(fmt::format("must be between {} and {}", low, high));
  }
  return value;
}

int integer(const JsonField& options, std::string_view key, int otherwise, int low) {
  if (!options.has(key)) return otherwise;
  return static_cast<int>(options.at(key).integer(low, std::numeric_limits<int>::max()));
}

AgingEvolutionOptions resolved(AgingEvolutionOptions options,
                               std::optional<std::int64_t> expected_trials) {
  if (options.population == 0) {
    const std::int64_t trials = expected_trials.value_or(kGenerations * kMaxPopulation);
    options.population = static_cast<int>(
        std::clamp<std::int64_t>(trials / kGenerations, kMinPopulation, kMaxPopulation));
  }
  if (options.sample == 0) {
    options.sample = std::max(kMinSample, options.population / kMembersForAnEntrant);
  }
  return options;
}

}  // namespace

AgingEvolutionOptions AgingEvolutionOptions::from_json(const JsonField& options) {
  options.only({"population", "sample", "replacement", "morphs", "choices", "error_bound",
                "resource_weight"});
  AgingEvolutionOptions result;
  result.population = integer(options, "population", result.population, 0);
  result.sample = integer(options, "sample", result.sample, 0);
  if (options.has("replacement")) result.replacement = options.at("replacement").boolean();
  result.morphs = integer(options, "morphs", result.morphs, 1);
  result.choices = integer(options, "choices", result.choices, 1);
  result.error_bound = number(options, "error_bound", result.error_bound, 0, 1);
  result.resource_weight = number(options, "resource_weight", result.resource_weight, 0, 10);
  return result;
}

AgingEvolution::AgingEvolution(const AgingEvolutionOptions& options, const SearchProblem& problem)
    : options_(resolved(options, problem.expected_trials)),
      space_(problem.space),
      budget_(problem.budget) {}

Proposal AgingEvolution::propose(Ask ask, Rng& rng) {
  if (ask.slot < options_.population || population_.empty() || ask.draw >= kDrawsOfChildren) {
    return {.genotype = space_.random(rng), .parent = {}};
  }
  if (ask.draw % kDrawsOfOneParent == 0) {
    const Member& winner = tournament(rng);
    parent_ = {.genotype = winner.genotype, .parent = winner.id};
  }
  Proposal child = *parent_;
  const std::int64_t morphs = rng.uniform_int(1, options_.morphs);
  for (std::int64_t i = 0; i < morphs; ++i) child.genotype = space_.mutate(child.genotype, rng);
  return child;
}

const AgingEvolution::Member& AgingEvolution::tournament(Rng& rng) const {
  const double error_bound =
      options_.error_bound > 0 ? options_.error_bound : std::max(smallest_error_, kLeastErrorBound);
  const Tolerances lambda = draw_tolerances(rng);
  std::vector<std::size_t> entrants(population_.size());
  std::iota(entrants.begin(), entrants.end(), std::size_t{0});
  std::size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < options_.sample && !entrants.empty(); ++i) {
    const auto drawn = static_cast<std::size_t>(
        rng.uniform_int(0, static_cast<std::int64_t>(entrants.size()) - 1));
    const std::size_t entrant = entrants[drawn];
    if (!options_.replacement)
      entrants.erase(entrants.begin() + static_cast<std::ptrdiff_t>(drawn));
    const Member& member = population_[entrant];
    const double loss = chebyshev(
        ratios(member.error, error_bound, member.usage, budget_, options_.resource_weight), lambda);
    if (loss < least) {
      least = loss;
      best = entrant;
    }
  }
  return population_[best];
}

int AgingEvolution::choices(std::int64_t slot) const {
  return slot < options_.population ? options_.choices : 1;
}

void AgingEvolution::tell(const Trial& trial) {
  smallest_error_ = std::min(smallest_error_, trial.error());
  population_.push_back(
      {.id = trial.id, .genotype = trial.genotype, .error = trial.error(), .usage = trial.usage});
  if (population_.size() > static_cast<std::size_t>(options_.population)) population_.pop_front();
}

}  // namespace thimble
