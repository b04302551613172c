#include "winograd.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/winograd_gradient.cpp"
#include <hwy/foreach_target.h>
// After foreach_target, for it is included once for each of them.
#include "meeting-inl.hpp"
#include "winograd-inl.hpp"

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

/// Tiles that are transformed before they are multiplied: every sum is loaded and stored once for
/// all of them.
int tiles_of_a_gradient_pass(const WeightSweep& sweep) {
  constexpr int kLines = 512;
  return std::clamp(kLines / (sweep.source.channels + sweep.output.channels), 16, 64);
}

std::int64_t scratch_of_gradient(const WeightSweep& sweep) {
  const std::size_t pitches = tile_pitch(sweep.source.channels) + tile_pitch(sweep.output.channels);
  return std::int64_t{kPlaces} * tiles_of_a_gradient_pass(sweep) *
         static_cast<std::int64_t>(pitches);
}

/// A dy Aᵀ of each channel, laid out as `transform_patch` does.
void transform_gradient(const Pixels<2>& tile, int channels, float* to, std::size_t pitch) {
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
    HWY_UNROLL(kUnrolledVectors)
    for (int v = 0; v < kVectors; ++v) {
      float* const first = to + c * kLanes + v * kWidth;
      V rows[4][2];
      HWY_UNROLL(2)
      for (int j = 0; j < 2; ++j) {
        const V top = tile.at(j, c, v);
        const V bottom = tile.at(2 + j, c, v);
        rows[0][j] = top;
        rows[1][j] = hn::Add(top, bottom);
        rows[2][j] = hn::Sub(top, bottom);
        rows[3][j] = hn::Neg(bottom);
      }
      HWY_UNROLL(4)
      for (int i = 0; i < 4; ++i) {
        float* const place = first + static_cast<std::size_t>(i * 4) * pitch;
        store(rows[i][0], place);
        store(hn::Add(rows[i][0], rows[i][1]), place + pitch);
        store(hn::Sub(rows[i][0], rows[i][1]), place + 2 * pitch);
        store(hn::Neg(rows[i][1]), place + 3 * pitch);
      }
    }
  }
}

void winograd_gradient_block(const KernelGradient& task) {
  const WeightSweep& sweep = *task.sweep;
  const TileGrid grid(sweep.output);
  const int most = tiles_of_a_gradient_pass(sweep);
  const int depth = sweep.source.channels;
  const std::size_t in_pitch = tile_pitch(depth);
  const std::size_t out_pitch = tile_pitch(sweep.output.channels);
  const std::size_t in_place = in_pitch * static_cast<std::size_t>(most);
  const std::size_t out_place = out_pitch * static_cast<std::size_t>(most);
  const std::size_t filter_pitch = std::size_t{kPlaces} * static_cast<std::size_t>(depth) * kWidth;
  float* const inputs = task.scratch;
  float* const gradients = inputs + kPlaces * in_place;
  for (int first = 0; first < grid.count; first += most) {
    const int tiles = std::min(most, grid.count - first);
    for (int t = 0; t < tiles; ++t) {
      const int row = grid.row(first + t);
      const int column = grid.column(first + t);
      const auto tile = static_cast<std::size_t>(t);
      transform_patch({task.source, sweep.source, row - sweep.top, column - sweep.left}, depth,
                      inputs + tile * in_pitch, in_place);
      transform_gradient({task.output, sweep.output, row, column}, sweep.output.channels,
                         gradients + tile * out_pitch, out_place);
    }
    for (int place = 0; place < kPlaces; ++place) {
      const auto at = static_cast<std::size_t>(place);
      for_parts(sweep.output.channels, kMostFilters, [&](int filter, int filters) {
        for_parts(depth, kMostInputs, [&](int input, int inputs_of_tile) {
          const Meeting meeting{
              .input = inputs + at * in_place + static_cast<std::size_t>(input) * kLanes,
              .output = gradients + at * out_place + static_cast<std::size_t>(filter) * kLanes,
              .rows = 1,
              .columns = tiles,
              .input_row = 0,
              .input_column = in_pitch,
              .output_row = 0,
              .output_column = out_pitch};
          float* const sums = task.partial_sums + static_cast<std::size_t>(filter) * filter_pitch +
                              static_cast<std::size_t>(place * depth + input) * kWidth;
          accumulate_meeting(meeting, inputs_of_tile, filters, sums, filter_pitch);
        });
      });
    }
  }
}

}  // namespace thimble::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace thimble::engine {

HWY_EXPORT(winograd_gradient_block);
HWY_EXPORT(scratch_of_gradient);

std::int64_t winograd_scratch(const WeightSweep& sweep) {
  return HWY_DYNAMIC_DISPATCH(scratch_of_gradient)(sweep);
}

void accumulate_winograd(const KernelGradient& task) {
  HWY_DYNAMIC_DISPATCH(winograd_gradient_block)(task);
}

void transform_kernel_gradient(const float (&sums)[kPlaces], float (&gradient)[9]) {
  float rows[3][4];
  for (int j = 0; j < 4; ++j) {
    const float even = 0.5F * (sums[4 + j] + sums[8 + j]);
    const float odd = 0.5F * (sums[4 + j] - sums[8 + j]);
    rows[0][j] = sums[j] + even;
    rows[1][j] = odd;
    rows[2][j] = even + sums[12 + j];
  }
  for (int i = 0; i < 3; ++i) {
    const auto [a, b, c, d] = rows[i];
    gradient[i * 3] = a + 0.5F * (b + c);
    gradient[i * 3 + 1] = 0.5F * (b - c);
    gradient[i * 3 + 2] = 0.5F * (b + c) + d;
  }
}

}  // namespace thimble::engine
#endif
