#include "thimble/eval/runtime.hpp"

#include "thimble/arena/arena_plan.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {

Measures measures_of(const Runtime& runtime) {
  Measures measures{.ram = peak_tensor_ram,
                    .flash = [](const Graph& graph) { return tflite_size(graph); },
                    .code = runtime.code};
  if (runtime.tflm != nullptr) {
    measures.ram = [target = runtime.tflm](const Graph& graph) {
      return plan_arena(graph, *target).smallest;
    };
  }
  return measures;
}

}  // namespace thimble
