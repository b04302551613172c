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
  THIMBLE_ASSERT(measures_.ram && measures_.flash);
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
  const Graph graph = in_order_of_least_ram(unordered);
  result.usage.flash = measures_.flash(graph);
  if (result.violation = first_violation(result.usage, budget_); result.violation) return result;
  result.usage.ram = measures_.ram(graph);
  result.violation = first_violation(result.usage, budget_);
  return result;
}

Usage Screen::measure(const Graph& training) const {
  const Screen unbounded(task_, Budget{}, measures_);
  return unbounded(training).usage;
}

}  // namespace thimble
