#include "pool.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pool.cpp"
#include <hwy/foreach_target.h>
// After foreach_target, for it is included once for each of them.
#include "lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

/// What one register of outputs sees: register i of the window is at source + taps[i].
struct Seen {
  const float* source;
  std::span<const std::size_t> taps;
};

HWY_INLINE V largest(const Seen& seen) {
  V result = load(seen.source + seen.taps[0]);
  for (const std::size_t tap : seen.taps) result = hn::Max(result, load(seen.source + tap));
  return result;
}

HWY_INLINE V average(const Seen& seen) {
  V sum = zero();
  for (const std::size_t tap : seen.taps) sum = hn::Add(sum, load(seen.source + tap));
  return hn::Mul(sum, splat(1.0F / static_cast<float>(seen.taps.size())));
}

HWY_INLINE void spread_to_largest(const Seen& seen, V gradient, float* source_gradient) {
  const V top = largest(seen);
  V rest = gradient;
  for (const std::size_t tap : seen.taps) {
    // What an earlier maximum took is zero here and adds nothing.
    const auto here = hn::Eq(load(seen.source + tap), top);
    float* const place = source_gradient + tap;
    store(hn::Add(load(place), hn::IfThenElseZero(here, rest)), place);
    rest = hn::IfThenZeroElse(here, rest);
  }
}

HWY_INLINE void spread_evenly(const Seen& seen, V gradient, float* source_gradient) {
  const V share = hn::Mul(gradient, splat(1.0F / static_cast<float>(seen.taps.size())));
  for (const std::size_t tap : seen.taps) {
    float* const place = source_gradient + tap;
    store(hn::Add(load(place), share), place);
  }
}

/// Forward when `source_gradient` is null, else backward from `output`.
void pool_pixel(const Pooling& task, std::size_t origin, std::span<const std::size_t> taps,
                const float* output_gradient, float* output, float* source_gradient) {
  const std::size_t floats = static_cast<std::size_t>(task.sweep->source.channels) * kLanes;
  for (std::size_t i = 0; i < floats; i += kWidth) {
    const Seen seen{task.source + origin + i, taps};
    const bool maximum = task.kind == PoolKind::kMax;
    if (source_gradient == nullptr) {
      store(maximum ? largest(seen) : average(seen), output + i);
    } else if (maximum) {
      spread_to_largest(seen, load(output_gradient + i), source_gradient + origin + i);
    } else {
      spread_evenly(seen, load(output_gradient + i), source_gradient + origin + i);
    }
  }
}

std::span<const std::size_t> taps_of(const Pooling& task, const TapGroup& rows,
                                     const TapGroup& columns) {
  const Shape in = task.sweep->source;
  std::size_t count = 0;
  for (const Span& row : rows.spans) {
    for (int r = 0; r < row.count; ++r) {
      for (const Span& column : columns.spans) {
        for (int c = 0; c < column.count; ++c) {
          task.scratch[count++] =
              static_cast<std::size_t>((row.source + r) * in.width + column.source + c) *
              static_cast<std::size_t>(in.channels) * kLanes;
        }
      }
    }
  }
  return task.scratch.first(count);
}

void pool_block(const Pooling& task, const float* output_gradient, float* output,
                float* source_gradient) {
  const Shape in = task.sweep->source;
  const Shape out = task.sweep->output;
  const std::size_t pixel_floats = static_cast<std::size_t>(in.channels) * kLanes;
  for (const TapGroup& rows : task.sweep->rows.groups) {
    for (const TapGroup& columns : task.sweep->columns.groups) {
      const auto taps = taps_of(task, rows, columns);
      for (const Position& row : rows.positions) {
        for (const Position& column : columns.positions) {
          const std::size_t origin =
              static_cast<std::size_t>(row.origin * in.width + column.origin) * pixel_floats;
          const std::size_t place =
              static_cast<std::size_t>(row.output * out.width + column.output) * pixel_floats;
          if (source_gradient == nullptr) {
            pool_pixel(task, origin, taps, nullptr, output + place, nullptr);
          } else {
            pool_pixel(task, origin, taps, output_gradient + place, nullptr, source_gradient);
          }
        }
      }
    }
  }
}

}  // namespace thimble::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace thimble::engine {

HWY_EXPORT(pool_block);

void pool(const Pooling& task, float* output) {
  HWY_DYNAMIC_DISPATCH(pool_block)(task, nullptr, output, nullptr);
}
void pool_backward(const Pooling& task, const float* output_gradient, float* source_gradient) {
  HWY_DYNAMIC_DISPATCH(pool_block)(task, output_gradient, nullptr, source_gradient);
}

}  // namespace thimble::engine
#endif
