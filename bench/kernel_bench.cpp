// Floating point operations a second of the engine's convolutions by shape: forward, the gradient
// towards the data and that towards the kernel; one core, one block of 16 images. Odd channel
// counts stand beside even ones.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <vector>

#include "kernels/depthwise.hpp"
#include "kernels/kernel_gradient.hpp"
#include "lanes.hpp"
#include "parameters.hpp"

namespace thimble::engine {
namespace {

struct Layer {
  int side;  // of the image, square
  int channels;
  int filters;  // 0: depthwise
  int kernel;
  int stride = 1;
};

constexpr Layer kLayers[] = {
    {32, 1, 5, 3},     {32, 3, 7, 3, 2}, {16, 7, 7, 3},   {16, 8, 8, 3},   {16, 13, 13, 3},
    {16, 16, 16, 3},   {16, 23, 23, 3},  {16, 24, 24, 3}, {8, 63, 63, 3},  {8, 64, 64, 3},
    {14, 5, 11, 1},    {14, 7, 7, 1},    {14, 8, 8, 1},   {14, 13, 13, 1}, {14, 16, 16, 1},
    {14, 23, 23, 1},   {14, 24, 24, 1},  {14, 63, 63, 1}, {14, 64, 64, 1}, {25, 24, 144, 1},
    {1, 640, 128, 1},  {32, 8, 0, 3},    {14, 13, 0, 3},  {14, 16, 0, 3},  {14, 23, 0, 3, 2},
    {14, 24, 0, 3, 2}, {25, 63, 0, 3},   {25, 64, 0, 3},  {32, 3, 0, 7},   {12, 96, 0, 5}};

enum class Pass { kForward, kDataGradient, kKernelGradient };

AlignedFloats floats(std::int64_t count) {
  AlignedFloats memory(count);
  for (std::int64_t i = 0; i < count; ++i) memory.data()[i] = 0.1F * static_cast<float>(i % 7);
  return memory;
}

/// Multiply-adds of a block, those outside the image left out.
double multiply_adds(const Layer& layer, const Window& window) {
  double pairs = 0;
  for (const Run& row : runs_of_taps(window.rows)) {
    for (const Run& column : runs_of_taps(window.columns)) {
      pairs += static_cast<double>(row.outputs) * column.outputs;
    }
  }
  return pairs * layer.channels * std::max(layer.filters, 1) * kLanes;
}

void run(benchmark::State& state, const Layer& layer, Pass pass) {
  const bool depthwise = layer.filters == 0;
  const int side = (layer.side + layer.stride - 1) / layer.stride;
  const Shape in{layer.side, layer.side, layer.channels};
  const Shape out{side, side, depthwise ? layer.channels : layer.filters};
  const Window window = window_of(in, out, {layer.kernel, layer.kernel},
                                  {layer.stride, layer.stride}, {1, 1}, Padding::kSame);
  const Sweep forward{in, out, forward_axis(window.rows), forward_axis(window.columns)};
  const Sweep backward{out, in, backward_axis(window.rows), backward_axis(window.columns)};
  const WeightSweep weights_of(in, out, window);
  AlignedFloats x = floats(in.elements() * kLanes);
  AlignedFloats y = floats(out.elements() * kLanes);
  const std::int64_t sums =
      depthwise ? std::int64_t{layer.kernel} * layer.kernel * layer.channels : weights_of.sums();
  AlignedFloats weights =
      floats(std::max({sums * kLanes, packed_floats(forward), packed_floats(backward)}));
  AlignedFloats scratch = floats(
      std::max({scratch_floats(forward), scratch_floats(backward), scratch_floats(weights_of)}));
  const auto work = [&] {
    const bool back = pass == Pass::kDataGradient;
    const Sweep* const sweep = back ? &backward : &forward;
    const float* const source = back ? y.data() : x.data();
    float* const output = back ? x.data() : y.data();
    if (pass == Pass::kKernelGradient && depthwise) {
      accumulate_depthwise({.sweep = &forward,
                            .source = x.data(),
                            .output = y.data(),
                            .partial_sums = weights.data()});
    } else if (pass == Pass::kKernelGradient) {
      accumulate({.sweep = &weights_of,
                  .source = x.data(),
                  .output = y.data(),
                  .partial_sums = weights.data(),
                  .scratch = scratch.data()});
    } else if (depthwise) {
      convolve_depthwise(
          {.sweep = sweep, .source = source, .weights = weights.data(), .output = output});
    } else {
      convolve({.sweep = sweep,
                .source = source,
                .weights = weights.data(),
                .output = output,
                .scratch = scratch.data()});
    }
  };
  for (auto _ : state) {
    work();
    benchmark::ClobberMemory();
  }
  state.counters["FLOP/s"] = benchmark::Counter(2 * multiply_adds(layer, window),
                                                benchmark::Counter::kIsIterationInvariantRate);
}

void add_benchmarks() {
  for (const Layer& layer : kLayers) {
    const std::string kind =
        layer.filters == 0 ? fmt::format("depthwise {}", layer.channels)
                           : fmt::format("convolution {} to {}", layer.channels, layer.filters);
    const auto add = [&](const char* name, Pass pass) {
      benchmark::RegisterBenchmark(
          fmt::format("{}, {}x{}/{}, {}x{}/{}", kind, layer.kernel, layer.kernel, layer.stride,
                      layer.side, layer.side, name)
              .c_str(),
          [&layer, pass](benchmark::State& state) { run(state, layer, pass); });
    };
    add("forward", Pass::kForward);
    add("data gradient", Pass::kDataGradient);
    add("kernel gradient", Pass::kKernelGradient);
  }
}

}  // namespace
}  // namespace thimble::engine

int main(int argc, char** argv) {
  thimble::engine::add_benchmarks();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
