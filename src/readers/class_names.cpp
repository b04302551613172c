#include "class_names.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>

namespace thimble {

std::optional<std::int64_t> whole_number(const std::string& text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, status] = std::from_chars(text.data(), end, value);
  if (status != std::errc{} || stop != end) return std::nullopt;
  return value;
}

ClassOrder ordered_classes(const std::vector<std::string>& names) {
  const bool numbers = std::ranges::all_of(
      names, [](const std::string& name) { return whole_number(name).has_value(); });
  std::vector<std::size_t> order(names.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    if (numbers) {
      const auto left = *whole_number(names[a]);
      const auto right = *whole_number(names[b]);
      if (left != right) return left < right;
    }
    return names[a] < names[b];
  });
  ClassOrder result{.names = {}, .moved = std::vector<std::int32_t>(names.size())};
  for (const std::size_t i : order) {
    result.moved[i] = static_cast<std::int32_t>(result.names.size());
    result.names.push_back(names[i]);
  }
  return result;
}

void name_classes(const Numbering& classes, RawDataset& set) {
  ClassOrder order = ordered_classes(classes.names());
  for (Samples* part : {&set.train, &set.validation, &set.test}) {
    for (std::int32_t& label : part->labels) label = order.moved[static_cast<std::size_t>(label)];
  }
  set.class_names = std::move(order.names);
}

}  // namespace thimble
