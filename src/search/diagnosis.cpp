#include "thimble/search/diagnosis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "thimble/core/error.hpp"
#include "thimble/search/descent.hpp"
#include "thimble/search/scalarisation.hpp"

namespace thimble {
namespace {

constexpr int kRandomStarts = 4;

double share(const Violation& violation) {
  return static_cast<double>(violation.used) / static_cast<double>(violation.allowed);
}

/// All bounds that are broken, the worst first.
std::vector<Violation> violations(const Usage& usage, Budget budget) {
  std::vector<Violation> found;
  while (const auto violation = first_violation(usage, budget)) {
    found.push_back(*violation);
    if (violation->bound == "ram") budget.ram.reset();
    if (violation->bound == "flash") budget.flash.reset();
    if (violation->bound == "macs") budget.macs.reset();
  }
  std::ranges::stable_sort(found, std::ranges::greater{}, share);
  return found;
}

std::string quantity(std::string_view bound, std::int64_t value) {
  return bound == "macs" ? format(Macs(value)) : format(Bytes(value));
}

}  // namespace

std::optional<InfeasibleBudget> diagnose(const SearchSpace& space, const Screen& screen) {
  Rng rng(0);
  std::vector<Genotype> starts = space.smallest();
  for (int i = 0; i < kRandomStarts; ++i) starts.push_back(space.random(rng));
  std::optional<Descent> best;
  const auto largest_share = [&](const Descent& descent) {
    if (!descent.refusal.empty()) return std::numeric_limits<double>::infinity();
    return std::ranges::max(ratios(0, 1, descent.usage, screen.budget(), 1));
  };
  for (const Genotype& start : starts) {
    Descent descent = descend_to_budget(start, space, screen, rng);
    if (descent.feasible) return std::nullopt;
    if (!best || largest_share(descent) < largest_share(*best)) best = std::move(descent);
  }
  if (!best->refusal.empty()) {
    raise<ModelError>("space {}: no network was found that the runtime can run: {}", space.name(),
                      best->refusal);
  }
  return InfeasibleBudget{.bounds = violations(best->usage, screen.budget()),
                          .example = best->genotype};
}

std::string describe(const InfeasibleBudget& infeasible, const SearchSpace& space) {
  std::string allowed;
  std::string needed;
  for (const Violation& violation : infeasible.bounds) {
    const char* comma = allowed.empty() ? "" : ", ";
    allowed += fmt::format("{}{} = {}", comma, violation.bound,
                           quantity(violation.bound, violation.allowed));
    needed +=
        fmt::format("{}{} {}", comma, violation.bound, quantity(violation.bound, violation.used));
  }
  return fmt::format("budget: {}: the smallest network found in space {} needs {}", allowed,
                     space.name(), needed);
}

}  // namespace thimble
