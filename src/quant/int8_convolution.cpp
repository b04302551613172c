#include "quant/int8_kernels.hpp"

#include "thimble/core/error.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quant/int8_convolution.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h.
#include "quant/int8_vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace thimble::int8::HWY_NAMESPACE {

/// The sums of `kChannels` output channels for all samples. Two halves, for some targets add the
/// products of a pair's channels in different vectors; where they do not, the second is never
/// touched and costs nothing.
template <int kChannels>
struct Sums {
  V32 sums[kChannels][kVectors];
  V32 others[kChannels][kVectors];

  HWY_INLINE explicit Sums(const ChannelOutput* outputs) {
    for (int c = 0; c < kChannels; ++c) {
      for (std::size_t v = 0; v < kVectors; ++v) {
        sums[c][v] = hn::Set(d32, outputs[c].bias);
        others[c][v] = hn::Zero(d32);
      }
    }
  }

  HWY_INLINE void add(int channel, std::size_t vector, V16 x, V16 weights) {
    sums[channel][vector] = hn::ReorderWidenMulAccumulate(d32, x, weights, sums[channel][vector],
                                                          others[channel][vector]);
  }

  HWY_INLINE V32 value(int channel, std::size_t vector, const ChannelOutput* outputs,
                       Clamp clamp) const {
    const V32 sum = hn::RearrangeToOddPlusEven(sums[channel][vector], others[channel][vector]);
    return clamped(rescaled(sum, outputs[channel].rescaling), clamp);
  }

  HWY_INLINE void store(const ChannelOutput* outputs, Clamp clamp, std::int16_t* out) const {
    for (int c = 0; c < kChannels; c += 2) {
      for (std::size_t v = 0; v < kVectors; ++v) {
        const V32 first = value(c, v, outputs, clamp);
        const V32 second = value(c + 1, v, outputs, clamp);
        hn::StoreU(paired(first, second), d16,
                   out + static_cast<std::size_t>(c / 2) * kPairLength + v * kStep);
      }
    }
  }
};

/// Adds `count` pairs of input channels that lie side by side.
template <int kChannels>
HWY_INLINE void add_run(const std::int16_t* x, const std::int32_t* weights, std::size_t count,
                        Sums<kChannels>& sums) {
  for (std::size_t i = 0; i < count; ++i) {
    V16 loaded[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v) loaded[v] = hn::LoadU(d16, x + v * kStep);
    for (int c = 0; c < kChannels; ++c) {
      const V16 weight = broadcast_pair(weights[c]);
      for (std::size_t v = 0; v < kVectors; ++v) sums.add(c, v, loaded[v], weight);
    }
    x += kPairLength;
    weights += kChannels;
  }
}

/// One block of output channels at one place of the output.
template <int kChannels>
HWY_NOINLINE void convolve_block(const Window& window, Taps rows, Taps columns,
                                 const std::int16_t* first, const std::int32_t* weights,
                                 const ChannelOutput* outputs, Clamp clamp, std::int16_t* out) {
  Sums<kChannels> sums(outputs);
  const auto in_pairs = static_cast<std::size_t>(pairs(window.in.channels));
  const std::size_t pixel = in_pairs * kPairLength;
  // Without dilation the taps of a row are neighbours in the image and in the kernel: one run.
  const bool together = window.dilation.width == 1;
  const int runs = together ? std::min(1, columns.count()) : columns.count();
  const std::size_t run_length =
      in_pairs * static_cast<std::size_t>(together ? columns.count() : 1);
  for (int ky = rows.begin; ky < rows.end; ++ky) {
    const int row = (ky - rows.begin) * window.dilation.height * window.in.width;
    for (int run = 0; run < runs; ++run) {
      const int place = row + run * window.dilation.width;
      const int tap = ky * window.kernel.width + columns.begin + run;
      add_run<kChannels>(first + static_cast<std::size_t>(place) * pixel,
                         weights + static_cast<std::size_t>(tap) * in_pairs * kChannels, run_length,
                         sums);
    }
  }
  sums.store(outputs, clamp, out);
}

