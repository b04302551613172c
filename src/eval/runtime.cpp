#include "thimble/eval/runtime.hpp"

#include "thimble/optimise/arena_layout.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {

Measures measures_of(const Runtime& runtime) {
  const auto ideal = [](const Graph& graph) {
    return MemoryNeeds{.ram = peak_tensor_ram(graph), .flash = tflite_size(graph)};
  };
  const auto tflm = [target = runtime.tflm](const Graph& graph) {
    const ArenaLayout layout = best_layout(graph, *target, kQuickLayout);
    return MemoryNeeds{.ram = layout.plan.smallest, .flash = laid_out_size(graph, layout)};
  };
  if (runtime.tflm == nullptr) return {.memory = ideal, .code = runtime.code};
  return {.memory = tflm, .code = runtime.code};
}

std::vector<std::uint8_t> exported_file(const Runtime& runtime, const QuantizedModel& model) {
  if (runtime.tflm == nullptr) return write_tflite(model);
  return write_laid_out(model, best_layout(model.graph, *runtime.tflm, kQuickLayout));
}

}  // namespace thimble
