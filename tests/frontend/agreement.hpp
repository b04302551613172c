#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <ostream>
#include <span>

namespace thimble::frontend {

/// How two sets of quantised features differ.
struct Agreement {
  std::int64_t values = 0;
  std::int64_t equal = 0;
  std::int64_t within_one = 0;
  int largest = 0;

  void add(std::span<const std::int8_t> a, std::span<const std::int8_t> b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      const int difference = std::abs(a[i] - b[i]);
      ++values;
      equal += difference == 0;
      within_one += difference <= 1;
      largest = std::max(largest, difference);
    }
  }
  double percent(std::int64_t part) const {
    return 100.0 * static_cast<double>(part) / static_cast<double>(values);
  }
  friend std::ostream& operator<<(std::ostream& out, const Agreement& a) {
    return out << fmt::format("{} values: {:.4f} % equal, {:.4f} % within 1, at most {} apart",
                              a.values, a.percent(a.equal), a.percent(a.within_one), a.largest);
  }
};

}  // namespace thimble::frontend
