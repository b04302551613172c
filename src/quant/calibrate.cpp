#include "thimble/quant/calibrate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "thimble/core/error.hpp"
#include "thimble/quant/float_interpreter.hpp"

namespace thimble {
namespace {

constexpr std::size_t kLanes = FloatInterpreter::kLanes;

/// Widens `range` to the values of the first `count` of the sixteen lanes; false when one of them
/// is not finite. Lane by lane, for that is what vectorises.
bool widen(Range& range, std::span<const float> values, int count) {
  float low[kLanes];
  float high[kLanes];
  float zeros[kLanes] = {};  // until a value is not finite
  std::ranges::fill(low, range.low);
  std::ranges::fill(high, range.high);
  for (std::size_t i = 0; i < values.size(); i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const float x = values[i + lane];
      low[lane] = x < low[lane] ? x : low[lane];
      high[lane] = x > high[lane] ? x : high[lane];
      zeros[lane] += 0.0F * x;
    }
  }
  range.low = *std::min_element(low, low + count);
  range.high = *std::max_element(high, high + count);
  return std::all_of(zeros, zeros + count, [](float zero) { return zero == 0.0F; });
}

std::vector<Range> full_ranges(FloatInterpreter& interpreter, const Graph& graph,
                               std::span<const float> inputs) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::vector<Range> ranges(graph.nodes().size(), Range{.low = kInfinity, .high = -kInfinity});
  interpreter.observe(inputs, [&](NodeId id, std::span<const float> values, int count) {
    if (widen(ranges[at(id)], values, count)) return;
    raise<ModelError>("node {} {}: value = inf or nan on calibration samples: must be finite", id,
                      op_name(graph.node(id).op));
  });
  return ranges;
}

class Histogram {
 public:
  explicit Histogram(Range range) : range_(range), bins_(kBins, 0) {
    const double width = double{range.high} - double{range.low};
    bins_per_unit_ = width > kNoWidth ? static_cast<float>(kBins / width) : 0.0F;
  }

  void count(std::span<const float> values, int lanes) {
    for (std::size_t i = 0; i < values.size(); i += kLanes) {
      for (std::size_t lane = 0; lane < static_cast<std::size_t>(lanes); ++lane) {
        const float place = (values[i + lane] - range_.low) * bins_per_unit_;
        ++bins_[std::min(static_cast<std::size_t>(place), kBins - 1)];
      }
    }
  }

  /// What is left when at most `share` of the values falls off each end.
  Range without_tails(double share) const {
    std::int64_t total = 0;
    for (const std::int64_t bin : bins_) total += bin;
    const auto spare = static_cast<std::int64_t>(share * static_cast<double>(total));
    std::size_t first = 0;
    std::size_t last = kBins;
    for (std::int64_t cut = bins_[first]; cut <= spare; cut += bins_[++first]) {
    }
    for (std::int64_t cut = bins_[last - 1]; cut <= spare; cut += bins_[--last - 1]) {
    }
    return {.low = edge(first), .high = edge(last)};
  }

 private:
  static constexpr std::size_t kBins = 4096;
  /// Below it the bins per unit would leave float's range; then all values share the first bin.
  static constexpr double kNoWidth = 1e-30;

  float edge(std::size_t bin) const {
    const double width = double{range_.high} - double{range_.low};
    return static_cast<float>(double{range_.low} + width * static_cast<double>(bin) / kBins);
  }

  Range range_;
  float bins_per_unit_;
  std::vector<std::int64_t> bins_;
};

}  // namespace

std::vector<Range> calibrate(const Model& deployed, std::span<const float> inputs,
                             const CalibrationOptions& options) {
  if (!(options.percentile > 50 && options.percentile <= 100)) {
    raise<ConfigError>("calibration: percentile = {}: must be above 50 and at most 100",
                       options.percentile);
  }
  FloatInterpreter interpreter(deployed);
  if (inputs.empty()) raise<DataError>("calibration: no samples: at least one is needed");
  const auto bad = std::ranges::find_if_not(inputs, [](float x) { return std::isfinite(x); });
  if (bad != inputs.end()) {
    raise<DataError>("calibration: value {} of sample {} = {}: must be finite",
                     (bad - inputs.begin()) % interpreter.input_elements(),
                     (bad - inputs.begin()) / interpreter.input_elements(), *bad);
  }
  const std::vector<Range> ranges = full_ranges(interpreter, deployed.graph, inputs);
  if (options.observer == RangeObserver::kMinMax) return ranges;
  std::vector<Histogram> histograms(ranges.begin(), ranges.end());
  interpreter.observe(inputs, [&](NodeId id, std::span<const float> values, int count) {
    histograms[at(id)].count(values, count);
  });
  std::vector<Range> trimmed;
  for (const Histogram& histogram : histograms) {
    trimmed.push_back(histogram.without_tails((100 - options.percentile) / 200));
  }
  return trimmed;
}

}  // namespace thimble
