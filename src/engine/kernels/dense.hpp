#pragma once

namespace thimble::engine {

/// gradient[u][i] += Σ over 16 samples of input[sample][i] · output_gradient[u][sample].
/// A dense layer sees each weight once a sample, too seldom for sums over lanes to pay: here the
/// inputs are the vector.
struct DenseGradient {
  int inputs = 0;
  int units = 0;
  const float* input = nullptr;            // [16][pitch]
  const float* output_gradient = nullptr;  // [units][16]
  float* gradient = nullptr;               // [units][pitch]
};
void accumulate_dense(const DenseGradient& task);

/// Floats from one row of inputs to the next.
constexpr int dense_pitch(int inputs) { return (inputs + 15) / 16 * 16; }

}  // namespace thimble::engine
