#include "thimble/search/descent.hpp"

#include <algorithm>
#include <compare>
#include <limits>
#include <numeric>
#include <utility>

#include "thimble/search/scalarisation.hpp"

namespace thimble {
namespace {

/// How much of the budget is used: the largest share of a bound, then the sum of shares.
struct Excess {
  double largest;
  double sum;

  auto operator<=>(const Excess&) const = default;
};

Excess excess(const Screening& needs, const Budget& budget) {
  if (!needs.refusal.empty()) {
    return {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  }
  const Ratios shares = ratios(0, 1, needs.usage, budget, 1);
  return {std::ranges::max(shares), std::accumulate(shares.begin(), shares.end(), 0.0)};
}

}  // namespace

Descent descend_to_budget(Genotype start, const SearchSpace& space, const Screen& screen,
                          Rng& rng) {
  Screening here = screen.without_budget(screen.graph(start));
  Excess least = excess(here, screen.budget());
  bool lowered = true;
  while (least.largest > 1 && lowered) {
    lowered = false;
    for (Genotype& neighbour : space.neighbours(start, rng)) {
      Screening needs = screen.without_budget(screen.graph(neighbour));
      const Excess candidate = excess(needs, screen.budget());
      if (candidate >= least) continue;
      least = candidate;
      here = std::move(needs);
      start = std::move(neighbour);
      lowered = true;
    }
  }
  return {.genotype = std::move(start),
          .usage = here.usage,
          .feasible = least.largest <= 1,
          .refusal = std::move(here.refusal)};
}

}  // namespace thimble
