#include "thimble/readers/audio_set.hpp"

#include <algorithm>

#include "audio_files.hpp"
#include "speech_commands.hpp"
#include "thimble/files/file_tree.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

const std::initializer_list<std::string_view> kSoundEndings = {".wav", ".flac"};

void find_speakers(FileSet& set) {
  Numbering speakers;
  for (LabelledFile& file : set.files) {
    const std::string name = file.path.filename().string();
    const std::size_t end = name.find("_nohash_");
    if (end != std::string::npos) file.group = speakers(name.substr(0, end));
  }
}

bool is_class(const std::string& name) { return name != "_background_noise_"; }

/// A part of Speech Commands may lie in its test split alone. Then the names say who speaks, and no
/// more.
bool leaves_enough_to_learn_from(const std::vector<Split>& splits, const FileSet& set) {
  std::vector<std::size_t> of_class(set.class_names.size());
  for (std::size_t i = 0; i < splits.size(); ++i) {
    if (splits[i] == Split::kTraining) ++of_class[static_cast<std::size_t>(set.files[i].label)];
  }
  const auto training = std::ranges::count(splits, Split::kTraining);
  return 2 * training >= std::ssize(splits) && std::ranges::count(of_class, 0U) == 0;
}

void apply_speech_split(FileSet& set) {
  std::vector<Split> splits;
  for (const LabelledFile& file : set.files) {
    splits.push_back(speech_split(file.path.filename().native()));
  }
  if (!leaves_enough_to_learn_from(splits, set)) {
    set.findings.note(fmt::format(
        "Speech Commands' rule puts {} of {} clips into training: too few: the splits are drawn by "
        "speaker instead",
        std::ranges::count(splits, Split::kTraining), splits.size()));
    return;
  }
  for (std::size_t i = 0; i < splits.size(); ++i) set.files[i].split = splits[i];
}

}  // namespace

bool recognises_audio_folder(const fs::path& path) { return holds_file(path, kSoundEndings); }

RawDataset read_audio_folder(const fs::path& path, const ReadOptions& options) {
  FileSet files = files_by_class(path, kSoundEndings, is_class, options.strict);
  find_speakers(files);
  if (!holds_splits(path, is_class) && !apply_split_lists(path, files, options.strict) &&
      names_are_speech_commands(files)) {
    apply_speech_split(files);
  }
  if (options.twelve_words) make_twelve_words(path, options.seed, files);
  return read_sounds(std::move(files), options);
}

}  // namespace thimble
