#include "thimble/search/pareto_front.hpp"

#include <algorithm>
#include <tuple>

namespace thimble {
namespace {

auto objectives(const Trial& trial) {
  const Usage& usage = trial.usage;
  return std::tuple(trial.error(), usage.ram, usage.flash, usage.macs);
}

/// Nowhere worse; so equal trials beat each other.
bool beats(const Trial& a, const Trial& b) {
  return a.error() <= b.error() && a.usage.ram <= b.usage.ram && a.usage.flash <= b.usage.flash &&
         a.usage.macs <= b.usage.macs;
}

}  // namespace

std::vector<Trial> pareto_front(std::span<const Trial> trials) {
  std::vector<const Trial*> sorted;
  for (const Trial& trial : trials) {
    if (trial.status == TrialStatus::kEvaluated) sorted.push_back(&trial);
  }
  std::ranges::sort(sorted, {}, [](const Trial* t) { return std::tuple(objectives(*t), t->id); });
  // In this order no trial is beaten by a later one, unless they are equal.
  std::vector<Trial> front;
  for (const Trial* trial : sorted) {
    if (std::ranges::none_of(front, [&](const Trial& member) { return beats(member, *trial); })) {
      front.push_back(*trial);
    }
  }
  return front;
}

}  // namespace thimble
