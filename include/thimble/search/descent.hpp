#pragma once

#include "thimble/search/screen.hpp"

namespace thimble {

/// Where a descent ended.
struct Descent {
  Genotype genotype;
  Usage usage;
  bool feasible;
  std::string refusal = {};  ///< why the runtime cannot run the network; empty: it can
};

/// Goes from a genotype to the neighbour that needs the smallest share of its tightest bound
/// (at a tie, the smallest sum of shares), again and again until the budget is kept or no neighbour
/// uses less. A network that the runtime refuses needs more than any that it takes. Some hundred
/// measurements a step.
Descent descend_to_budget(Genotype start, const SearchSpace& space, const Screen& screen, Rng& rng);

}  // namespace thimble
