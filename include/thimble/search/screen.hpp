#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "thimble/footprint/budget.hpp"
#include "thimble/graph/graph.hpp"
#include "thimble/space/search_space.hpp"

namespace thimble {

/// How the two measures that depend on the runtime are taken: of a deployed graph whose nodes stand
/// in the order in which they will run, for the size of the file depends on it too.
struct Measures {
  std::function<Bytes(const Graph&)> ram;
  std::function<Bytes(const Graph&)> flash;
};

/// The most bytes of int8 tensors that are live at once, network input included.
Bytes peak_tensor_ram(const Graph& deployed);

struct Screening {
  Usage usage;  ///< what is behind the broken bound is not measured and 0
  std::optional<Violation> violation;
};

/// Tells, without training, whether candidates keep a budget. Stateless: safe to share between
/// threads.
class Screen {
 public:
  Screen(const Task& task, const Budget& budget, Measures measures);

  const Task& task() const { return task_; }
  const Budget& budget() const { return budget_; }

  /// The training graph of a candidate.
  Graph graph(const Genotype& genotype) const { return genotype_graph(genotype, task_); }

  /// Measures MACs, then flash and RAM in the order of least peak RAM, and stops at the first bound
  /// that is broken.
  Screening operator()(const Graph& training) const;

  /// All figures, whatever the budget says.
  Usage measure(const Graph& training) const;

 private:
  Task task_;
  Budget budget_;
  Measures measures_;
};

}  // namespace thimble
