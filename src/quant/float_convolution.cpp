#include "quant/float_kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quant/float_convolution.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace thimble::real::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, kLanes>;
using V = hn::Vec<D>;
constexpr D d;
constexpr std::size_t kStep = hn::MaxLanes(d);
constexpr std::size_t kVectors = kLanes / kStep;

HWY_INLINE V activated(V x, Activation activation) {
  if (activation == Activation::kNone) return x;
  x = hn::Max(x, hn::Zero(d));
  return activation == Activation::kRelu6 ? hn::Min(x, hn::Set(d, 6.0F)) : x;
}

/// Where the taps of one output place begin: in the image and in the kernel.
struct Place {
  Taps rows;
  Taps columns;
  int start = 0;  // pixels from the image's first
};

HWY_INLINE Place place_at(const Window& w, int y, int x) {
  Place place{.rows = w.rows(y), .columns = w.columns(x)};
  if (place.rows.count() > 0 && place.columns.count() > 0) {
    const int top = w.row(y) + place.rows.begin * w.dilation.height;
    place.start = top * w.in.width + w.column(x) + place.columns.begin * w.dilation.width;
  }
  return place;
}

/// `kFilters` output channels at one place; the filters lie `filter_length` weights apart.
template <int kFilters>
HWY_NOINLINE void convolve_block(const Window& w, const Place& place, const float* in,
                                 const float* kernel, std::size_t filter_length, const float* bias,
                                 Activation activation, float* out) {
  V sums[kFilters][kVectors];
  for (int f = 0; f < kFilters; ++f) {
    for (std::size_t v = 0; v < kVectors; ++v) sums[f][v] = hn::Set(d, bias[f]);
  }
  const auto channels = static_cast<std::size_t>(w.in.channels);
  for (int ky = place.rows.begin; ky < place.rows.end; ++ky) {
    const int row = place.start + (ky - place.rows.begin) * w.dilation.height * w.in.width;
    for (int kx = place.columns.begin; kx < place.columns.end; ++kx) {
      const int pixel = row + (kx - place.columns.begin) * w.dilation.width;
      const float* x = in + static_cast<std::size_t>(pixel) * channels * kLanes;
      const float* weights = kernel + static_cast<std::size_t>(ky * w.kernel.width + kx) * channels;
      for (std::size_t c = 0; c < channels; ++c) {
        V loaded[kVectors];
        for (std::size_t v = 0; v < kVectors; ++v) loaded[v] = hn::LoadU(d, x + v * kStep);
        for (int f = 0; f < kFilters; ++f) {
          const V weight = hn::Set(d, weights[static_cast<std::size_t>(f) * filter_length + c]);
          for (std::size_t v = 0; v < kVectors; ++v) {
            sums[f][v] = hn::Add(sums[f][v], hn::Mul(loaded[v], weight));
          }
        }
        x += kLanes;
      }
    }
  }
  for (int f = 0; f < kFilters; ++f) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      hn::StoreU(activated(sums[f][v], activation), d, out + f * kLanes + v * kStep);
    }
  }
}

void convolve_all(const Window& w, const float* kernel, const float* bias, Activation activation,
                  const float* in, float* out) {
  const std::size_t length = static_cast<std::size_t>(w.kernel.height * w.kernel.width) *
                             static_cast<std::size_t>(w.in.channels);
  for (int y = 0; y < w.out.height; ++y) {
    for (int x = 0; x < w.out.width; ++x) {
      const Place place = place_at(w, y, x);
      int f = 0;
      for (; f + 4 <= w.out.channels; f += 4, out += 4 * kLanes) {
        convolve_block<4>(w, place, in, kernel + static_cast<std::size_t>(f) * length, length,
                          bias + f, activation, out);
      }
      for (; f < w.out.channels; ++f, out += kLanes) {
        convolve_block<1>(w, place, in, kernel + static_cast<std::size_t>(f) * length, length,
                          bias + f, activation, out);
      }
    }
  }
}

void convolve_depthwise_all(const Window& w, const float* kernel, const float* bias,
                            Activation activation, const float* in, float* out) {
  const auto channels = static_cast<std::size_t>(w.out.channels);
  const auto in_channels = static_cast<std::size_t>(w.in.channels);
  const std::size_t multiplier = channels / in_channels;
  for (int y = 0; y < w.out.height; ++y) {
    for (int x = 0; x < w.out.width; ++x) {
      const Place place = place_at(w, y, x);
      for (std::size_t c = 0; c < channels; ++c, out += kLanes) {
        V sums[kVectors];
        for (std::size_t v = 0; v < kVectors; ++v) sums[v] = hn::Set(d, bias[c]);
        for (int ky = place.rows.begin; ky < place.rows.end; ++ky) {
          const int row = place.start + (ky - place.rows.begin) * w.dilation.height * w.in.width;
          for (int kx = place.columns.begin; kx < place.columns.end; ++kx) {
            const int pixel = row + (kx - place.columns.begin) * w.dilation.width;
            const float* from =
                in + (static_cast<std::size_t>(pixel) * in_channels + c / multiplier) * kLanes;
            const auto tap = static_cast<std::size_t>(ky * w.kernel.width + kx);
            const V weight = hn::Set(d, kernel[tap * channels + c]);
            for (std::size_t v = 0; v < kVectors; ++v) {
              sums[v] = hn::Add(sums[v], hn::Mul(hn::LoadU(d, from + v * kStep), weight));
            }
          }
        }
        for (std::size_t v = 0; v < kVectors; ++v) {
          hn::StoreU(activated(sums[v], activation), d, out + v * kStep);
        }
      }
    }
  }
}

}  // namespace thimble::real::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace thimble::real {

HWY_EXPORT(convolve_all);
HWY_EXPORT(convolve_depthwise_all);

void convolve(const Window& window, const NodeWeights& weights, Activation activation,
              const float* in, float* out) {
  HWY_DYNAMIC_DISPATCH(convolve_all)
  (window, weights.kernel.data(), weights.bias.data(), activation, in, out);
}

void convolve_depthwise(const Window& window, const NodeWeights& weights, Activation activation,
                        const float* in, float* out) {
  HWY_DYNAMIC_DISPATCH(convolve_depthwise_all)
  (window, weights.kernel.data(), weights.bias.data(), activation, in, out);
}

}  // namespace thimble::real
#endif
