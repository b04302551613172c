#include "thimble/eval/runtime.hpp"

#include "thimble/optimise/arena_layout.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {

Measures measures_of(const Runtime& runtime) {
  Measures measures{.ram = peak_tensor_ram,
                    .flash = [](const Graph& graph) { return tflite_size(graph); },
                    .code = runtime.code};
  if (runtime.tflm != nullptr) {
    measures.ram = [target = runtime.tflm](const Graph& graph) {
      return best_layout(graph, *target, kQuickLayout).plan.smallest;
    };
    measures.flash = [target = runtime.tflm](const Graph& graph) {
      return laid_out_size(graph, best_layout(graph, *target, kQuickLayout));
    };
  }
  return measures;
}

std::vector<std::uint8_t> exported_file(const Runtime& runtime, const QuantizedModel& model) {
  if (runtime.tflm == nullptr) return write_tflite(model);
  return write_laid_out(model, best_layout(model.graph, *runtime.tflm, kQuickLayout));
}

}  // namespace thimble
