#include "thimble/data/dataset.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "cached_read.hpp"
#include "known_datasets.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/text.hpp"
#include "thimble/data/augmentation_choice.hpp"
#include "thimble/data/reader.hpp"
#include "thimble/data/split.hpp"
#include "thimble/data/waveform.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

constexpr double kMaxShare = 0.9;

std::size_t count(const std::vector<std::int32_t>& groups) {
  return std::set<std::int32_t>(groups.begin(), groups.end()).size();
}

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
  const double validation_share = raw.validation.empty() ? options.validation_share : 0;
  const double test_share = raw.test.empty() ? options.test_share : 0;
  const std::array shares = {1 - validation_share - test_share, validation_share, test_share};
  const Rng rng(options.seed);
  const auto parts = raw.groups.empty() ? stratified_split(raw.train.labels, shares, rng)
                                        : grouped_split(raw.train.labels, raw.groups, shares, rng);
  for (std::size_t part = 0; part < parts.size(); ++part) {
    if (shares[part] > 0 && parts[part].empty()) {
      raise<DataError>("{}: training samples = {}{}: too few to split", place, raw.train.size(),
                       raw.groups.empty() ? "" : fmt::format(" in {} groups", count(raw.groups)));
    }
  }
  if (shares[0] == 1) {
    set.train = std::move(raw.train);
  } else {
    set.train = subset(raw.train, parts[0]);
  }
  set.validation = raw.validation.empty() ? subset(raw.train, parts[1]) : std::move(raw.validation);
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
  const Reader& reader = *find_reader(*info.found);
  RawDataset raw = reader.read(*info.found, {.shape = info.shape, .classes = file_classes}, {});
  if (raw.train.size() != info.train_size || raw.test.size() != info.test_size) {
    raise<DataError>("{}: images = {} for training and {} for testing: {} and {} expected of {}",
                     place, raw.train.size(), raw.test.size(), info.train_size, info.test_size,
                     info.name);
  }
  Dataset set;
  set.name = info.name;
  set.kind = reader.kind;
  set.class_names = known.file_classes;
  set.augmentation = known.augmentation;
  // By all ten classes, so that a binary variant has the very splits of the set that it is made of.
  split(std::move(raw), options, place, set);
  set.normalisation = known.normalisation ? *known.normalisation : measure_normalisation(set.train);
  if (known.binary_below > 0) make_binary(known.binary_below, set);
  set.classes = static_cast<int>(set.class_names.size());
  return set;
}

/// A set that networks can learn something from, or a complaint.
void check_learnable(const RawDataset& raw, const std::string& place) {
  const std::size_t samples = raw.train.size() + raw.validation.size() + raw.test.size();
  if (samples == 0 && raw.findings.broken > 0) {
    raise<DataError>("{}: samples = 0: all {} files are broken, such as {}", place,
                     raw.findings.broken, raw.findings.broken_files.front());
  }
  if (samples == 0) raise<DataError>("{}: samples = 0: at least 2 expected", place);
  if (raw.class_names.size() < 2) {
    raise<DataError>("{}: classes = {}: at least 2 expected", place, raw.class_names.size());
  }
  std::vector<std::size_t> sizes(raw.class_names.size());
  for (const std::int32_t label : raw.train.labels) ++sizes[static_cast<std::size_t>(label)];
  if (std::ranges::count(sizes, 0U) + 1 >= std::ssize(sizes)) {
    raise<DataError>("{}: classes with training samples = {}: at least 2 expected", place,
                     std::ssize(sizes) - std::ranges::count(sizes, 0U));
  }
}

/// A score on a split says nothing of a class that is not in it.
void note_missing_classes(const Samples& samples, std::string_view split, Dataset& set) {
  if (samples.empty()) return;
  std::vector<bool> seen(set.class_names.size());
  for (const std::int32_t label : samples.labels) seen[static_cast<std::size_t>(label)] = true;
  const auto missing = std::ranges::count(seen, false);
  if (missing == 0) return;
  const auto first = static_cast<std::size_t>(std::ranges::find(seen, false) - seen.begin());
  set.findings.note(fmt::format("{} has no sample of {} classes, such as {}", split, missing,
                                set.class_names[first]));
}

Dataset load_path(const Source& source, const DatasetOptions& options) {
  const std::string place = printable(source.path.string());
  ReadOptions read = options.read;
  read.seed = options.seed;
  read.hooks = {.progress = options.progress, .between_samples = {}};
  CachedRead cached = read_through_cache(source, read, options);
  RawDataset& raw = cached.set;
  check_learnable(raw, place);
  Dataset set;
  // `images/` and `.` have an empty or useless last part; the canonical path has not.
  set.name = printable(fs::canonical(source.path).filename().string());
  set.kind = source.reader->kind;
  set.class_names = std::move(raw.class_names);
  set.findings = std::move(raw.findings);
  set.classes = static_cast<int>(set.class_names.size());
  split(std::move(raw), options, place, set);
  set.augmentation = usual_augmentation(data_kind(set.train), set.shape());
  set.noise = find_noise(source.path);
  note_missing_classes(set.train, "training", set);
  note_missing_classes(set.validation, "validation", set);
  note_missing_classes(set.test, "test", set);
  set.normalisation = cached.path.empty()
                          ? measure_normalisation(set.train)
                          : cached_normalisation(set.train, cached.path, cached.identity);
  return set;
}

[[noreturn]] void reject_unknown(std::string_view name, std::span<const KnownDataset> table) {
  std::vector<std::string> names;
  for (const KnownDataset& known : table) names.push_back(known.info.name);
  raise<ConfigError>("data = {}: no such data set{}: one of {}, or a path", name,
                     did_you_mean(name, names), fmt::join(names, ", "));
}

}  // namespace

Dataset load_dataset(std::string_view name_or_path, const DatasetOptions& options) {
  check(options);
  const auto table = known_dataset_table();
  const auto known =
      std::ranges::find(table, name_or_path, [](const KnownDataset& set) { return set.info.name; });
  if (known != table.end()) return load_known(*known, options);
  const bool name_alone = name_or_path.find_first_of("/:") == std::string_view::npos;
  if (name_alone && !path_exists(fs::path(name_or_path))) reject_unknown(name_or_path, table);
  return load_path(find_source(name_or_path), options);
}

}  // namespace thimble
