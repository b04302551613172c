#include "thimble/readers/array_set.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include "array_values.hpp"
#include "class_names.hpp"
#include "labelled_files.hpp"
#include "thimble/core/error.hpp"
#include "thimble/files/file_tree.hpp"
#include "thimble/files/zip.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostOfAFile = std::uintmax_t{1} << 31;

enum class Role { kSamples, kLabels, kGroups };
using Roles = std::map<std::pair<Split, Role>, NamedArray>;

std::optional<Role> role_of(std::string_view word) {
  for (const char* name : {"x", "data", "features", "images", "inputs", "samples"}) {
    if (word == name) return Role::kSamples;
  }
  for (const char* name : {"y", "labels", "label", "targets", "target"}) {
    if (word == name) return Role::kLabels;
  }
  for (const char* name : {"groups", "group", "subjects"}) {
    if (word == name) return Role::kGroups;
  }
  return std::nullopt;
}

/// What a name means: `X_train`, `test_labels`, `arr_0`; nothing for any other.
std::optional<std::pair<Split, Role>> meaning_of(std::string name) {
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (name == "arr_0") return std::pair(Split::kTraining, Role::kSamples);
  if (name == "arr_1") return std::pair(Split::kTraining, Role::kLabels);
  std::optional<Role> role;
  std::optional<Split> split;
  for (std::string_view rest = name; !rest.empty();) {
    const std::string_view word = rest.substr(0, rest.find('_'));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    if (const auto found = role_of(word); found && !role) {
      role = found;
    } else if (is_split_name(word) && !split) {
      split = split_of(word, "");
    } else {
      return std::nullopt;
    }
  }
  if (!role) return std::nullopt;
  return std::pair(split.value_or(Split::kTraining), *role);
}

void add_array(const std::string& name, std::span<const std::uint8_t> bytes, std::string place,
               Roles& roles, Findings& findings) {
  const auto meaning = meaning_of(name);
  if (!meaning) {
    findings.note(fmt::format("{}: left out: its name says neither samples nor labels", place));
    return;
  }
  NamedArray named{.array = parse_npy(bytes, place), .place = std::move(place)};
  const auto [it, fresh] = roles.emplace(*meaning, std::move(named));
  if (!fresh) raise<DataError>("{}: means the same as {}", printable(name), it->second.place);
}

RawDataset assemble(const Roles& roles, const std::string& place, const ReadOptions& options,
                    Findings findings) {
  RawDataset set;
  set.findings = std::move(findings);
  Numbering classes;
  bool of_bytes = false;
  const auto find = [&](Split split, Role role) -> const NamedArray* {
    const auto found = roles.find({split, role});
    return found == roles.end() ? nullptr : &found->second;
  };
  for (const Split split : {Split::kTraining, Split::kValidation, Split::kTest}) {
    const NamedArray* samples = find(split, Role::kSamples);
    const NamedArray* labels = find(split, Role::kLabels);
    const NamedArray* groups = find(split, Role::kGroups);
    if (!samples && !labels && !groups && split != Split::kTraining) continue;
    if (!samples)
      raise<DataError>("{}: samples are missing: an array x or x_train expected", place);
    if (!labels) {
      raise<DataError>("{}: labels are missing: an array y expected beside {}", place,
                       samples->place);
    }
    Samples& part = part_of(set, split);
    part.shape = row_shape(*samples, options);
    if (split == Split::kTraining) of_bytes = samples->array.type == "u1";
    const bool other = split != Split::kTraining &&
                       (part.shape != set.train.shape || (samples->array.type == "u1") != of_bytes);
    if (other) {
      raise<DataError>("{}: sample = {} of {}: {} expected, as in training", samples->place,
                       to_string(part.shape), samples->array.type, to_string(set.train.shape));
    }
    read_values(*samples, part);
    for (const std::int64_t label : whole_numbers(*labels, rows_of(*samples))) {
      part.labels.push_back(classes(std::to_string(label)));
    }
    if (groups && split == Split::kTraining) {
      Numbering numbers;
      for (const std::int64_t group : whole_numbers(*groups, rows_of(*samples))) {
        set.groups.push_back(numbers(std::to_string(group)));
      }
    }
    if (options.hooks.between_samples) options.hooks.between_samples(set);
  }
  name_classes(classes, set);
  return set;
}

}  // namespace

bool recognises_npz(const fs::path& path) {
  std::error_code ignored;
  return ends_in(path, {".npz"}) && !fs::is_directory(path, ignored);
}

RawDataset read_npz(const fs::path& path, const ReadOptions& options) {
  const std::string place = printable(path.string());
  const auto bytes = read_regular_file(path, kMostOfAFile);
  Roles roles;
  Findings findings;
  for (const ZipEntry& entry : read_zip(bytes, place)) {
    const fs::path name(entry.name);
    if (name.extension() != ".npy") continue;
    add_array(name.stem().string(), entry.bytes,
              fmt::format("{}: {}", place, printable(entry.name)), roles, findings);
  }
  return assemble(roles, place, options, std::move(findings));
}

bool recognises_npy_folder(const fs::path& path) {
  return std::ranges::any_of(folder_entries(path), [](const fs::path& name) {
    return ends_in(name, {".npy"}) && meaning_of(name.stem().string());
  });
}

RawDataset read_npy_folder(const fs::path& path, const ReadOptions& options) {
  Roles roles;
  Findings findings;
  for (const fs::path& name : folder_entries(path)) {
    if (!ends_in(name, {".npy"})) continue;
    const auto bytes = read_regular_file(path / name, kMostOfAFile);
    add_array(name.stem().string(), bytes, printable((path / name).string()), roles, findings);
  }
  return assemble(roles, printable(path.string()), options, std::move(findings));
}

}  // namespace thimble
