#include "winograd.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/winograd.cpp"
#include <hwy/foreach_target.h>
// After foreach_target, for it is included once for each of them.
#include "pointwise-inl.hpp"
#include "winograd-inl.hpp"

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

/// Tiles that are transformed before they are multiplied: enough that the multiplications of one
/// place are worth beginning, and so few that all places stay in the second cache.
int tiles_of_a_pass(const Sweep& sweep) {
  constexpr int kLines = 192;
  return std::clamp(kLines / (sweep.source.channels + sweep.output.channels), 4, 32);
}

std::int64_t scratch_of_passes(const Sweep& sweep) {
  const std::size_t pitches = tile_pitch(sweep.source.channels) + tile_pitch(sweep.output.channels);
  return std::int64_t{kPlaces} * tiles_of_a_pass(sweep) * static_cast<std::int64_t>(pitches);
}

/// Aᵀ m A of each channel of one tile, with bias, addend and activation, to those of its outputs
/// that lie inside the image. `from` is laid out as `transform_patch` leaves it.
void finish_tile(const Convolution& task, int row, int column, const float* from,
                 std::size_t pitch) {
  const Shape shape = task.sweep->output;
  const int rows = std::min(2, shape.height - row);
  const int columns = std::min(2, shape.width - column);
  const Bounds bounds(task.activation);
  const auto pixel = static_cast<std::size_t>(shape.channels) * kLanes;
  const std::size_t first = (static_cast<std::size_t>(row) * static_cast<std::size_t>(shape.width) +
                             static_cast<std::size_t>(column)) *
                            pixel;
  const auto channels = static_cast<std::size_t>(shape.channels);
  for (std::size_t c = 0; c < channels; ++c) {
    const V bias = task.bias == nullptr ? zero() : splat(task.bias[c]);
    HWY_UNROLL(kUnrolledVectors)
    for (int v = 0; v < kVectors; ++v) {
      const std::size_t line = c * kLanes + static_cast<std::size_t>(v * kWidth);
      HWY_UNROLL(2)
      for (int i = 0; i < 2; ++i) {
        if (i >= rows) break;
        V sums[4];
        HWY_UNROLL(4)
        for (std::size_t j = 0; j < 4; ++j) {
          const float* const m = from + line + j * pitch;
          const V one = load(m + 4 * pitch);
          const V two = load(m + 8 * pitch);
          sums[j] = i == 0 ? hn::Add(hn::Add(load(m), one), two)
                           : hn::Sub(hn::Sub(one, two), load(m + 12 * pitch));
        }
        const V outputs[2] = {hn::Add(hn::Add(sums[0], sums[1]), sums[2]),
                              hn::Sub(hn::Sub(sums[1], sums[2]), sums[3])};
        HWY_UNROLL(2)
        for (int j = 0; j < 2; ++j) {
          if (j >= columns) break;
          const std::size_t at =
              first +
              (static_cast<std::size_t>(i) * static_cast<std::size_t>(shape.width) +
               static_cast<std::size_t>(j)) *
                  pixel +
              line;
          V sum = hn::Add(outputs[j], bias);
          if (task.addend != nullptr) sum = hn::Add(sum, load(task.addend + at));
          sum = hn::Min(splat(bounds.high), hn::Max(splat(bounds.low), sum));
          store(sum, task.output + at);
        }
      }
    }
  }
}

