#pragma once

#include "../taps.hpp"

namespace thimble::engine {

/// Floats in a register of the present machine.
int partial_sums_width();

/// Which outputs of one block of 16 images meet which weights of a convolution.
struct WeightSweep {
  WeightSweep(Shape source, Shape output, const Window& window);

  /// Partial sums; each is a register wide.
  std::int64_t sums() const;

  Shape source;
  Shape output;
  int kernel_rows;
  int kernel_columns;
  int top;  // padding
  int left;
  bool winograd;
  std::vector<Run> rows;  // by single kernel rows
  std::vector<Run> columns;
};

/// Sums over the lanes of a kernel's gradient are taken at the end of the batch only: until then
/// every weight has a register's width of partial sums. Ordered [filters][kernel rows][kernel
/// columns][input channels][width], or as Winograd's have it.
struct KernelGradient {
  const WeightSweep* sweep = nullptr;
  const float* source = nullptr;  // the convolution's input
  const float* output = nullptr;  // the gradient of its output
  float* partial_sums = nullptr;  // added to
  float* scratch = nullptr;       // `scratch_floats` of them
};
std::int64_t scratch_floats(const WeightSweep& sweep);
void accumulate(const KernelGradient& task);

/// Arrays of partial sums, one for each shard of a batch.
struct PartialSums {
  float* first = nullptr;
  int shards = 1;
  std::int64_t pitch = 0;  // floats from one array to the next
};
/// sums[i] = the sum of the lanes of partial sum i, over all shards. `sums` may be the first array.
void reduce_partial_sums(const PartialSums& partial, std::int64_t count, float* sums);

/// The kernel's gradient [filters][kernel rows][kernel columns][input channels] from the partial
/// sums, which are lost.
void finish_kernel_gradient(const WeightSweep& sweep, const PartialSums& partial, float* gradient);

}  // namespace thimble::engine
