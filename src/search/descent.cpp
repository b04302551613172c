#include "thimble/search/descent.hpp"

#include <algorithm>
#include <compare>
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

Excess excess(const Usage& usage, const Budget& budget) {
  const Ratios shares = ratios(0, 1, usage, budget, 1);
  return {std::ranges::max(shares), std::accumulate(shares.begin(), shares.end(), 0.0)};
}

}  // namespace

Descent descend_to_budget(Genotype start, const SearchSpace& space, const Screen& screen,
                          Rng& rng) {
  Usage usage = screen.measure(screen.graph(start));
  Excess least = excess(usage, screen.budget());
  bool lowered = true;
  while (least.largest > 1 && lowered) {
    lowered = false;
    for (Genotype& neighbour : space.neighbours(start, rng)) {
      const Usage needs = screen.measure(screen.graph(neighbour));
      const Excess candidate = excess(needs, screen.budget());
      if (candidate >= least) continue;
      least = candidate;
      usage = needs;
      start = std::move(neighbour);
      lowered = true;
    }
  }
  return {.genotype = std::move(start), .usage = usage, .feasible = least.largest <= 1};
}

}  // namespace thimble
