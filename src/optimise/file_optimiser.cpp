#include "thimble/optimise/file_optimiser.hpp"

#include <utility>

#include "rewrites.hpp"
#include "thimble/core/error.hpp"
#include "thimble/tflite/reader.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {
namespace {

void refuse_overlaps(const ArenaPlan& plan, std::string_view place) {
  for (const ArenaBuffer& a : plan.head) {
    for (const ArenaBuffer& b : plan.head) {
      if (&a >= &b || !overlap_in_time(a, b)) continue;
      if (a.offset + a.size <= b.offset || b.offset + b.size <= a.offset) continue;
      raise<ModelError>(
          "{}: metadata {}: tensors {} and {} lie over each other while both are needed", place,
          kOfflinePlan, a.tensor, b.tensor);
    }
  }
}

void refuse_several_ends(const Graph& graph, std::string_view place) {
  if (graph.inputs().size() == 1 && graph.outputs().size() == 1) return;
  raise<ModelError>(
      "{}: {} inputs and {} outputs: must be one of each, for what comes out to be compared", place,
      graph.inputs().size(), graph.outputs().size());
}

}  // namespace

OptimisedFile optimise_file(std::span<const std::uint8_t> file, std::string_view place,
                            const ArenaTarget& target, const OptimiseOptions& options) {
  const QuantizedModel model = read_tflite(file, place);
  refuse_several_ends(model.graph, place);
  OptimisedFile result{.before = plan_arena(arena_network(file, place), target)};
  refuse_overlaps(result.before, place);
  const QuantizedModel lean = optimise::without_idle_reshapes(model);
  result.layout = best_layout(lean.graph, target, options.effort);
  result.bytes = write_laid_out(lean, result.layout);

  const QuantizedModel again = read_tflite(result.bytes, place);
  const auto inputs = probing_inputs(model, options.random_inputs);
  result.inputs = kExtremeInputs + options.random_inputs;
  if (const auto difference = first_difference(model, again, inputs)) result.failure = *difference;
  result.after = plan_arena(arena_network(result.bytes, place), target);
  if (result.after != result.layout.plan) {
    result.failure = fmt::format("the arena takes {} bytes: {} were promised",
                                 result.after.smallest.value, result.layout.plan.smallest.value);
  }
  result.is_better = std::pair(result.after.smallest.value, result.bytes.size()) <
                     std::pair(result.before.smallest.value, file.size());
  if (!result.is_better) {
    result.bytes.assign(file.begin(), file.end());
    result.after = result.before;
  }
  return result;
}

}  // namespace thimble
