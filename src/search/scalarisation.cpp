#include "thimble/search/scalarisation.hpp"

#include <algorithm>

namespace thimble {
namespace {

constexpr double kCap = 10;

template <class Quantity>
double share(Quantity used, const std::optional<Quantity>& allowed) {
  if (!allowed) return 0;
  return static_cast<double>(used.value) /
         static_cast<double>(std::max(allowed->value, std::int64_t{1}));
}

}  // namespace

Ratios ratios(double error, double error_bound, const Usage& usage, const Budget& budget,
              double resource_weight) {
  return {error / error_bound, resource_weight * share(usage.ram, budget.ram),
          resource_weight * share(usage.flash, budget.flash),
          resource_weight * share(usage.macs, budget.macs)};
}

Tolerances draw_tolerances(Rng& rng) {
  Tolerances lambda;
  for (double& value : lambda) value = 1 - rng.uniform();
  return lambda;
}

double chebyshev(const Ratios& ratios, const Tolerances& lambda) {
  double worst = 0;
  for (std::size_t i = 0; i < ratios.size(); ++i) {
    worst = std::max(worst, std::min(ratios[i], kCap) / lambda[i]);
  }
  return worst;
}

}  // namespace thimble
