#include "thimble/readers/machine_sounds.hpp"

#include <algorithm>
#include <set>

#include "audio_files.hpp"
#include "thimble/files/file_tree.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

constexpr int kSeconds = 10;
constexpr std::string_view kIdBegin = "id_";

/// What the name of a file says of it.
struct Recording {
  std::string machine;  ///< its folder below the set; empty where the set is one machine's
  std::string id;
  bool anomalous = false;
  std::optional<Split> split;
};

/// `id_00` at the beginning of the text; empty where there is none.
std::string_view id_at_front(std::string_view text) {
  if (!text.starts_with(kIdBegin)) return {};
  const std::size_t digits =
      std::min(text.find_first_not_of("0123456789", kIdBegin.size()), text.size());
  return digits == kIdBegin.size() ? std::string_view() : text.substr(0, digits);
}

/// `normal_id_00_00000000.wav` and `anomaly_…`, whatever its folder.
std::optional<Recording> dcase_recording(std::string_view name) {
  Recording found;
  for (const std::string_view word : {"normal_", "anomaly_"}) {
    if (!name.starts_with(word)) continue;
    found.id = id_at_front(name.substr(word.size()));
    found.anomalous = word.starts_with('a');
  }
  return found.id.empty() ? std::nullopt : std::optional(found);
}

/// The same of a path below the set.
std::optional<Recording> recording(const fs::path& path) {
  const fs::path folder = path.parent_path();
  const std::string last = folder.filename().string();
  if (auto found = dcase_recording(path.filename().string())) {
    const bool is_split = is_split_name(last);
    if (is_split) found->split = split_of(last, "");
    found->machine = (is_split ? folder.parent_path() : folder).string();
    return found;
  }
  const std::string id = folder.parent_path().filename().string();
  if ((last != "normal" && last != "abnormal") || id_at_front(id) != id || id.empty()) {
    return std::nullopt;
  }
  return Recording{.machine = folder.parent_path().parent_path().string(),
                   .id = id,
                   .anomalous = last == "abnormal",
                   .split = {}};
}

bool is_sound(const fs::path& name) { return ends_in(name, {".wav", ".flac"}); }

bool holds_one_machine(const fs::path& folder) {
  const auto in_training = folder_entries(folder / "train");
  if (std::ranges::any_of(in_training, [](const fs::path& name) {
        return is_sound(name) && dcase_recording(name.string());
      })) {
    return true;
  }
  return std::ranges::any_of(subfolders(folder), [&](const fs::path& name) {
    std::error_code ignored;
    return !id_at_front(name.native()).empty() &&
           fs::is_directory(folder / name / "normal", ignored);
  });
}

}  // namespace

bool recognises_machine_sounds(const fs::path& path) {
  return holds_one_machine(path) ||
         std::ranges::any_of(subfolders(path),
                             [&](const fs::path& name) { return holds_one_machine(path / name); });
}

RawDataset read_machine_sounds(const fs::path& path, const ReadOptions& options) {
  FileSet set;
  std::vector<Recording> recordings;
  std::set<std::string> machines;
  std::size_t others = 0;
  for (const fs::path& file : FileTree(path).files_below(path, set.findings, options.strict)) {
    const auto found = is_sound(file) ? recording(file) : std::nullopt;
    if (!found) {
      ++others;
      continue;
    }
    set.files.push_back({.path = path / file,
                         .name = printable(file.string()),
                         .split = found->split.value_or(Split::kTraining),
                         .anomalous = found->anomalous});
    machines.insert(found->machine);
    recordings.push_back(*found);
  }
  if (others > 0) {
    set.findings.note(fmt::format(
        "{} files are no sounds, or their names say neither normal nor broken: left out", others));
  }
  Numbering classes;
  for (std::size_t i = 0; i < recordings.size(); ++i) {
    const Recording& of = recordings[i];
    set.files[i].label =
        classes(machines.size() == 1 ? of.id : printable(of.machine) + ' ' + of.id);
  }
  set.class_names = classes.names();
  sort_classes(set);
  ReadOptions ten_seconds = options;
  ten_seconds.clip = options.clip.value_or(kSeconds * options.sample_rate);
  return read_sounds(std::move(set), ten_seconds);
}

}  // namespace thimble
