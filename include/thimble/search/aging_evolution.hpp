#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "thimble/search/strategy.hpp"

namespace thimble {

/// Zero means "chosen for the length of the search". μNAS's own settings are population 100, sample
/// 25, morphs 1 and resource_weight 1.
struct AgingEvolutionOptions {
  /// Networks that are alive, and how many random ones come first. Chosen: a quarter of the
  /// expected trials, in [8, 100]; 100 when their number is unknown.
  int population = 0;
  /// Networks in a tournament. Chosen: a quarter of the population, as in μNAS, at least 4. With
  /// all of them in it, a search is soon one family: in three searches with a population of 22 the
  /// thirty most accurate networks had one ancestor.
  int sample = 0;
  /// Whether one network may be drawn into a tournament several times.
  bool replacement = true;
  /// A child is its parent after 1 to `morphs` morphs, the number drawn uniformly. One morph is a
  /// small step (a filter more, a flag turned), and a search of a hundred trials has few steps to
  /// take.
  int morphs = 4;
  /// Acceptable random networks that each first member of the population is chosen from: the one
  /// with most parameters, or with most MACs where flash is not bounded. Within a budget more
  /// capacity mostly means better answers, and it is known before any training. Parameters tell as
  /// much as MACs (of 847 random networks on Fashion-MNIST, the best tenth of those chosen from
  /// eight reached 87.2 and 87.5 %) and cost less time (3.0 and 7.7 s to train). 1 in μNAS: no
  /// choice.
  int choices = 8;
  /// The error that counts as much as a resource at its bound would with weight 1; 0 = the smallest
  /// error seen so far.
  double error_bound = 0;
  /// How much a resource at its bound counts beside an error at its bound.
  double resource_weight = 0.1;

  /// Throws ConfigError as `make_strategy` does.
  static AgingEvolutionOptions from_json(const JsonField& options);
};

/// Aging evolution (Real et al. 2019, Algorithm 1) as μNAS runs it: the best of a random sample,
/// under a fresh random scalarisation of error and resources, is the parent; its child joins the
/// population and the oldest member leaves.
///
/// μNAS's bounds are wishes, so that its objective must pull the resources towards them. Here every
/// candidate keeps the budget; the resources are only a preference, for a front needs small
/// networks too. Measured against the smallest error seen, the error's ratio is never below 1, and
/// the ratios of the resources never above `resource_weight` w: with three bounds the error decides
/// at least (1 − w)³ + 3w/2 − 2w² + 3w³/4 of the selections, 86 % at w = 0.1 (47 % at w = 0.5, 25 %
/// at w = 1). A fixed error bound would lose its hold as soon as the networks are better than it.
class AgingEvolution : public Strategy {
 public:
  /// A member of the population.
  struct Member {
    std::int64_t id;
    Genotype genotype;
    double error;
    Usage usage;
  };

  AgingEvolution(const AgingEvolutionOptions& options, const SearchProblem& problem);

  Proposal propose(Ask ask, Rng& rng) override;
  int choices(std::int64_t slot) const override;
  void tell(const Trial& trial) override;

  /// The options as they are used, no value left to be chosen.
  const AgingEvolutionOptions& options() const { return options_; }
  /// From the oldest to the youngest.
  const std::deque<Member>& population() const { return population_; }

 private:
  const Member& tournament(Rng& rng) const;

  AgingEvolutionOptions options_;
  const SearchSpace& space_;
  Budget budget_;
  std::deque<Member> population_;
  double smallest_error_ = 1;
  std::optional<Proposal> parent_;  // of the slot that is being asked for
};

}  // namespace thimble