void winograd_block(const Convolution& task) {
  const Sweep& sweep = *task.sweep;
  const TileGrid grid(sweep.output);
  const int most = tiles_of_a_pass(sweep);
  const std::size_t in_pitch = tile_pitch(sweep.source.channels);
  const std::size_t out_pitch = tile_pitch(sweep.output.channels);
  const std::size_t in_place = in_pitch * static_cast<std::size_t>(most);
  const std::size_t out_place = out_pitch * static_cast<std::size_t>(most);
  const std::ptrdiff_t weights = std::ptrdiff_t{sweep.source.channels} * sweep.output.channels;
  float* const inputs = task.scratch;
  float* const products = inputs + kPlaces * in_place;
  const int first_row = sweep.rows.phases[0].first_source;
  const int first_column = sweep.columns.phases[0].first_source;
  for (int first = 0; first < grid.count; first += most) {
    const int tiles = std::min(most, grid.count - first);
    for (int t = 0; t < tiles; ++t) {
      const Pixels<4> patch(task.source, sweep.source, grid.row(first + t) + first_row,
                            grid.column(first + t) + first_column);
      transform_patch(patch, sweep.source.channels, inputs + static_cast<std::size_t>(t) * in_pitch,
                      in_place);
    }
    for (std::size_t place = 0; place < kPlaces; ++place) {
      pointwise_pixels<true>(
          {.pixels = tiles,
           .depth = sweep.source.channels,
           .source = inputs + place * in_place,
           .source_pitch = in_pitch,
           .weights = task.weights + static_cast<std::ptrdiff_t>(place) * weights,
           .bias = nullptr,
           .addend = nullptr,
           .output = products + place * out_place,
           .output_pitch = out_pitch,
           .activation = Activation::kNone},
          sweep.output.channels);
    }
    for (int t = 0; t < tiles; ++t) {
      finish_tile(task, grid.row(first + t), grid.column(first + t),
                  products + static_cast<std::size_t>(t) * out_pitch, out_place);
    }
  }
}

}  // namespace thimble::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace thimble::engine {

HWY_EXPORT(winograd_block);
HWY_EXPORT(scratch_of_passes);

namespace {

/// With fewer channels on either side the transformations cost more than they save.
constexpr int kLeastChannels = 12;

bool channels_suit(Shape source, Shape output) {
  return std::min(source.channels, output.channels) >= kLeastChannels;
}

bool slides_by_one(const Axis& axis, int outputs) {
  if (axis.kernel != 3 || axis.phases.size() != 1) return false;
  const Phase& phase = axis.phases[0];
  return phase.taps == 3 && phase.source_stride == 1 && phase.output_step == 1 &&
         phase.outputs == outputs;
}

bool slides_by_one(const AxisGeometry& axis) {
  return axis.kernel == 3 && axis.stride == 1 && axis.dilation == 1;
}

}  // namespace

bool suits_winograd(const Sweep& sweep) {
  return channels_suit(sweep.source, sweep.output) &&
         slides_by_one(sweep.rows, sweep.output.height) &&
         slides_by_one(sweep.columns, sweep.output.width);
}

bool suits_winograd(Shape source, Shape output, const Window& window) {
  return channels_suit(source, output) && slides_by_one(window.rows) &&
         slides_by_one(window.columns);
}

std::int64_t winograd_scratch(const Sweep& sweep) {
  return HWY_DYNAMIC_DISPATCH(scratch_of_passes)(sweep);
}

void convolve_winograd(const Convolution& task) { HWY_DYNAMIC_DISPATCH(winograd_block)(task); }

void transform_kernel(const float (&kernel)[9], float (&transformed)[kPlaces]) {
  float rows[4][3];
  for (int j = 0; j < 3; ++j) {
    const float a = kernel[j];
    const float b = kernel[3 + j];
    const float c = kernel[6 + j];
    rows[0][j] = a;
    rows[1][j] = 0.5F * (a + b + c);
    rows[2][j] = 0.5F * (a - b + c);
    rows[3][j] = c;
  }
  for (int i = 0; i < 4; ++i) {
    const auto [a, b, c] = rows[i];
    transformed[i * 4] = a;
    transformed[i * 4 + 1] = 0.5F * (a + b + c);
    transformed[i * 4 + 2] = 0.5F * (a - b + c);
    transformed[i * 4 + 3] = c;
  }
}

}  // namespace thimble::engine
#endif
