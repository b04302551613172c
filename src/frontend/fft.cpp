#include "thimble/frontend/fft.hpp"

#include <cmath>
#include <numbers>

#include "thimble/core/error.hpp"

namespace thimble::frontend {
namespace {

using Complex = std::complex<double>;

/// In place, decimation in time: the values stand in bit-reversed order, the spectrum comes out in
/// natural order. `roots` holds exp(−2πi k / (2 · values)).
void transform_reversed(std::span<Complex> values, std::span<const Complex> roots) {
  const std::size_t n = values.size();
  for (std::size_t length = 2; length <= n; length *= 2) {
    const std::size_t half = length / 2;
    const std::size_t step = 2 * n / length;
    for (std::size_t start = 0; start < n; start += length) {
      for (std::size_t j = 0; j < half; ++j) {
        const Complex turned = values[start + j + half] * roots[j * step];
        values[start + j + half] = values[start + j] - turned;
        values[start + j] += turned;
      }
    }
  }
}

}  // namespace

RealFft::RealFft(int size) : size_(size) {
  THIMBLE_ASSERT(size >= 4 && (size & (size - 1)) == 0);
  for (int k = 0; k < size / 2; ++k) {
    roots_.push_back(std::polar(1.0, -2 * std::numbers::pi * k / size));
  }
}

std::vector<Complex> RealFft::transform(std::span<const double> values) const {
  THIMBLE_ASSERT(static_cast<int>(values.size()) == size_);
  const std::size_t half = values.size() / 2;
  std::vector<Complex> z(half);
  std::size_t reversed = 0;
  for (std::size_t n = 0; n < half; ++n) {
    z[reversed] = {values[2 * n], values[2 * n + 1]};
    // Counts up with the highest bit as the lowest.
    std::size_t bit = half / 2;
    for (; (reversed & bit) != 0; bit /= 2) reversed ^= bit;
    reversed |= bit;
  }
  transform_reversed(z, roots_);

  // Z = E + i O of the even and the odd values, both of them real: X_k = E_k + exp(−2πi k / N) O_k.
  std::vector<Complex> spectrum(half + 1);
  for (std::size_t k = 0; k <= half; ++k) {
    const Complex a = z[k % half];
    const Complex b = std::conj(z[(half - k) % half]);
    const Complex even = 0.5 * (a + b);
    const Complex odd = Complex(0, -0.5) * (a - b);
    spectrum[k] = even + (k == half ? Complex(-1) : roots_[k]) * odd;
  }
  return spectrum;
}

}  // namespace thimble::frontend
