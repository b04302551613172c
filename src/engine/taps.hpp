#pragma once

#include <vector>

#include "thimble/graph/op.hpp"

namespace thimble::engine {

/// `count` neighbouring kernel positions that read `count` neighbouring source positions, along one
/// axis. `kernel` counts in the order of packing; `source` is relative to the origin of the output
/// position.
struct Span {
  int kernel = 0;
  int source = 0;
  int count = 0;

  bool operator==(const Span&) const = default;
};

/// One output position and where its spans begin in the source.
struct Position {
  int output = 0;
  int origin = 0;
};

/// Output positions along one axis that see the same kernel positions: one inner position in the
/// middle of the image is like the next, so they are computed side by side and share every weight
/// that is loaded.
struct TapGroup {
  std::vector<Span> spans;  // empty where no kernel position falls into the source
  std::vector<Position> positions;

  int taps() const;
};

/// Outputs at equal distances that see neighbouring sources: output first_output + t · output_step
/// reads, at packed place first_place + j, source first_source + t · source_stride + j, for j in
/// [0, taps); sources outside the image do not count.
struct Phase {
  int outputs = 0;
  int first_output = 0;
  int output_step = 1;
  int first_place = 0;
  int taps = 0;
  int first_source = 0;
  int source_stride = 1;

  bool operator==(const Phase&) const = default;
};

/// Neighbouring outputs that meet the same neighbouring kernel positions: output first_output + t
/// reads source first_source + t · stride + j at kernel position kernel + j, for t in [0, outputs)
/// and j in [0, taps).
struct Run {
  int kernel = 0;
  int taps = 1;
  int first_output = 0;
  int outputs = 0;
  int first_source = 0;
  int stride = 1;

  bool operator==(const Run&) const = default;
};

/// How outputs along one axis read a source: of a convolution, or of its gradient towards the data.
/// Padding needs no zeros in memory: positions outside the source are in no span.
struct Axis {
  int kernel = 1;
  std::vector<TapGroup> groups;
  /// packing[p] is the kernel position (in the graph's order) that stands at place p of the packed
  /// kernel.
  std::vector<int> packing;
  /// The same by phases: one forward, one for each residue of the stride backward. Empty where the
  /// kernel is dilated.
  std::vector<Phase> phases;
};

struct AxisGeometry {
  int input = 1;
  int output = 1;
  int kernel = 1;
  int stride = 1;
  int dilation = 1;
  int padding = 0;  // before the first element
};

/// output[o] = Σ_k kernel[k] · input[o · stride + k · dilation − padding].
Axis forward_axis(const AxisGeometry& geometry);

/// input'[i] = Σ_k kernel[k] · output'[(i + padding − k · dilation) / stride], where that is whole.
/// The kernel is packed backwards, by residue of the stride, so that neighbouring places read
/// neighbouring outputs.
Axis backward_axis(const AxisGeometry& geometry);

/// All pairs of an output and a kernel position that reads inside the source, each in one run: by
/// single kernel positions, with as many outputs as there are, …
std::vector<Run> runs_of_taps(const AxisGeometry& geometry);
/// … or by as many neighbouring kernel positions as the outputs share.
std::vector<Run> runs_of_spans(const AxisGeometry& geometry);

/// The two axes of a window over an image.
struct Window {
  AxisGeometry rows;
  AxisGeometry columns;
};
Window window_of(Shape in, Shape out, Extent kernel, Extent stride, Extent dilation,
                 Padding padding);

}  // namespace thimble::engine
