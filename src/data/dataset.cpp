#include "thimble/data/dataset.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <system_error>

#include "known_datasets.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/text.hpp"
#include "thimble/data/reader.hpp"
#include "thimble/data/split.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

constexpr double kMaxShare = 0.9;

void check(const DatasetOptions& options) {
  if (!(options.validation_share >= 0 && options.validation_share <= kMaxShare)) {
    raise<ConfigError>("data: validation_share = {}: must be from 0 to {}",
                       options.validation_share, kMaxShare);
  }
  if (!(options.test_share > 0 && options.test_share + options.validation_share <= kMaxShare)) {
    raise<ConfigError>(
        "data: test_share = {}: must be above 0 and, with validation_share, at most {}",
        options.test_share, kMaxShare);
  }
}

/// Moves the files' samples into the three splits of `set`.
void split(RawDataset raw, const DatasetOptions& options, const std::string& place, Dataset& set) {
  const double test_share = raw.test.empty() ? options.test_share : 0;
  const std::array shares = {1 - options.validation_share - test_share, options.validation_share,
                             test_share};
  const auto parts = stratified_split(raw.train.labels, shares, Rng(options.seed));
  for (std::size_t part = 0; part < parts.size(); ++part) {
    if (shares[part] > 0 && parts[part].empty()) {
      raise<DataError>("{}: training images = {}: too few to split", place, raw.train.size());
    }
  }
  set.train = subset(raw.train, parts[0]);
  set.validation = subset(raw.train, parts[1]);
  set.test = raw.test.empty() ? subset(raw.train, parts[2]) : std::move(raw.test);
}

void make_binary(int below, Dataset& set) {
  const auto border = set.class_names.begin() + below;
  set.class_names = {fmt::format("{}", fmt::join(border, set.class_names.end(), " | ")),
                     fmt::format("{}", fmt::join(set.class_names.begin(), border, " | "))};
  for (Samples* samples : {&set.train, &set.validation, &set.test}) {
    for (std::int32_t& label : samples->labels) label = label < below ? 1 : 0;
  }
}

Dataset load_known(const KnownDataset& known, const DatasetOptions& options) {
  const DatasetInfo& info = known.info;
  if (!info.found) {
    std::vector<std::string> folders;
    for (const fs::path& folder : info.folders) folders.push_back(folder.string());
    raise<DataError>("data: {}: not found in {}: {}", info.name, fmt::join(folders, " or "),
                     info.how_to_get);
  }
  const std::string place = info.found->string();
  const auto file_classes = static_cast<int>(known.file_classes.size());
  RawDataset raw =
      find_reader(*info.found)->read(*info.found, {.shape = info.shape, .classes = file_classes});
  if (raw.train.size() != info.train_size || raw.test.size() != info.test_size) {
    raise<DataError>("{}: images = {} for training and {} for testing: {} and {} expected of {}",
                     place, raw.train.size(), raw.test.size(), info.train_size, info.test_size,
                     info.name);
  }
  Dataset set;
  set.name = info.name;
  set.class_names = known.file_classes;
  set.augmentation = known.augmentation;
  // By all ten classes, so that a binary variant has the very splits of the set that it is made of.
  split(std::move(raw), options, place, set);
  set.normalisation = known.normalisation ? *known.normalisation : measure_normalisation(set.train);
  if (known.binary_below > 0) make_binary(known.binary_below, set);
  set.classes = static_cast<int>(set.class_names.size());
  return set;
}

Dataset load_folder(const fs::path& folder, const DatasetOptions& options) {
  const Reader* reader = find_reader(folder);
  if (!reader) {
    std::vector<std::string> formats;
    for (const Reader& known : readers())
      formats.push_back(fmt::format("{} ({})", known.format, known.files));
    raise<DataError>("{}: holds no data set of a known format: {}", folder.string(),
                     fmt::join(formats, " or "));
  }
  RawDataset raw = reader->read(folder, {});
  if (raw.class_names.size() < 2) {
    raise<DataError>("{}: classes = {}: at least 2 expected", folder.string(),
                     raw.class_names.size());
  }
  Dataset set;
  // `images/` and `.` have an empty or useless last part; the canonical path has not.
  set.name = fs::canonical(folder).filename().string();
  set.class_names = std::move(raw.class_names);
  set.classes = static_cast<int>(set.class_names.size());
  split(std::move(raw), options, folder.string(), set);
  set.normalisation = measure_normalisation(set.train);
  return set;
}

[[noreturn]] void reject_unknown(std::string_view name, std::span<const KnownDataset> table) {
  std::vector<std::string> names;
  for (const KnownDataset& known : table) names.push_back(known.info.name);
  raise<ConfigError>("data = {}: no such data set{}: one of {}, or the path of a folder", name,
                     did_you_mean(name, names), fmt::join(names, ", "));
}

}  // namespace

Dataset load_dataset(std::string_view name_or_path, const DatasetOptions& options) {
  check(options);
  const auto table = known_dataset_table();
  const auto known =
      std::ranges::find(table, name_or_path, [](const KnownDataset& set) { return set.info.name; });
  if (known != table.end()) return load_known(*known, options);
  const fs::path path(name_or_path);
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return load_folder(path, options);
  if (path_exists(path)) {
    raise<DataError>("{}: is a file: the folder that holds the data set was expected",
                     name_or_path);
  }
  if (name_or_path.find('/') != std::string_view::npos) {
    raise<DataError>("{}: no such folder", name_or_path);
  }
  reject_unknown(name_or_path, table);
}

}  // namespace thimble
