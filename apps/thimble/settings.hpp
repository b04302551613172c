#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "thimble/core/error.hpp"

namespace thimble::cli {

/// One setting of a command. Its name is the flag (`--ram`), the key of a configuration file
/// (`ram`) and, in capitals behind `THIMBLE_`, the environment variable (`THIMBLE_RAM`).
struct Option {
  std::string name;
  std::string argument;  ///< what the help shows for the value: "SIZE"
  std::string help;
  std::string fallback;  ///< the default as text; empty: none
  std::string group;
  bool is_switch = false;  ///< takes no value on the command line; "true" or "false" elsewhere
};

/// `learning-rate` → `THIMBLE_LEARNING_RATE`; but `data` → `THIMBLE_DATASET`, for THIMBLE_DATA is
/// the folder in which data sets lie.
std::string environment_name(std::string_view option);

/// The values of a command's settings, as text, each with where it came from. A flag beats the
/// environment, which beats the configuration file, which beats the default.
class Settings {
 public:
  using Values = std::map<std::string, std::string>;

  /// Throws ConfigError when the file holds a key that is no option (with the nearest name), or is
  /// no TOML.
  Settings(const std::vector<Option>& options, Values flags, const std::string& config_path);

  bool has(std::string_view name) const { return values_.contains(std::string(name)); }
  /// The value as text; throws ConfigError when the setting was not given and has no default.
  const std::string& text(std::string_view name) const;
  std::int64_t integer(std::string_view name, std::int64_t low, std::int64_t high) const;
  double number(std::string_view name, double low, double high) const;
  /// "true" or "false"; false when not given.
  bool on(std::string_view name) const;

  /// The value through `parse`, which answers an optional; nothing when the setting was not given.
  /// `what_would_do` ends the complaint: "must be a size such as 64KiB".
  template <class Parse>
  auto parsed(std::string_view name, Parse parse, std::string_view what_would_do) const
      -> decltype(parse(std::string_view())) {
    if (!has(name)) return std::nullopt;
    auto value = parse(std::string_view(text(name)));
    if (!value) reject(name, what_would_do);
    return value;
  }

  /// Throws ConfigError `where it came from = value: what_would_do`.
  [[noreturn]] void reject(std::string_view name, std::string_view what_would_do) const;

  /// Gives the setting another value, which `origin` explains.
  void choose(std::string_view name, std::string value, std::string origin);

  /// All values as texts.
  Values values() const;

  /// All values as a TOML file, each with its origin in a comment.
  std::string to_toml() const;

 private:
  struct Value {
    std::string text;
    std::string origin;  ///< "--ram", "THIMBLE_RAM", "task.toml: ram" or "default"
  };

  std::vector<std::string> order_;  // names in the order of the table
  std::map<std::string, Value, std::less<>> values_;
};

}  // namespace thimble::cli
