#include "thimble/data/dataset.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

#include "cached_read.hpp"
#include "known_datasets.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/text.hpp"
#include "thimble/data/split.hpp"
#include "thimble/data/waveform.hpp"
#include "thimble/readers/reader.hpp"
#include "thimble/samples/augmentation_choice.hpp"

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

/// Networks learn what is as it should be; what is not can only be tested with.
void give_anomalous_to_test(std::span<const std::uint8_t> anomalous,
                            std::vector<std::vector<std::uint32_t>>& parts) {
  if (anomalous.empty()) return;
  const auto is_anomalous = [&](std::uint32_t index) { return anomalous[index] != 0; };
  std::vector<std::uint32_t>& test = parts[2];
  for (std::vector<std::uint32_t>* part : {&parts[0], &parts[1]}) {
    std::ranges::copy_if(*part, std::back_inserter(test), is_anomalous);
    std::erase_if(*part, is_anomalous);
  }
  std::ranges::sort(test);
}

/// Moves the files' samples into the three splits of `set`.
void split(RawDataset raw, const DatasetOptions& options, const std::string& place, Dataset& set) {
  const double validation_share = raw.validation.empty() ? options.validation_share : 0;
  const double test_share = raw.test.empty() ? options.test_share : 0;
  const std::array shares = {1 - validation_share - test_share, validation_share, test_share};
  const Rng rng(options.seed);
  if (options.mix_groups) raw.groups.clear();
  auto parts = raw.groups.empty() ? stratified_split(raw.train.labels, shares, rng)
                                  : grouped_split(raw.train.labels, raw.groups, shares, rng);
  if (test_share > 0) give_anomalous_to_test(raw.train.anomalous, parts);
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

/// The options of reading, with the seed and the hooks of all.
ReadOptions reading(const DatasetOptions& options) {
  ReadOptions read = options.read;
  read.seed = options.seed;
  read.hooks = {.progress = options.progress, .between_samples = {}};
  return read;
}

Normalisation normalisation(const Samples& train, const CachedRead& cached) {
  return cached.path.empty() ? measure_normalisation(train)
                             : cached_normalisation(train, cached.path, cached.identity);
}

/// What is known of a set, where the options leave it open.
ReadOptions with_known(ReadOptions options, const ReadOptions& known) {
  if (!options.image_size) options.image_size = known.image_size;
  if (options.colour == Colour::kAsFound) options.colour = known.colour;
  if (!options.clip) options.clip = known.clip;
  if (!options.window) options.window = known.window;
  if (!options.stride) options.stride = known.stride;
  if (!options.shape) options.shape = known.shape;
  options.twelve_words = options.twelve_words || known.twelve_words;
  return options;
}

/// A set that is cut off or has too much is not the one that others speak of.
void check_is_known(const KnownDataset& known, const RawDataset& raw, const std::string& place) {
  const DatasetInfo& info = known.info;
  const std::size_t training = raw.train.size() + raw.validation.size();
  const bool counted = info.train_size + info.test_size > 0;
  if (counted && (training != info.train_size || raw.test.size() != info.test_size)) {
    raise<DataError>(
        "{}: samples = {} for training and {} for testing: {} and {} expected of {}{}", place,
        training, raw.test.size(), info.train_size, info.test_size, info.name,
        raw.findings.broken > 0 ? "; broken: " + raw.findings.broken_files.front() : std::string());
  }
  const std::size_t classes = known.file_classes.size();
  if (classes > 0 && raw.class_names.size() != classes) {
    raise<DataError>("{}: classes = {}: {} expected of {}", place, raw.class_names.size(), classes,
                     info.name);
  }
}

Dataset load_known(const KnownDataset& known, DatasetOptions options) {
  const DatasetInfo& info = known.info;
  if (!info.found) {
    std::vector<std::string> folders;
    for (const fs::path& folder : info.folders) folders.push_back(folder.string());
    raise<DataError>("data: {}: not found in {}: {} (thimble datasets {} says all)", info.name,
                     fmt::join(folders, " or "), info.how_to_get, info.name);
  }
  const std::string place = printable(info.found->string());
  const ReadOptions read = with_known(reading(options), known.read);
  const Reader& reader = *std::ranges::find(readers(), known.kind, &Reader::kind);
  Expected expected;
  if (!known.file_classes.empty()) {
    expected = {.shape = info.shape, .classes = static_cast<int>(known.file_classes.size())};
  }
  CachedRead cached = read_through_cache({&reader, *info.found}, read, options, expected);
  RawDataset& raw = cached.set;
  check_is_known(known, raw, place);
  const auto share = [&](std::size_t drawn, double otherwise) {
    return drawn == 0 ? otherwise
                      : static_cast<double>(drawn) / static_cast<double>(raw.train.size());
  };
  options.validation_share = share(known.drawn_validation, options.validation_share);
  options.test_share = share(known.drawn_test, options.test_share);
  Dataset set;
  set.name = info.name;
  set.kind = reader.kind;
  set.class_names = known.file_classes.empty() ? std::move(raw.class_names) : known.file_classes;
  set.findings = std::move(raw.findings);
  // By all classes, so that a binary variant has the very splits of the set that it is made of.
  split(std::move(raw), options, place, set);
  set.augmentation =
      known.augmentation.value_or(usual_augmentation(data_kind(set.train), set.shape()));
  set.noise = find_noise(*info.found);
  set.normalisation = known.normalisation ? *known.normalisation : normalisation(set.train, cached);
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

/// A score on a split says nothing of a class that is not in it, or hardly.
void note_rare_classes(const Samples& samples, std::string_view split, Dataset& set) {
  constexpr std::size_t kFew = 5;
  if (samples.empty()) return;
  std::vector<std::size_t> sizes(set.class_names.size());
  for (const std::int32_t label : samples.labels) ++sizes[static_cast<std::size_t>(label)];
  const auto name = [&](auto position) {
    return set.class_names[static_cast<std::size_t>(position - sizes.begin())];
  };
  const auto missing = std::ranges::count(sizes, 0U);
  if (missing > 0) {
    set.findings.note(fmt::format("{} has no sample of {} classes, such as {}", split, missing,
                                  name(std::ranges::find(sizes, 0U))));
  }
  const auto is_rare = [](std::size_t size) { return size > 0 && size < kFew; };
  const auto rare = std::ranges::count_if(sizes, is_rare);
  if (rare > 0) {
    set.findings.note(fmt::format("{} has less than {} samples of {} classes, such as {}", split,
                                  kFew, rare, name(std::ranges::find_if(sizes, is_rare))));
  }
}

Dataset load_path(const Source& source, const DatasetOptions& options) {
  const std::string place = printable(source.path.string());
  CachedRead cached = read_through_cache(source, reading(options), options);
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
  note_rare_classes(set.train, "training", set);
  note_rare_classes(set.validation, "validation", set);
  note_rare_classes(set.test, "test", set);
  set.normalisation = normalisation(set.train, cached);
  return set;
}

[[noreturn]] void reject_unknown(std::string_view name, std::span<const KnownDataset> table) {
  std::vector<std::string> names;
  for (const KnownDataset& known : table) names.push_back(known.info.name);
  raise<ConfigError>("data = {}: no such data set{}: `thimble datasets` lists them; or give a path",
                     name, did_you_mean(name, names));
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
