#include "thimble/core/json.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "thimble/core/printable.hpp"
#include "thimble/core/text.hpp"

namespace thimble {
namespace {

/// A value as the complaint shows it: whole when short, else its beginning.
std::string shown(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > 40) text = text.substr(0, 37) + "...";
  return text;
}

}  // namespace

Json parse_json(std::string_view text, std::string_view place) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    // The library's text names the byte; a person looks for the line.
    const std::size_t at = std::min(error.byte, text.size());
    const auto line =
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    const std::size_t start = text.rfind('\n', at == 0 ? 0 : at - 1);
    const std::size_t column = start == std::string_view::npos ? at : at - start - 1;
    raise<ConfigError>("{}:{}:{}: is no JSON: check brackets, commas and quotes there", place,
                       line + 1, std::max<std::size_t>(column, 1));
  } catch (const Json::out_of_range&) {
    raise<ConfigError>("{}: a number = too large: must be below 1.8e+308", place);
  }
}

JsonField JsonField::at(std::string_view key) const {
  if (!value_->is_object()) reject("must be an object");
  const auto found = value_->find(key);
  if (found == value_->end()) {
    raise<ConfigError>("{}: {}{}{}: is missing", place_, path_, path_.empty() ? "" : ".", key);
  }
  return {*found, place_, path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key)};
}

bool JsonField::has(std::string_view key) const {
  return value_->is_object() && value_->find(key) != value_->end();
}

JsonField JsonField::at(std::size_t index) const {
  THIMBLE_ASSERT(index < size());
  return {(*value_)[index], place_, fmt::format("{}[{}]", path_, index)};
}

std::size_t JsonField::size() const {
  if (!value_->is_array()) reject("must be a list");
  return value_->size();
}

std::int64_t JsonField::integer(std::int64_t low, std::int64_t high) const {
  const bool fits = value_->is_number_integer() &&
                    !(value_->is_number_unsigned() && value_->get<std::uint64_t>() > INT64_MAX);
  const std::int64_t number = fits ? value_->get<std::int64_t>() : 0;
  if (!fits || number < low || number > high) {
    const bool open = high == std::numeric_limits<std::int64_t>::max();
    if (open && low == std::numeric_limits<std::int64_t>::min()) reject("must be a whole number");
    if (open) reject(fmt::format("must be a whole number of at least {}", low));
    reject(fmt::format("must be a whole number in {}..{}", low, high));
  }
  return number;
}

double JsonField::number() const {
  if (!value_->is_number()) reject("must be a number");
  return value_->get<double>();
}

bool JsonField::boolean() const {
  if (!value_->is_boolean()) reject("must be true or false");
  return value_->get<bool>();
}

std::string JsonField::text() const {
  if (!value_->is_string()) reject("must be a text in quotes");
  return value_->get<std::string>();
}

void JsonField::only(std::initializer_list<std::string_view> known) const {
  if (!value_->is_object()) reject("must be an object");
  for (const auto& item : value_->items()) {
    if (std::ranges::find(known, item.key()) != known.end()) continue;
    const std::vector<std::string> names(known.begin(), known.end());
    raise<ConfigError>("{}: {}{}{}: is no known field{}", place_, path_, path_.empty() ? "" : ".",
                       printable(item.key()), did_you_mean(item.key(), names));
  }
}

void JsonField::reject(std::string_view what_would_do) const {
  if (path_.empty()) raise<ConfigError>("{}: {}: {}", place_, shown(*value_), what_would_do);
  raise<ConfigError>("{}: {} = {}: {}", place_, path_, shown(*value_), what_would_do);
}

}  // namespace thimble
