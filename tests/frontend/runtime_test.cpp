// The integer functions of the device's front end against their definitions.
#include <gtest/gtest.h>

#include <cmath>

#include "signals.hpp"
#include "thb_fft.h"
#include "thb_fixed.h"
#include "thimble/frontend/fft.hpp"
#include "thimble/frontend/fixed_tables.hpp"

namespace thimble::frontend {
namespace {

/// Numbers of every size: small ones, both sides of each power of two, and random ones.
std::vector<std::uint64_t> numbers() {
  std::vector<std::uint64_t> all;
  for (std::uint64_t v = 0; v < 5000; ++v) all.push_back(v);
  Rng rng(1);
  for (int bits = 12; bits < 64; ++bits) {
    const auto power = std::uint64_t{1} << bits;
    all.insert(all.end(), {power - 1, power, power + 1});
    for (int i = 0; i < 50; ++i) all.push_back(power | (rng.bits() & (power - 1)));
  }
  all.push_back(UINT64_MAX);
  return all;
}

TEST(Runtime, CountsBits) {
  for (const std::uint64_t v : numbers()) {
    EXPECT_EQ(thb_bits_u64(v), std::bit_width(v)) << v;
    EXPECT_EQ(thb_bits_u32(static_cast<std::uint32_t>(v)),
              std::bit_width(static_cast<std::uint32_t>(v)))
        << v;
  }
}

TEST(Runtime, TakesSquareRootsToTheNearestNumberOrTo16Bits) {
  for (const std::uint64_t v : numbers()) {
    if (v >> 62 != 0) continue;
    const double root = std::sqrt(static_cast<double>(v));
    const double error = std::abs(static_cast<double>(thb_sqrt_u64(v)) - root);
    if (v >> 32 == 0) {
      EXPECT_LE(error, 0.5) << v;
    } else {
      EXPECT_LE(error / root, std::ldexp(1.0, -15)) << v;
    }
  }
}

TEST(Runtime, TakesLogarithms) {
  EXPECT_EQ(thb_log2_u64(0), THB_LOG_OF_ZERO);
  EXPECT_EQ(thb_log2_u64(1), 0);
  EXPECT_EQ(thb_log2_u64(1 << 20), 20 * 65536);
  for (const std::uint64_t v : numbers()) {
    if (v == 0) continue;
    EXPECT_NEAR(thb_log2_u64(v) / 65536.0, std::log2(static_cast<double>(v)), 1e-4) << v;
  }
}

TEST(Runtime, TakesTheLogarithmOfASum) {
  Rng rng(1);
  for (int i = 0; i < 100000; ++i) {
    const auto a = static_cast<std::int32_t>(rng.uniform_int(-100 * 65536, 60 * 65536));
    const auto b = static_cast<std::int32_t>(a + rng.uniform_int(-20 * 65536, 20 * 65536));
    const double expected = a / 65536.0 + std::log2(1 + std::exp2((b - a) / 65536.0));
    EXPECT_NEAR(thb_log2_of_sum(a, b) / 65536.0, expected, 3e-4) << a << " " << b;
  }
  EXPECT_EQ(thb_log2_of_sum(THB_LOG_OF_ZERO, -65536), -65536);
  EXPECT_EQ(thb_log2_of_sum(65536, 65536), 2 * 65536);
}

TEST(Runtime, ScalesToTheNearestAndSaturates) {
  // 3 · 2^30 · 2^-31 = 1.5; with 2^-1 more, 0.75.
  const thb_factor half = {1 << 30, -31};
  EXPECT_EQ(thb_scale_to_q16(3, half, 0), 3 * 32768);
  EXPECT_EQ(thb_scale_to_q16(-3, half, -1), -3 * 16384);
  EXPECT_EQ(thb_scale_to_q16(1, half, -16), 1);  // half of the last bit: away from zero
  EXPECT_EQ(thb_scale_to_q16(-1, half, -16), -1);
  EXPECT_EQ(thb_scale_to_q16(1, half, -17), 0);
  EXPECT_EQ(thb_scale_to_q16(1, half, -1000), 0);
  EXPECT_EQ(thb_scale_to_q16(0, half, 1000), 0);
  EXPECT_EQ(thb_scale_to_q16(1, half, 1000), std::int64_t{1} << 46);
  EXPECT_EQ(thb_scale_to_q16(INT64_MIN, half, 0), -(std::int64_t{1} << 46));
  Rng rng(1);
  for (int i = 0; i < 100000; ++i) {
    const auto value = static_cast<std::int64_t>(rng.bits()) >> rng.uniform_int(0, 63);
    const thb_factor factor = {static_cast<std::int32_t>(rng.uniform_int(1 << 30, INT32_MAX)),
                               static_cast<std::int32_t>(rng.uniform_int(-80, 0))};
    const double exact =
        std::clamp(std::ldexp(static_cast<double>(value) * factor.mantissa, factor.exponent + 16),
                   -std::ldexp(1.0, 46), std::ldexp(1.0, 46));
    // A value beyond 31 bits is rounded to them first.
    EXPECT_NEAR(static_cast<double>(thb_scale_to_q16(value, factor, 0)), exact,
                0.5000001 + std::abs(exact) * std::ldexp(1.0, -31))
        << value << " " << factor.mantissa << " " << factor.exponent;
  }
}

/// The spectrum by the runtime, in the unit of the values; they are scaled up as far as they may.
std::vector<std::complex<double>> fixed_spectrum(const std::vector<double>& values,
                                                 const thb_fft& fft) {
  double largest = 0;
  for (const double v : values) largest = std::max(largest, std::abs(v));
  const double scale = std::ldexp(1.0, 29) / static_cast<double>(values.size()) / largest;
  std::vector<thb_complex> z(values.size() / 2);
  for (std::size_t i = 0; i < z.size(); ++i) {
    z[thb_fft_place(fft, static_cast<std::uint32_t>(i))] = {
        static_cast<std::int32_t>(scale * values[2 * i]),
        static_cast<std::int32_t>(scale * values[2 * i + 1])};
  }
  thb_fft_run(fft, z.data());
  std::vector<std::complex<double>> spectrum;
  for (std::uint32_t k = 0; k <= z.size(); ++k) {
    const thb_complex x = thb_fft_bin(fft, z.data(), k);
    spectrum.emplace_back(x.re / (2 * scale), x.im / (2 * scale));
  }
  return spectrum;
}

TEST(Runtime, TransformsAsDoublesDoAndNeverOverflows) {
  Rng rng(1);
  for (int size = kSmallestFft; size <= kLargestFft; size *= 2) {
    const FixedTables tables = fixed_tables(
        {.kind = Kind::kStft, .window_length = 16, .fft_size = size, .log = {LogKind::kNone}});
    const thb_fft fft = device_settings(tables).fft;
    std::vector<std::vector<double>> signals(4);
    for (int i = 0; i < size; ++i) {
      signals[0].push_back(rng.normal());
      signals[1].push_back(1);                    // all of it in bin 0
      signals[2].push_back(i % 2 == 0 ? 1 : -1);  // in the last bin
      signals[3].push_back(i % 4 < 2 ? 1 : -1);   // in the middle
    }
    for (const auto& signal : signals) {
      const auto exact = RealFft(size).transform(signal);
      const auto fixed = fixed_spectrum(signal, fft);
      double largest = 0;
      for (const auto& bin : exact) largest = std::max(largest, std::abs(bin));
      for (std::size_t k = 0; k < exact.size(); ++k) {
        // 86 dB below the strongest bin.
        EXPECT_LT(std::abs(fixed[k] - exact[k]), 5e-5 * largest) << size << " " << k;
      }
    }
  }
}

}  // namespace
}  // namespace thimble::frontend
