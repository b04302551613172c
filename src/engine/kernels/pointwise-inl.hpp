// Included once for every instruction set (Highway's foreach_target): the product of neighbouring
// pixels' channels with a matrix.
#if defined(THIMBLE_ENGINE_POINTWISE_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef THIMBLE_ENGINE_POINTWISE_INL_HPP_
#undef THIMBLE_ENGINE_POINTWISE_INL_HPP_
#else
#define THIMBLE_ENGINE_POINTWISE_INL_HPP_
#endif

#include <array>
#include <cstddef>
#include <utility>

#include "convolution.hpp"
#include "lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

/// Neighbouring pixels: their inputs, and what is to become of them.
struct PixelRun {
  int pixels;
  int depth;                 // channels of the source
  const float* source;       // of the first pixel
  std::size_t source_pitch;  // floats from one pixel to the next
  const float* weights;      // packed as a Convolution's
  const float* bias;         // of the first channel, or null
  const float* addend;       // as `output`, or null
  float* output;             // of the first pixel's first channel
  std::size_t output_pitch;  // floats from one pixel to the next
  Activation activation;
};

/// kChannels channels of kPixels pixels at a time. Of channels as few as here the sums are soon
/// done, so that what a tile needs besides them counts: kBare tiles have neither bias nor addend
/// nor activation. `run.pixels` must be a multiple of kPixels.
template <int kChannels, int kPixels, bool kBare>
void pointwise_tiles(const PixelRun& run) {
  const auto depth = static_cast<std::size_t>(run.depth);
  const std::size_t in_pitch = run.source_pitch;
  const std::size_t out_pitch = run.output_pitch;
  const Bounds bounds(run.activation);
  const float* HWY_RESTRICT w = run.weights;
  const auto pixels = static_cast<std::size_t>(run.pixels);
  for (std::size_t first = 0; first < pixels; first += kPixels) {
    const float* HWY_RESTRICT x = run.source + first * in_pitch;
    V sums[kPixels][kChannels][kVectors];
    HWY_UNROLL(6)
    for (int t = 0; t < kChannels; ++t) {
      const V bias = kBare || run.bias == nullptr ? zero() : splat(run.bias[t]);
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
            if (run.addend != nullptr) sum = hn::Add(sum, load(run.addend + at));
            sum = hn::Min(splat(bounds.high), hn::Max(splat(bounds.low), sum));
          }
          store(sum, run.output + at);
        }
      }
    }
  }
}

using PointwiseFunction = void (*)(const PixelRun&);

/// By channels − 1: tiles as wide as the registers hold, and single pixels.
struct PointwiseFunctions {
  std::array<PointwiseFunction, kLargestTile> wide;
  std::array<PointwiseFunction, kLargestTile> single;
};

template <bool kBare, int... kIndices>
constexpr PointwiseFunctions pointwise_functions(std::integer_sequence<int, kIndices...>) {
  return {.wide = {&pointwise_tiles<kIndices + 1, tile_pixels(kIndices + 1), kBare>...},
          .single = {&pointwise_tiles<kIndices + 1, 1, kBare>...}};
}

/// All of `channels` channels of a run.
template <bool kBare>
void pointwise_pixels(const PixelRun& run, int channels) {
  static constexpr auto kFunctions =
      pointwise_functions<kBare>(std::make_integer_sequence<int, kLargestTile>());
  for (int tile = 0; tile < tile_count(channels); ++tile) {
    const int channel = tile_begin(channels, tile);
    const auto size = static_cast<std::size_t>(tile_begin(channels, tile + 1) - channel);
    const int widest = tile_pixels(static_cast<int>(size));
    const auto some = [&](int first, int pixels, PointwiseFunction function) {
      if (pixels == 0) return;
      const std::size_t at = static_cast<std::size_t>(first) * run.output_pitch +
                             static_cast<std::size_t>(channel) * kLanes;
      PixelRun part = run;
      part.pixels = pixels;
      part.source += static_cast<std::size_t>(first) * run.source_pitch;
      part.weights += std::ptrdiff_t{run.depth} * channel;
      if (!kBare && run.bias != nullptr) part.bias += channel;
      if (!kBare && run.addend != nullptr) part.addend += at;
      part.output += at;
      function(part);
    };
    const int wide = run.pixels - run.pixels % widest;
    some(0, wide, kFunctions.wide[size - 1]);
    some(wide, run.pixels - wide, kFunctions.single[size - 1]);
  }
}

}  // namespace thimble::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
