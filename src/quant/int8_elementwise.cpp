#include "quant/int8_kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quant/int8_elementwise.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h.
#include "quant/int8_vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace thimble::int8::HWY_NAMESPACE {

using DF = hn::Repartition<float, D32>;

/// Sums of q − zero_point to the mean of q, half away from zero as TFLM rounds it, less the zero
/// point again. A quotient of integers below 2^24 that is no integer stays below the next one when
/// it is rounded to float, so truncation is exact; 65,536 places (check_quantized) keep the sums
/// below that.
HWY_INLINE V32 mean(V32 sum, std::int32_t count, std::int32_t zero_point) {
  const V32 real_sum = hn::Add(sum, hn::Set(d32, count * zero_point));
  const V32 half = hn::Set(d32, count / 2);
  const V32 nudged = hn::IfThenElse(hn::Gt(real_sum, hn::Zero(d32)), hn::Add(real_sum, half),
                                    hn::Sub(real_sum, half));
  const auto quotient =
      hn::Div(hn::ConvertTo(DF(), nudged), hn::Set(DF(), static_cast<float>(count)));
  return hn::Sub(hn::ConvertTo(d32, quotient), hn::Set(d32, zero_point));
}

struct Place {
  const std::int16_t* first;
  Taps rows;
  Taps columns;
  std::size_t row_step;
  std::size_t column_step;
};

HWY_INLINE V16 largest(const Place& place, std::size_t offset) {
  V16 result = hn::Set(d16, static_cast<std::int16_t>(-32768));
  for (int ky = 0; ky < place.rows.count(); ++ky) {
    const std::int16_t* row = place.first + static_cast<std::size_t>(ky) * place.row_step + offset;
    for (int kx = 0; kx < place.columns.count(); ++kx) {
      result =
          hn::Max(result, hn::LoadU(d16, row + static_cast<std::size_t>(kx) * place.column_step));
    }
  }
  return result;
}

HWY_INLINE V16 average(const Place& place, std::size_t offset, std::int32_t zero_point) {
  V32 first = hn::Zero(d32);
  V32 second = hn::Zero(d32);
  for (int ky = 0; ky < place.rows.count(); ++ky) {
    const std::int16_t* row = place.first + static_cast<std::size_t>(ky) * place.row_step + offset;
    for (int kx = 0; kx < place.columns.count(); ++kx) {
      const V16 x = hn::LoadU(d16, row + static_cast<std::size_t>(kx) * place.column_step);
      first = hn::Add(first, first_of(x));
      second = hn::Add(second, second_of(x));
    }
  }
  const std::int32_t count = place.rows.count() * place.columns.count();
  return paired(mean(first, count, zero_point), mean(second, count, zero_point));
}

void pool(const Pooling& plan, const std::int16_t* in, std::int16_t* out) {
  const Window& w = plan.window;
  const std::size_t pixel = static_cast<std::size_t>(pairs(w.in.channels)) * kPairLength;
  for (int y = 0; y < w.out.height; ++y) {
    const Taps rows = w.rows(y);
    for (int x = 0; x < w.out.width; ++x) {
      const Taps columns = w.columns(x);
      const int start = (w.row(y) + rows.begin) * w.in.width + w.column(x) + columns.begin;
      const Place place{.first = in + static_cast<std::size_t>(start) * pixel,
                        .rows = rows,
                        .columns = columns,
                        .row_step = static_cast<std::size_t>(w.in.width) * pixel,
                        .column_step = pixel};
      for (std::size_t i = 0; i < pixel; i += kStep) {
        const V16 result =
            plan.kind == PoolKind::kMax ? largest(place, i) : average(place, i, plan.zero_point);
        hn::StoreU(result, d16, out + i);
      }
      out += pixel;
    }
  }
}

void average_all(const Averaging& plan, const std::int16_t* in, std::int16_t* out) {
  const std::size_t pixel = static_cast<std::size_t>(pairs(plan.in.channels)) * kPairLength;
  const std::size_t length = packed_length(plan.in);
  for (std::size_t i = 0; i < pixel; i += kStep) {
    V32 first = hn::Zero(d32);
    V32 second = hn::Zero(d32);
    for (std::size_t place = i; place < length; place += pixel) {
      const V16 x = hn::LoadU(d16, in + place);
      first = hn::Add(first, first_of(x));
      second = hn::Add(second, second_of(x));
    }
    hn::StoreU(paired(clamped(rescaled(first, plan.rescaling), plan.clamp),
                      clamped(rescaled(second, plan.rescaling), plan.clamp)),
               d16, out + i);
  }
}

/// The pixel of a factor that pixel y, x of the product takes.
const std::int16_t* factor_pixel(Shape factor, const std::int16_t* values, int y, int x) {
  const int row = factor.height == 1 ? 0 : y;
  const int column = factor.width == 1 ? 0 : x;
  return values + static_cast<std::size_t>((row * factor.width + column) * pairs(factor.channels)) *
                      kPairLength;
}

