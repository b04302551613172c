#include "thimble/data/audio_set.hpp"

#include "audio_files.hpp"
#include "file_tree.hpp"
#include "speech_commands.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

const std::initializer_list<std::string_view> kEndings = {".wav", ".flac"};

void find_speakers(FileSet& set) {
  Numbering speakers;
  for (LabelledFile& file : set.files) {
    const std::string name = file.path.filename().string();
    const std::size_t end = name.find("_nohash_");
    if (end != std::string::npos) file.group = speakers(name.substr(0, end));
  }
}

bool is_class(const std::string& name) { return name != "_background_noise_"; }

}  // namespace

bool recognises_audio_folder(const fs::path& path) { return holds_file(path, kEndings); }

RawDataset read_audio_folder(const fs::path& path, const ReadOptions& options) {
  FileSet files = files_by_class(path, kEndings, is_class, options.strict);
  find_speakers(files);
  if (!holds_splits(path, is_class) && !apply_split_lists(path, files, options.strict) &&
      names_are_speech_commands(files)) {
    for (LabelledFile& file : files.files) {
      file.split = speech_split(file.path.filename().native());
    }
  }
  if (options.twelve_words) make_twelve_words(path, options.seed, files);
  return read_sounds(std::move(files), options);
}

}  // namespace thimble
