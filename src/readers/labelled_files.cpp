#include "labelled_files.hpp"

#include <algorithm>

#include "thimble/core/error.hpp"
#include "thimble/files/file_tree.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

struct SplitWord {
  std::string_view word;
  Split split;
};

constexpr SplitWord kSplitWords[] = {
    {"train", Split::kTraining},   {"training", Split::kTraining},     {"val", Split::kValidation},
    {"valid", Split::kValidation}, {"validation", Split::kValidation}, {"dev", Split::kValidation},
    {"test", Split::kTest},        {"testing", Split::kTest},
};

const SplitWord* find_split_word(std::string_view word) {
  const auto* found = std::ranges::find(kSplitWords, word, &SplitWord::word);
  return found == std::end(kSplitWords) ? nullptr : found;
}

/// Collects files class by class.
struct Collector {
  const fs::path& root;
  std::initializer_list<std::string_view> endings;
  const std::function<bool(const std::string&)>& is_class;
  bool strict;
  FileTree tree{root};
  Numbering classes{};
  std::size_t others = 0;
  FileSet set{};

  /// Adds the classes below `root / below`.
  void add_classes(const fs::path& below, Split split) {
    for (const fs::path& folder : subfolders(root / below)) {
      if (!is_class(folder.string())) continue;
      const std::string class_name = printable(folder.string());
      const auto files = tree.files_below(root / below / folder, set.findings, strict);
      std::size_t taken = 0;
      for (const fs::path& file : files) {
        if (!ends_in(file, endings)) continue;
        const fs::path relative = below / folder / file;
        set.files.push_back({.path = root / relative,
                             .name = printable(relative.string()),
                             .label = classes(class_name),
                             .split = split});
        ++taken;
      }
      others += files.size() - taken;
      if (taken == 0) set.findings.note(class_name + ": no class: its folder holds no sample");
    }
  }
};

}  // namespace

bool is_split_name(std::string_view word) { return find_split_word(word) != nullptr; }

Split split_of(std::string_view word, std::string_view place) {
  const SplitWord* found = find_split_word(word);
  if (!found)
    raise<DataError>("{} = {}: must be train, validation or test", place, printable(word));
  return found->split;
}

bool holds_splits(const fs::path& folder, const std::function<bool(const std::string&)>& is_class) {
  auto folders = subfolders(folder);
  std::erase_if(folders, [&](const fs::path& name) { return !is_class(name.string()); });
  return !folders.empty() && std::ranges::all_of(folders, [](const fs::path& name) {
    return is_split_name(name.native());
  });
}

FileSet files_by_class(const fs::path& folder, std::initializer_list<std::string_view> endings,
                       const std::function<bool(const std::string&)>& is_class, bool strict) {
  Collector collector{.root = folder, .endings = endings, .is_class = is_class, .strict = strict};
  if (holds_splits(folder, is_class)) {
    for (const fs::path& name : subfolders(folder)) {
      if (is_class(name.string())) collector.add_classes(name, split_of(name.native(), ""));
    }
  } else {
    collector.add_classes({}, Split::kTraining);
  }
  FileSet set = std::move(collector.set);
  if (collector.others > 0) {
    set.findings.note(fmt::format("{} files of other kinds were left out", collector.others));
  }
  set.class_names = collector.classes.names();
  sort_classes(set);
  return set;
}

void sort_classes(FileSet& set) {
  ClassOrder order = ordered_classes(set.class_names);
  for (LabelledFile& file : set.files) {
    file.label = order.moved[static_cast<std::size_t>(file.label)];
  }
  set.class_names = std::move(order.names);
}

Samples& part_of(RawDataset& set, Split split) {
  switch (split) {
    case Split::kValidation:
      return set.validation;
    case Split::kTest:
      return set.test;
    case Split::kTraining:
      break;
  }
  return set.train;
}

RawDataset read_files(FileSet files, const ReadOptions& options, Shape shape,
                      const std::function<std::size_t(const LabelledFile&, Samples&)>& read) {
  RawDataset set;
  set.class_names = std::move(files.class_names);
  set.findings = std::move(files.findings);
  for (Samples* part : {&set.train, &set.validation, &set.test}) part->shape = shape;
  bool grouped = false;
  bool told = false;  // which samples are anomalous
  std::int32_t next_group = 0;
  for (const LabelledFile& file : files.files) {
    grouped = grouped || file.group >= 0;
    told = told || file.anomalous.has_value();
    next_group = std::max(next_group, file.group + 1);
  }
  std::size_t done = 0;
  for (const LabelledFile& file : files.files) {
    if (options.hooks.progress) {
      options.hooks.progress({.doing = "read", .done = done++, .of = files.files.size()});
    }
    if (options.hooks.between_samples) options.hooks.between_samples(set);
    Samples& part = part_of(set, file.split);
    std::size_t samples = 0;
    try {
      samples = read(file, part);
    } catch (const DataError& error) {
      set.findings.add_broken(error.what(), options.strict);
      continue;
    }
    part.labels.insert(part.labels.end(), samples, file.label);
    part.names.insert(part.names.end(), samples, file.name);
    const std::uint8_t anomalous = file.anomalous.value_or(false) ? 1 : 0;
    if (told) part.anomalous.insert(part.anomalous.end(), samples, anomalous);
    if (grouped && file.split == Split::kTraining) {
      // What belongs to no group is one by itself.
      const std::int32_t group = file.group >= 0 ? file.group : next_group++;
      set.groups.insert(set.groups.end(), samples, group);
    }
  }
  return set;
}

}  // namespace thimble
