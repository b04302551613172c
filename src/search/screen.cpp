#include "thimble/search/screen.hpp"

#include <utility>

#include "thimble/core/error.hpp"
#include "thimble/footprint/cost.hpp"
#include "thimble/footprint/peak_ram.hpp"
#include "thimble/graph/deploy.hpp"

namespace thimble {

Bytes peak_tensor_ram(const Graph& deployed) { return peak_ram_as_stored(deployed).peak; }

Screen::Screen(const Task& task, const Budget& budget, Measures measures)
    : task_(task), budget_(budget), measures_(std::move(measures)) {
  THIMBLE_ASSERT(measures_.memory);
  check_task(task);
}

// A figure that is not measured yet is 0 and breaks no bound.
Screening Screen::operator()(const Graph& training) const {
  const Graph unordered = deployed(training);
  Screening result;
  const OpCost cost = total_cost(unordered);
  result.usage.macs = cost.macs;
  result.usage.params = cost.params;
  if (result.violation = first_violation(result.usage, budget_); result.violation) return result;
  const PeakRam least = minimal_peak_ram(unordered);
  result.usage.ram = least.peak;  // no runtime needs less
  if (result.violation = first_violation(result.usage, budget_); result.violation) return result;
  try {
    const MemoryNeeds needs = measures_.memory(reordered(unordered, least.order));
    result.usage.ram = needs.ram;
    result.usage.flash = needs.flash + measures_.code;
  } catch (const ModelError& refusal) {
    result.usage.ram = {};
    result.refusal = refusal.what();
    return result;
  }
  result.violation = first_violation(result.usage, budget_);
  return result;
}

Screening Screen::without_budget(const Graph& training) const {
  const Screen unbounded(task_, Budget{}, measures_);
  return unbounded(training);
}

Usage Screen::measure(const Graph& training) const {
  const Screening screening = without_budget(training);
  if (!screening.refusal.empty()) raise<ModelError>("{}", screening.refusal);
  return screening.usage;
}

}  // namespace thimble