/// The two channels of a factor that stand at `offset` of a pixel; its only channel for both.
struct Factor {
  V32 first;
  V32 second;

  HWY_INLINE Factor(const std::int16_t* pixel, std::size_t offset, bool stretched) {
    const V16 x = hn::LoadU(d16, pixel + (stretched ? offset % kPairLength : offset));
    first = first_of(x);
    second = stretched ? first : second_of(x);
  }
};

void multiply(const Product& plan, const std::int16_t* first, const std::int16_t* second,
              std::int16_t* out) {
  const std::size_t pixel = static_cast<std::size_t>(pairs(plan.out.channels)) * kPairLength;
  const bool first_stretched = plan.first.channels < plan.out.channels;
  const bool second_stretched = plan.second.channels < plan.out.channels;
  for (int y = 0; y < plan.out.height; ++y) {
    for (int x = 0; x < plan.out.width; ++x) {
      const std::int16_t* a_pixel = factor_pixel(plan.first, first, y, x);
      const std::int16_t* b_pixel = factor_pixel(plan.second, second, y, x);
      for (std::size_t i = 0; i < pixel; i += kStep) {
        const Factor a(a_pixel, i, first_stretched);
        const Factor b(b_pixel, i, second_stretched);
        const V32 even = rescaled(hn::Mul(a.first, b.first), plan.rescaling);
        const V32 odd = rescaled(hn::Mul(a.second, b.second), plan.rescaling);
        hn::StoreU(paired(clamped(even, plan.clamp), clamped(odd, plan.clamp)), d16, out + i);
      }
      out += pixel;
    }
  }
}

void add(const Addition& plan, std::span<const std::int16_t> first,
         std::span<const std::int16_t> second, std::int16_t* out) {
  const auto sum = [&](V32 a, V32 b) {
    const V32 left = rescaled(hn::ShiftLeft<kAddLeftShift>(a), plan.first);
    const V32 right = rescaled(hn::ShiftLeft<kAddLeftShift>(b), plan.second);
    return clamped(rescaled(hn::Add(left, right), plan.output), plan.clamp);
  };
  for (std::size_t i = 0; i < first.size(); i += kStep) {
    const V16 a = hn::LoadU(d16, first.data() + i);
    const V16 b = hn::LoadU(d16, second.data() + i);
    const V16 result = paired(sum(first_of(a), first_of(b)), sum(second_of(a), second_of(b)));
    hn::StoreU(result, d16, out + i);
  }
}

void relu(const Relu& plan, std::span<const std::int16_t> in, std::int16_t* out) {
  for (std::size_t i = 0; i < in.size(); i += kStep) {
    const V16 x = hn::LoadU(d16, in.data() + i);
    const V32 first = clamped(rescaled(first_of(x), plan.rescaling), plan.clamp);
    const V32 second = clamped(rescaled(second_of(x), plan.rescaling), plan.clamp);
    hn::StoreU(paired(first, second), d16, out + i);
  }
}

void relu6(const Relu6& plan, std::span<const std::int16_t> in, std::int16_t* out) {
  const V16 low = hn::Set(d16, static_cast<std::int16_t>(plan.clamp.low));
  const V16 high = hn::Set(d16, static_cast<std::int16_t>(plan.clamp.high));
  for (std::size_t i = 0; i < in.size(); i += kStep) {
    const V16 x = hn::LoadU(d16, in.data() + i);
    hn::StoreU(hn::Max(hn::Min(x, high), low), d16, out + i);
  }
}

}  // namespace thimble::int8::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace thimble::int8 {

HWY_EXPORT(pool);
HWY_EXPORT(average_all);
HWY_EXPORT(multiply);
HWY_EXPORT(add);
HWY_EXPORT(relu);
HWY_EXPORT(relu6);

void run(const Pooling& plan, const std::int16_t* in, std::int16_t* out) {
  HWY_DYNAMIC_DISPATCH(pool)(plan, in, out);
}

void run(const Averaging& plan, const std::int16_t* in, std::int16_t* out) {
  HWY_DYNAMIC_DISPATCH(average_all)(plan, in, out);
}

void run(const Product& plan, const std::int16_t* first, const std::int16_t* second,
         std::int16_t* out) {
  HWY_DYNAMIC_DISPATCH(multiply)(plan, first, second, out);
}

void run(const Addition& plan, std::span<const std::int16_t> first,
         std::span<const std::int16_t> second, std::int16_t* out) {
  HWY_DYNAMIC_DISPATCH(add)(plan, first, second, out);
}

void run(const Relu& plan, std::span<const std::int16_t> in, std::int16_t* out) {
  HWY_DYNAMIC_DISPATCH(relu)(plan, in, out);
}

void run(const Relu6& plan, std::span<const std::int16_t> in, std::int16_t* out) {
  HWY_DYNAMIC_DISPATCH(relu6)(plan, in, out);
}

}  // namespace thimble::int8
#endif
