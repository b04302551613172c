#include "pool.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pool.cpp"
#include <hwy/foreach_target.h>
// After foreach_target, for it is included once for each of them.
#include "lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

/// One channel of 16 images.
struct Line {
  V values[kVectors];
};

HWY_INLINE Line load_line(const float* place) {
  Line line;
  HWY_UNROLL(kUnrolledVectors)
  for (int v = 0; v < kVectors; ++v) line.values[v] = load(place + v * kWidth);
  return line;
}
HWY_INLINE void store_line(const Line& line, float* place) {
  HWY_UNROLL(kUnrolledVectors)
  for (int v = 0; v < kVectors; ++v) store(line.values[v], place + v * kWidth);
}
template <class Combine>
HWY_INLINE Line combined(const Line& a, const Line& b, const Combine& combine) {
  Line result;
  HWY_UNROLL(kUnrolledVectors)
  for (int v = 0; v < kVectors; ++v) result.values[v] = combine(a.values[v], b.values[v]);
  return result;
}
HWY_INLINE Line scaled(const Line& line, float factor) {
  return combined(line, line, [&](V a, V) HWY_ATTR { return hn::Mul(a, splat(factor)); });
}

// A window's places are at source + taps[i]. `Taps` is a span, of fixed extent for the usual
// windows.

template <class Taps>
HWY_INLINE Line largest(const float* source, const Taps& taps) {
  Line result = load_line(source + taps[0]);
  for (const std::size_t tap : taps) {
    result =
        combined(result, load_line(source + tap), [](V a, V b) HWY_ATTR { return hn::Max(a, b); });
  }
  return result;
}

template <class Taps>
HWY_INLINE Line average(const float* source, const Taps& taps) {
  Line sum = load_line(source + taps[0]);
  for (const std::size_t tap : taps.template subspan<1>()) {
    sum = combined(sum, load_line(source + tap), [](V a, V b) HWY_ATTR { return hn::Add(a, b); });
  }
  return scaled(sum, 1.0F / static_cast<float>(taps.size()));
}

/// A line of the gradient so far, or zeros where it is to be overwritten.
template <bool kOverwrite>
HWY_INLINE V before(const float* place) {
  return kOverwrite ? zero() : load(place);
}

template <bool kOverwrite, class Taps>
HWY_INLINE void spread_to_largest(const float* source, const Taps& taps, const float* gradient,
                                  float* source_gradient) {
  const Line top = largest(source, taps);
  Line rest = load_line(gradient);
  for (const std::size_t tap : taps) {
    HWY_UNROLL(kUnrolledVectors)
    for (int v = 0; v < kVectors; ++v) {
      // What an earlier maximum took is zero here and adds nothing.
      const auto here = hn::Eq(load(source + tap + v * kWidth), top.values[v]);
      float* const place = source_gradient + tap + v * kWidth;
      store(hn::Add(before<kOverwrite>(place), hn::IfThenElseZero(here, rest.values[v])), place);
      rest.values[v] = hn::IfThenZeroElse(here, rest.values[v]);
    }
  }
}

template <bool kOverwrite, class Taps>
HWY_INLINE void spread_evenly(const Taps& taps, const float* gradient, float* source_gradient) {
  const Line share = scaled(load_line(gradient), 1.0F / static_cast<float>(taps.size()));
  for (const std::size_t tap : taps) {
    HWY_UNROLL(kUnrolledVectors)
    for (int v = 0; v < kVectors; ++v) {
      float* const place = source_gradient + tap + v * kWidth;
      store(hn::Add(before<kOverwrite>(place), share.values[v]), place);
    }
  }
}

template <bool kOverwrite, class Taps>
void spread_pixel(const Pooling& task, std::size_t origin, const Taps& taps,
                  const float* output_gradient, float* source_gradient) {
  const std::size_t floats = static_cast<std::size_t>(task.sweep->source.channels) * kLanes;
  for (std::size_t i = 0; i < floats; i += kLanes) {
    float* const to = source_gradient + origin + i;
    if (task.kind == PoolKind::kMax) {
      spread_to_largest<kOverwrite>(task.source + origin + i, taps, output_gradient + i, to);
    } else {
      spread_evenly<kOverwrite>(taps, output_gradient + i, to);
    }
  }
}

/// Forward when `source_gradient` is null, else backward from `output_gradient`.
template <class Taps>
void pool_pixel(const Pooling& task, std::size_t origin, const Taps& taps,
                const float* output_gradient, float* output, float* source_gradient) {
  if (source_gradient != nullptr) {
    return task.overwrite
               ? spread_pixel<true>(task, origin, taps, output_gradient, source_gradient)
               : spread_pixel<false>(task, origin, taps, output_gradient, source_gradient);
  }
  const std::size_t floats = static_cast<std::size_t>(task.sweep->source.channels) * kLanes;
  for (std::size_t i = 0; i < floats; i += kLanes) {
    const float* const source = task.source + origin + i;
    store_line(task.kind == PoolKind::kMax ? largest(source, taps) : average(source, taps),
               output + i);
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
          const float* const gradient =
              output_gradient == nullptr ? nullptr : output_gradient + place;
          float* const result = output == nullptr ? nullptr : output + place;
          if (taps.size() == 4) {
            pool_pixel(task, origin, taps.first<4>(), gradient, result, source_gradient);
          } else if (taps.size() == 9) {
            pool_pixel(task, origin, taps.first<9>(), gradient, result, source_gradient);
          } else {
            pool_pixel(task, origin, taps, gradient, result, source_gradient);
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
