#include "pointwise.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pointwise.cpp"
#include <hwy/foreach_target.h>
// After foreach_target, for it is included once for each of them.
#include "pointwise-inl.hpp"

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

/// Pixels whose inputs stay in the first cache while all channels pass.
int pixels_of_a_pass(int depth) {
  constexpr int kLines = 256;
  return std::clamp(kLines / depth, 12, 96);
}

void pointwise_block(const Convolution& task) {
  const bool bare =
      task.bias == nullptr && task.addend == nullptr && task.activation == Activation::kNone;
  const Sweep& sweep = *task.sweep;
  const int pixels = sweep.output.height * sweep.output.width;
  const int pass = pixels_of_a_pass(sweep.source.channels);
  PixelRun run{.pixels = 0,
               .depth = sweep.source.channels,
               .source = task.source,
               .source_pitch = static_cast<std::size_t>(sweep.source.channels) * kLanes,
               .weights = task.weights,
               .bias = task.bias,
               .addend = task.addend,
               .output = task.output,
               .output_pitch = static_cast<std::size_t>(sweep.output.channels) * kLanes,
               .activation = task.activation};
  for (int begin = 0; begin < pixels; begin += pass) {
    run.pixels = std::min(pass, pixels - begin);
    if (bare) {
      pointwise_pixels<true>(run, sweep.output.channels);
    } else {
      pointwise_pixels<false>(run, sweep.output.channels);
    }
    const auto passed = static_cast<std::size_t>(run.pixels);
    run.source += passed * run.source_pitch;
    run.output += passed * run.output_pitch;
    if (run.addend != nullptr) run.addend += passed * run.output_pitch;
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