void convolve(const Convolution& plan, const std::int16_t* in, std::int16_t* out) {
  const Window& w = plan.window;
  const auto in_pairs = static_cast<std::size_t>(pairs(w.in.channels));
  const std::size_t column_weights =
      static_cast<std::size_t>(w.kernel.height * w.kernel.width) * in_pairs;
  for (int y = 0; y < w.out.height; ++y) {
    const Taps rows = w.rows(y);
    const int top = w.row(y) + rows.begin * w.dilation.height;
    for (int x = 0; x < w.out.width; ++x) {
      const Taps columns = w.columns(x);
      const int left = w.column(x) + columns.begin * w.dilation.width;
      const bool any = rows.count() > 0 && columns.count() > 0;
      const std::size_t place = any ? static_cast<std::size_t>(top * w.in.width + left) : 0;
      const std::int16_t* first = in + place * in_pairs * kPairLength;
      const std::int32_t* weights = plan.weights.data();
      const ChannelOutput* outputs = plan.outputs.data();
      for (const int width : plan.blocks) {
        switch (width) {
          case 2:
            convolve_block<2>(w, rows, columns, first, weights, outputs, plan.clamp, out);
            break;
          case 4:
            convolve_block<4>(w, rows, columns, first, weights, outputs, plan.clamp, out);
            break;
          default:
            convolve_block<6>(w, rows, columns, first, weights, outputs, plan.clamp, out);
        }
        weights += column_weights * static_cast<std::size_t>(width);
        outputs += width;
        out += static_cast<std::size_t>(width / 2) * kPairLength;
      }
    }
  }
}

/// Two output channels at one place. With `kSameInput` both read the same pair of input channels.
template <bool kSameInput>
HWY_INLINE void depthwise_pair(const Window& window, Taps rows, Taps columns,
                               const std::int16_t* first_in, const std::int16_t* second_in,
                               const std::int32_t* weights, const ChannelOutput* outputs,
                               Clamp clamp, std::int16_t* out) {
  Sums<2> sums(outputs);
  const std::size_t pixel = static_cast<std::size_t>(pairs(window.in.channels)) * kPairLength;
  for (int ky = rows.begin; ky < rows.end; ++ky) {
    const int row = (ky - rows.begin) * window.dilation.height * window.in.width;
    for (int kx = columns.begin; kx < columns.end; ++kx) {
      const int place = row + (kx - columns.begin) * window.dilation.width;
      const std::size_t offset = static_cast<std::size_t>(place) * pixel;
      const std::int32_t* tap = weights + 2 * (ky * window.kernel.width + kx);
      const V16 first_weight = broadcast_pair(tap[0]);
      const V16 second_weight = broadcast_pair(tap[1]);
      for (std::size_t v = 0; v < kVectors; ++v) {
        const V16 x = hn::LoadU(d16, first_in + offset + v * kStep);
        const V16 other = kSameInput ? x : hn::LoadU(d16, second_in + offset + v * kStep);
        sums.add(0, v, x, first_weight);
        sums.add(1, v, other, second_weight);
      }
    }
  }
  sums.store(outputs, clamp, out);
}

void convolve_depthwise(const DepthwiseConvolution& plan, const std::int16_t* in,
                        std::int16_t* out) {
  const Window& w = plan.window;
  const std::size_t pixel = static_cast<std::size_t>(pairs(w.in.channels)) * kPairLength;
  const std::size_t taps = static_cast<std::size_t>(w.kernel.height * w.kernel.width);
  for (int y = 0; y < w.out.height; ++y) {
    const Taps rows = w.rows(y);
    const int top = w.row(y) + rows.begin * w.dilation.height;
    for (int x = 0; x < w.out.width; ++x) {
      const Taps columns = w.columns(x);
      const int left = w.column(x) + columns.begin * w.dilation.width;
      const bool any = rows.count() > 0 && columns.count() > 0;
      const std::int16_t* place =
          in + (any ? static_cast<std::size_t>(top * w.in.width + left) : 0) * pixel;
      for (std::size_t c = 0; c < plan.outputs.size(); c += 2) {
        const std::int16_t* first =
            place + static_cast<std::size_t>(plan.inputs[c] / 2) * kPairLength;
        const std::int16_t* second =
            place + static_cast<std::size_t>(plan.inputs[c + 1] / 2) * kPairLength;
        const std::int32_t* weights = plan.weights.data() + c * taps;
        const ChannelOutput* outputs = plan.outputs.data() + c;
        if (first == second) {
          depthwise_pair<true>(w, rows, columns, first, second, weights, outputs, plan.clamp, out);
        } else {
          depthwise_pair<false>(w, rows, columns, first, second, weights, outputs, plan.clamp, out);
        }
        out += kPairLength;
      }
    }
  }
}

}  // namespace thimble::int8::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace thimble::int8 {

HWY_EXPORT(convolve);
HWY_EXPORT(convolve_depthwise);

void run(const Convolution& plan, const std::int16_t* in, std::int16_t* out) {
  HWY_DYNAMIC_DISPATCH(convolve)(plan, in, out);
}

void run(const DepthwiseConvolution& plan, const std::int16_t* in, std::int16_t* out) {
  HWY_DYNAMIC_DISPATCH(convolve_depthwise)(plan, in, out);
}

}  // namespace thimble::int8
#endif
