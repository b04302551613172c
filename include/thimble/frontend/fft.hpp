#pragma once

#include <complex>
#include <span>
#include <vector>

namespace thimble::frontend {

/// The discrete Fourier transform of real values, X_k = Σ x_n exp(−2πi k n / N) for k = 0 … N / 2,
/// in N log N: the even and the odd values as one complex transform of half the length. N is a
/// power of two, at least 4.
class RealFft {
 public:
  explicit RealFft(int size);

  int size() const { return size_; }
  /// `values` [size] → [size / 2 + 1].
  std::vector<std::complex<double>> transform(std::span<const double> values) const;

 private:
  int size_;
  std::vector<std::complex<double>> roots_;  // exp(−2πi k / size), k < size / 2
};

}  // namespace thimble::frontend
