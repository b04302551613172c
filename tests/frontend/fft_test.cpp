#include "thimble/frontend/fft.hpp"

#include <gtest/gtest.h>

#include <numbers>

#include "thimble/core/rng.hpp"

namespace thimble::frontend {
namespace {

/// By the definition, in n² steps.
std::vector<std::complex<double>> defined_transform(std::span<const double> values) {
  const auto n = values.size();
  std::vector<std::complex<double>> spectrum(n / 2 + 1);
  for (std::size_t k = 0; k < spectrum.size(); ++k) {
    for (std::size_t i = 0; i < n; ++i) {
      // The angle's whole turns are left out while they are still integers.
      const double turn = static_cast<double>(i * k % n) / static_cast<double>(n);
      spectrum[k] += values[i] * std::polar(1.0, -2 * std::numbers::pi * turn);
    }
  }
  return spectrum;
}

TEST(RealFft, IsTheTransformByItsDefinitionAtEverySize) {
  Rng rng(1);
  for (int size = 4; size <= 4096; size *= 2) {
    std::vector<double> values;
    for (int i = 0; i < size; ++i) values.push_back(rng.normal());
    const auto fast = RealFft(size).transform(values);
    const auto defined = defined_transform(values);
    ASSERT_EQ(fast.size(), defined.size());
    for (std::size_t k = 0; k < fast.size(); ++k) {
      EXPECT_NEAR(std::abs(fast[k] - defined[k]), 0, 1e-12 * size) << size << " " << k;
    }
  }
}

}  // namespace
}  // namespace thimble::frontend
