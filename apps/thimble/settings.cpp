#include "settings.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <sstream>

#include "thimble/core/file.hpp"
#include "thimble/core/text.hpp"

namespace thimble::cli {
namespace {

std::string toml_scalar_text(const toml::node& node, std::string_view place) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* whole = node.as_integer()) return std::to_string(whole->get());
  if (const auto* real = node.as_floating_point()) return fmt::format("{}", real->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  raise<ConfigError>("{}: must be a text, a number, true or false", place);
}

Settings::Values read_config(const std::string& path, const std::vector<Option>& options) {
  std::vector<std::string> names;
  for (const Option& option : options) names.push_back(option.name);
  toml::table table;
  try {
    table = toml::parse(read_text(path), path);
  } catch (const toml::parse_error& error) {
    const auto at = error.source().begin;
    raise<ConfigError>("{}:{}:{}: is no TOML: {}", path, at.line, at.column, error.description());
  }
  Settings::Values values;
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    const std::string place = fmt::format("{}:{}: {}", path, node.source().begin.line, name);
    if (std::ranges::find(names, name) == names.end()) {
      raise<ConfigError>("{}: is no known setting{}", place, did_you_mean(name, names));
    }
    values[name] = toml_scalar_text(node, place);
  }
  return values;
}

}  // namespace

std::string environment_name(std::string_view option) {
  if (option == "data") return "THIMBLE_DATASET";
  std::string name = "THIMBLE_";
  for (const char c : option) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

Settings::Settings(const std::vector<Option>& options, Values flags,
                   const std::string& config_path) {
  const Values file = config_path.empty() ? Values{} : read_config(config_path, options);
  for (const Option& option : options) {
    order_.push_back(option.name);
    const std::string variable = environment_name(option.name);
    if (const auto flag = flags.find(option.name); flag != flags.end()) {
      values_[option.name] = {flag->second, "--" + option.name};
    } else if (const char* value = std::getenv(variable.c_str()); value != nullptr) {
      values_[option.name] = {value, variable};
    } else if (const auto key = file.find(option.name); key != file.end()) {
      values_[option.name] = {key->second, fmt::format("{}: {}", config_path, option.name)};
    } else if (!option.fallback.empty()) {
      values_[option.name] = {option.fallback, "default"};
    }
  }
}

const std::string& Settings::text(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) {
    raise<ConfigError>("--{}: is missing: give it as a flag, as {} or in a --config file", name,
                       environment_name(name));
  }
  return found->second.text;
}

std::int64_t Settings::integer(std::string_view name, std::int64_t low, std::int64_t high) const {
  const std::string& given = text(name);
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(given.data(), given.data() + given.size(), value);
  if (status != std::errc{} || end != given.data() + given.size() || value < low || value > high) {
    reject(name, fmt::format("must be a whole number in {}..{}", low, high));
  }
  return value;
}

double Settings::number(std::string_view name, double low, double high) const {
  const std::string& given = text(name);
  double value = 0;
  const auto [end, status] = std::from_chars(given.data(), given.data() + given.size(), value);
  const bool whole_text = status == std::errc{} && end == given.data() + given.size();
  if (!whole_text || !std::isfinite(value) || value < low || value > high) {
    reject(name, fmt::format("must be a number in {}..{}", low, high));
  }
  return value;
}

bool Settings::on(std::string_view name) const {
  if (!has(name)) return false;
  const std::string& given = text(name);
  if (given != "true" && given != "false") reject(name, "must be true or false");
  return given == "true";
}

void Settings::reject(std::string_view name, std::string_view what_would_do) const {
  const auto found = values_.find(name);
  if (found == values_.end()) raise<ConfigError>("--{}: {}", name, what_would_do);
  const std::string& origin = found->second.origin;
  raise<ConfigError>("{} = {}: {}", origin == "default" ? fmt::format("--{}", name) : origin,
                     found->second.text, what_would_do);
}

void Settings::choose(std::string_view name, std::string value, std::string origin) {
  values_[std::string(name)] = {std::move(value), std::move(origin)};
}

Settings::Values Settings::values() const {
  Values all;
  for (const auto& [name, value] : values_) all[name] = value.text;
  return all;
}

std::string Settings::to_toml() const {
  std::ostringstream out;
  for (const std::string& name : order_) {
    const auto found = values_.find(name);
    if (found == values_.end()) continue;
    out << name << " = " << toml::value<std::string>(found->second.text) << "  # "
        << found->second.origin << '\n';
  }
  return out.str();
}

}  // namespace thimble::cli
