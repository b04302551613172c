#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "thimble/footprint/budget.hpp"
#include "thimble/graph/graph.hpp"
#include "thimble/space/search_space.hpp"

namespace thimble {

/// What a runtime needs to run a network.
struct MemoryNeeds {
  Bytes ram;    ///< never less than the live tensors of the graph
  Bytes flash;  ///< of the network alone
};

/// How the measures that depend on the runtime are taken.
struct Measures {
  /// Of a deployed graph whose nodes stand in the order that needs the least live tensors, for the
  /// size of the file depends on it too. Throws ModelError, naming the operator, for a network that
  /// the runtime cannot run.
  std::function<MemoryNeeds(const Graph&)> memory;
  /// Flash that the runtime itself takes, whatever the network.
  Bytes code = {};
};

/// The most bytes of int8 tensors that are live at once, network input included.
Bytes peak_tensor_ram(const Graph& deployed);

struct Screening {
  /// What is behind the broken bound is not measured and 0. Where the live tensors alone are over
  /// the budget, they are what `ram` tells.
  Usage usage;
  std::optional<Violation> violation;
  std::string refusal;  ///< why the runtime cannot run the network; empty: it can, so far as known

  bool fits() const { return !violation && refusal.empty(); }
};

/// Tells, without training, whether candidates keep a budget. Stateless: safe to share between
/// threads.
class Screen {
 public:
  Screen(const Task& task, const Budget& budget, Measures measures);

  const Task& task() const { return task_; }
  const Budget& budget() const { return budget_; }
  /// What of a usage's flash is the runtime's and not the network's.
  Bytes runtime_code() const { return measures_.code; }

  /// The training graph of a candidate.
  Graph graph(const Genotype& genotype) const { return genotype_graph(genotype, task_); }

  /// Measures MACs, then the live tensors in the order of least peak RAM, then the RAM and flash
  /// that the runtime needs, and stops at the first bound that is broken.
  Screening operator()(const Graph& training) const;

  /// The same with no budget: all figures, or a refusal.
  Screening without_budget(const Graph& training) const;

  /// All figures, whatever the budget says. Throws ModelError for what the runtime refuses.
  Usage measure(const Graph& training) const;

 private:
  Task task_;
  Budget budget_;
  Measures measures_;
};

}  // namespace thimble
