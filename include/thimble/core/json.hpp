#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "thimble/core/error.hpp"

namespace thimble {

using Json = nlohmann::json;
/// Keeps its keys in the order of writing: for documents that people read.
using OrderedJson = nlohmann::ordered_json;

/// Parses a text; throws ConfigError naming `place` (a file or a field), the line and the column.
Json parse_json(std::string_view text, std::string_view place);

/// One value of a document that knows where it stands, so that every complaint names the field:
/// `genotype.json: blocks[2].layers[0].kernel = 4: must be 3, 5 or 7`.
class JsonField {
 public:
  /// `place` names the document; `value` must outlive the field.
  JsonField(const Json& value, std::string place) : value_(&value), place_(std::move(place)) {}

  const Json& value() const { return *value_; }

  /// The member `key`; throws when this is no object or has no such member.
  JsonField at(std::string_view key) const;
  bool has(std::string_view key) const;
  /// The elements of an array; throws when it is none.
  JsonField at(std::size_t index) const;
  std::size_t size() const;

  /// The value as a whole number in [low, high]; throws otherwise.
  std::int64_t integer(std::int64_t low = std::numeric_limits<std::int64_t>::min(),
                       std::int64_t high = std::numeric_limits<std::int64_t>::max()) const;
  double number() const;
  bool boolean() const;
  std::string text() const;

  /// Throws when this is no object or holds a key that is none of `known` (with the nearest name).
  void only(std::initializer_list<std::string_view> known) const;

  /// Throws ConfigError `place: field = value: what_would_do`.
  [[noreturn]] void reject(std::string_view what_would_do) const;

 private:
  JsonField(const Json& value, std::string place, std::string path)
      : value_(&value), place_(std::move(place)), path_(std::move(path)) {}

  const Json* value_;
  std::string place_;
  std::string path_;  // "blocks[2].kernel"; empty at the top
};

}  // namespace thimble
