#pragma once

#include "thimble/graph/op.hpp"

namespace thimble {

/// What a network is built for.
struct Task {
  Shape input;
  /// 2 or more.
  int classes = 2;
  /// Share of the values that training drops before the hidden dense layers, in [0, 1); 0 leaves
  /// the Dropout nodes out.
  float dropout = 0;

  /// Logits of the network: one a class, but a single one (its sign decides) for two classes.
  int logits() const { return classes == 2 ? 1 : classes; }
};

/// Throws ModelError naming the field unless `task` can have a network.
void check_task(const Task& task);

}  // namespace thimble
