#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "thimble/readers/reader.hpp"

namespace thimble {

/// Numbers for names in the order of their first use.
class Numbering {
 public:
  std::int32_t operator()(const std::string& name) {
    const auto [it, fresh] = numbers_.emplace(name, static_cast<std::int32_t>(names_.size()));
    if (fresh) names_.push_back(name);
    return it->second;
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::map<std::string, std::int32_t> numbers_;
  std::vector<std::string> names_;
};

/// The names in their order (by value where all are whole numbers, else by their bytes), and where
/// each one went: `moved[old] = new`.
struct ClassOrder {
  std::vector<std::string> names;
  std::vector<std::int32_t> moved;
};
ClassOrder ordered_classes(const std::vector<std::string>& names);

/// Gives a set whose labels are numbers of `classes` its class names, in their order.
void name_classes(const Numbering& classes, RawDataset& set);

/// The cell as a whole number, if it is one and nothing else.
std::optional<std::int64_t> whole_number(const std::string& text);

}  // namespace thimble
