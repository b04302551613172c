#include "pointwise.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pointwise.cpp"
#include <hwy/foreach_target.h>
// After foreach_target, for it is included once for each of them.
#include "lanes-inl.hpp"

#include <algorithm>
#include <array>
#include <utility>

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

/// Some channels of neighbouring pixels.
struct PixelTiles {
  const float* source;  // of the first pixel
  const float* weights;
  const float* bias;    // of the first channel, or null
  const float* addend;  // as `output`, or null
  float* output;        // of the first pixel's first channel
  int tiles;
};

/// kChannels channels of kPixels pixels at a time. Of channels as few as here the sums are soon
/// done, so that what a tile needs besides them counts: kBare tiles have neither bias nor addend
/// nor activation.
template <int kChannels, int kPixels, bool kBare>
void pointwise_tiles(const Convolution& task, const PixelTiles& work) {
  const auto depth = static_cast<std::size_t>(task.sweep->source.channels);
  const std::size_t in_pitch = depth * kLanes;
  const auto out_pitch = static_cast<std::size_t>(task.sweep->output.channels) * kLanes;
  const Bounds bounds(task.activation);
  const float* HWY_RESTRICT w = work.weights;
  for (int tile = 0; tile < work.tiles; ++tile) {
    const std::size_t first = static_cast<std::size_t>(tile) * kPixels;
    const float* HWY_RESTRICT x = work.source + first * in_pitch;
    V sums[kPixels][kChannels][kVectors];
    HWY_UNROLL(6)
    for (int t = 0; t < kChannels; ++t) {
      const V bias = kBare || work.bias == nullptr ? zero() : splat(work.bias[t]);
      HWY_UNROLL(4)
      for (int p = 0; p < kPixels; ++p) {
        HWY_UNROLL(kUnrolledVectors)
        for (int v = 0; v < kVectors; ++v) sums[p][t][v] = bias;
      }
    }
    for (std::size_t i = 0; i < depth; ++i) {
      HWY_UNROLL(4)
      for (int p = 0; p < kPixels; ++p) {
        V in[kVectors];
        HWY_UNROLL(kUnrolledVectors)
        for (int v = 0; v < kVectors; ++v) in[v] = load(x + p * in_pitch + i * kLanes + v * kWidth);
        HWY_UNROLL(6)
        for (int t = 0; t < kChannels; ++t) {
          const V weight = splat(w[i * kChannels + t]);
          HWY_UNROLL(kUnrolledVectors)
          for (int v = 0; v < kVectors; ++v) {
            sums[p][t][v] = hn::MulAdd(weight, in[v], sums[p][t][v]);
          }
        }
      }
    }
    HWY_UNROLL(4)
    for (int p = 0; p < kPixels; ++p) {
      const std::size_t pixel = (first + p) * out_pitch;
      HWY_UNROLL(6)
      for (int t = 0; t < kChannels; ++t) {
        HWY_UNROLL(kUnrolledVectors)
        for (int v = 0; v < kVectors; ++v) {
          V sum = sums[p][t][v];
          const std::size_t at = pixel + static_cast<std::size_t>(t * kLanes + v * kWidth);
          if constexpr (!kBare) {
            if (work.addend != nullptr) sum = hn::Add(sum, load(work.addend + at));
            sum = hn::Min(splat(bounds.high), hn::Max(splat(bounds.low), sum));
          }
          store(sum, work.output + at);
        }
      }
    }
  }
}

using PointwiseFunction = void (*)(const Convolution&, const PixelTiles&);

constexpr int pixels_for(int channels) {
  return std::clamp(kSums / channels, 1, kVectors <= 4 ? 4 : 1);
}

/// By channels − 1 and whether the tile is as many pixels wide as the registers hold or one.
template <bool kBare, std::size_t... kIndices>
constexpr std::array<PointwiseFunction, sizeof...(kIndices)> pointwise_functions(
    std::index_sequence<kIndices...>) {
  return {&pointwise_tiles < static_cast<int>(kIndices) / 2 + 1,
          kIndices % 2 == 0 ? pixels_for(static_cast<int>(kIndices) / 2 + 1) : 1, kBare > ...};
}

/// Pixels whose inputs stay in the first cache while all channels pass.
int pixels_of_a_pass(int depth) {
  constexpr int kLines = 256;
  return std::clamp(kLines / depth, 12, 96);
}

void pointwise_block(const Convolution& task) {
  static constexpr auto kIndices = std::make_index_sequence<2 * kLargestTile>();
  static constexpr auto kBareFunctions = pointwise_functions<true>(kIndices);
  static constexpr auto kFullFunctions = pointwise_functions<false>(kIndices);
  const bool bare =
      task.bias == nullptr && task.addend == nullptr && task.activation == Activation::kNone;
  const auto& functions = bare ? kBareFunctions : kFullFunctions;
  const Sweep& sweep = *task.sweep;
  const int channels = sweep.output.channels;
  const int depth = sweep.source.channels;
  const int pixels = sweep.output.height * sweep.output.width;
  const int pass = pixels_of_a_pass(depth);
  for (int begin = 0; begin < pixels; begin += pass) {
    const int end = std::min(pixels, begin + pass);
    for (int tile = 0; tile < tile_count(channels); ++tile) {
      const int channel = tile_begin(channels, tile);
      const int size = tile_begin(channels, tile + 1) - channel;
      const auto run = [&](int first, int wide, int tiles) {
        if (tiles == 0) return;
        const auto at = static_cast<std::size_t>(first) * static_cast<std::size_t>(channels) +
                        static_cast<std::size_t>(channel);
        const PixelTiles work{
            .source = task.source +
                      static_cast<std::size_t>(first) * static_cast<std::size_t>(depth) * kLanes,
            .weights = task.weights + std::ptrdiff_t{depth} * channel,
            .bias = task.bias == nullptr ? nullptr : task.bias + channel,
            .addend = task.addend == nullptr ? nullptr : task.addend + at * kLanes,
            .output = task.output + at * kLanes,
            .tiles = tiles};
        functions[static_cast<std::size_t>(size - 1) * 2 + (wide == 1 ? 1 : 0)](task, work);
      };
      const int widest = pixels_for(size);
      const int tiles = (end - begin) / widest;
      run(begin, widest, tiles);
      run(begin + tiles * widest, 1, end - begin - tiles * widest);
    }
  }
}

}  // namespace thimble::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace thimble::engine {

HWY_EXPORT(pointwise_block);

bool is_pointwise(const Sweep& sweep) {
  return sweep.rows.kernel == 1 && sweep.columns.kernel == 1 &&
         sweep.source.height == sweep.output.height && sweep.source.width == sweep.output.width;
}

void convolve_pointwise(const Convolution& task) { HWY_DYNAMIC_DISPATCH(pointwise_block)(task); }

}  // namespace thimble::engine
#endif
