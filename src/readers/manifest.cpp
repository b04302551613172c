#include "thimble/readers/manifest.hpp"

#include <algorithm>
#include <sstream>

#include "audio_files.hpp"
#include "image_files.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/json.hpp"
#include "thimble/files/file_tree.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

std::string word(const JsonField& field) {
  return field.value().is_number_integer() ? std::to_string(field.integer())
                                           : printable(field.text());
}

LabelledFile entry(const std::string& line, const std::string& where, const fs::path& folder,
                   Numbering& classes, Numbering& groups) {
  const Json document = parse_json(line, where);
  const JsonField field(document, where);
  field.only({"path", "label", "split", "group", "anomalous"});
  const std::string path = field.at("path").text();
  LabelledFile file{.path = folder / fs::path(path),
                    .name = printable(path),
                    .label = classes(word(field.at("label")))};
  if (field.has("split")) file.split = split_of(field.at("split").text(), where + ": split");
  if (field.has("group")) file.group = groups(word(field.at("group")));
  if (field.has("anomalous")) file.anomalous = field.at("anomalous").boolean();
  return file;
}

fs::path list_at(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored) ? path / "manifest.jsonl" : path;
}

FileSet read_list(const fs::path& list) {
  const std::string place = printable(list.string());
  const auto bytes = read_regular_file(list);
  std::istringstream lines(std::string(bytes.begin(), bytes.end()));
  FileSet set;
  Numbering classes;
  Numbering groups;
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    try {
      set.files.push_back(
          entry(line, fmt::format("{}:{}", place, number), list.parent_path(), classes, groups));
    } catch (const ConfigError& error) {
      raise<DataError>("{}", printable(error.what()));
    }
  }
  set.class_names = classes.names();
  sort_classes(set);
  return set;
}

}  // namespace

bool recognises_manifest(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored) ? path_exists(list_at(path))
                                         : ends_in(path, {".jsonl", ".ndjson"});
}

std::vector<fs::path> manifest_files(const fs::path& path) {
  const fs::path list = list_at(path);
  FileSet set = read_list(list);
  std::vector<fs::path> files = {list};
  for (LabelledFile& file : set.files) files.push_back(std::move(file.path));
  return files;
}

RawDataset read_manifest(const fs::path& path, const ReadOptions& options) {
  const fs::path list = list_at(path);
  const std::string place = printable(list.string());
  FileSet set = read_list(list);
  const auto sounds =
      static_cast<std::size_t>(std::ranges::count_if(set.files, [](const LabelledFile& file) {
        return ends_in(file.path, {".wav", ".flac"});
      }));
  if (sounds > 0 && sounds < set.files.size()) {
    raise<DataError>("{}: files = {} of sound and {} others: all of one kind expected", place,
                     sounds, set.files.size() - sounds);
  }
  return sounds > 0 ? read_sounds(std::move(set), options)
                    : read_images(std::move(set), options, place);
}

}  // namespace thimble
