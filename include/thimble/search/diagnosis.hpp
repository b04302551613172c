#pragma once

#include <optional>
#include <string>
#include <vector>

#include "thimble/search/screen.hpp"

namespace thimble {

/// Why no network keeps a budget, as far as could be found out.
struct InfeasibleBudget {
  /// The bounds to be raised, the worst first, and to what: `used` of each would do, all together.
  std::vector<Violation> bounds;
  /// The network that proves it.
  Genotype example;
};

/// Nothing when a network of the space keeps the budget. Otherwise what the most frugal network
/// needs that was found by descents from the space's smallest genotypes and from random ones: that
/// these values do is certain, that smaller ones do not is not. Deterministic; some tenths of a
/// second. Throws ModelError when the runtime refuses every network that was found.
std::optional<InfeasibleBudget> diagnose(const SearchSpace& space, const Screen& screen);

/// `budget: ram = 900 B: the smallest network found in space munas needs ram 905 B`.
std::string describe(const InfeasibleBudget& infeasible, const SearchSpace& space);

}  // namespace thimble
