#include "taps.hpp"

#include <algorithm>
#include <numeric>

namespace thimble::engine {
namespace {

struct Tap {
  int kernel;
  int source;
};

/// Neighbours in kernel and source become one span; sources become relative to the first tap's.
std::vector<Span> merged(const std::vector<Tap>& taps) {
  std::vector<Span> spans;
  for (const Tap& tap : taps) {
    const int source = tap.source - taps.front().source;
    if (!spans.empty() && spans.back().kernel + spans.back().count == tap.kernel &&
        spans.back().source + spans.back().count == source) {
      ++spans.back().count;
    } else {
      spans.push_back({tap.kernel, source, 1});
    }
  }
  return spans;
}

void add_position(Axis& axis, int output, const std::vector<Tap>& taps) {
  const std::vector<Span> spans = merged(taps);
  auto group = std::ranges::find(axis.groups, spans, &TapGroup::spans);
  if (group == axis.groups.end()) {
    axis.groups.push_back({spans, {}});
    group = axis.groups.end() - 1;
  }
  group->positions.push_back({output, taps.empty() ? 0 : taps.front().source});
}

/// Inputs i with the same residue of i + padding by the stride meet the kernel positions of that
/// residue, the last one first.
std::vector<Phase> backward_phases(const AxisGeometry& g) {
  std::vector<Phase> phases;
  int place = 0;
  for (int residue = 0; residue < g.stride; ++residue) {
    const int taps = std::max(0, (g.kernel - residue + g.stride - 1) / g.stride);
    const int first = (residue + g.stride - g.padding % g.stride) % g.stride;
    const int last_kernel = residue + (taps - 1) * g.stride;
    phases.push_back({.outputs = std::max(0, (g.input - first + g.stride - 1) / g.stride),
                      .first_output = first,
                      .output_step = g.stride,
                      .first_place = place,
                      .taps = taps,
                      .first_source = (first + g.padding - last_kernel) / g.stride,
                      .source_stride = 1});
    place += taps;
  }
  return phases;
}

}  // namespace

int TapGroup::taps() const {
  return std::accumulate(spans.begin(), spans.end(), 0,
                         [](int sum, const Span& span) { return sum + span.count; });
}

Axis forward_axis(const AxisGeometry& g) {
  Axis axis{.kernel = g.kernel,
            .groups = {},
            .packing = std::vector<int>(static_cast<std::size_t>(g.kernel))};
  std::iota(axis.packing.begin(), axis.packing.end(), 0);
  for (int o = 0; o < g.output; ++o) {
    std::vector<Tap> taps;
    for (int k = 0; k < g.kernel; ++k) {
      const int source = o * g.stride + k * g.dilation - g.padding;
      if (source >= 0 && source < g.input) taps.push_back({k, source});
    }
    add_position(axis, o, taps);
  }
  if (g.dilation == 1) {
    axis.phases.push_back({.outputs = g.output,
                           .taps = g.kernel,
                           .first_source = -g.padding,
                           .source_stride = g.stride});
  }
  return axis;
}

Axis backward_axis(const AxisGeometry& g) {
  Axis axis{.kernel = g.kernel,
            .groups = {},
            .packing = std::vector<int>(static_cast<std::size_t>(g.kernel))};
  std::iota(axis.packing.begin(), axis.packing.end(), 0);
  std::ranges::sort(axis.packing, [&](int a, int b) {
    const int residue_a = a * g.dilation % g.stride;
    const int residue_b = b * g.dilation % g.stride;
    return residue_a != residue_b ? residue_a < residue_b : a > b;
  });
  for (int i = 0; i < g.input; ++i) {
    std::vector<Tap> taps;
    for (int place = 0; place < g.kernel; ++place) {
      const int distance =
          i + g.padding - axis.packing[static_cast<std::size_t>(place)] * g.dilation;
      if (distance < 0 || distance % g.stride != 0 || distance / g.stride >= g.output) continue;
      taps.push_back({place, distance / g.stride});
    }
    add_position(axis, i, taps);
  }
  if (g.dilation == 1) axis.phases = backward_phases(g);
  return axis;
}

std::vector<Run> runs_of_taps(const AxisGeometry& g) {
  std::vector<Run> runs;
  for (int k = 0; k < g.kernel; ++k) {
    const int shift = k * g.dilation - g.padding;  // of output 0's source
    const int first = shift >= 0 ? 0 : (-shift + g.stride - 1) / g.stride;
    const int inside = g.input - 1 - shift;  // sources from output 0's to the last
    const int end = inside < 0 ? 0 : std::min(g.output, inside / g.stride + 1);
    if (end <= first) continue;
    runs.push_back({.kernel = k,
                    .taps = 1,
                    .first_output = first,
                    .outputs = end - first,
                    .first_source = first * g.stride + shift,
                    .stride = g.stride});
  }
  return runs;
}

std::vector<Run> runs_of_spans(const AxisGeometry& g) {
  std::vector<Run> runs;
  // The outputs of a group are neighbours: those that a kernel position keeps inside the source
  // are.
  for (const TapGroup& group : forward_axis(g).groups) {
    const Position& first = group.positions.front();
    for (const Span& span : group.spans) {
      runs.push_back({.kernel = span.kernel,
                      .taps = span.count,
                      .first_output = first.output,
                      .outputs = static_cast<int>(group.positions.size()),
                      .first_source = first.origin + span.source,
                      .stride = g.stride});
    }
  }
  return runs;
}

Window window_of(Shape in, Shape out, Extent kernel, Extent stride, Extent dilation,
                 Padding padding) {
  return {
      .rows = {in.height, out.height, kernel.height, stride.height, dilation.height,
               padding_before(in.height, kernel.height, stride.height, dilation.height, padding)},
      .columns = {in.width, out.width, kernel.width, stride.width, dilation.width,
                  padding_before(in.width, kernel.width, stride.width, dilation.width, padding)}};
}

}  // namespace thimble::engine
