#include "thimble/readers/image_set.hpp"

#include <algorithm>
#include <map>

#include "image_files.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"
#include "thimble/files/csv.hpp"
#include "thimble/files/file_tree.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLabelFile = "trainLabels.csv";
const std::initializer_list<std::string_view> kEndings = {".png", ".jpg", ".jpeg", ".bmp",
                                                          ".pgm", ".ppm", ".pnm"};

/// The images beside the list by their names without endings, from all folders there are.
std::map<std::string, fs::path> images_by_id(const fs::path& folder, Findings& findings,
                                             bool strict) {
  std::map<std::string, fs::path> found;
  for (const fs::path& file : FileTree(folder).files_below(folder, findings, strict)) {
    if (!ends_in(file, kEndings)) continue;
    const auto [it, fresh] = found.emplace(file.stem().string(), file);
    if (!fresh) {
      findings.note(fmt::format("{}: left out: {} has the same name", printable(file.string()),
                                printable(it->second.string())));
    }
  }
  return found;
}

}  // namespace

bool recognises_image_folder(const fs::path& path) { return holds_file(path, kEndings); }

RawDataset read_image_folder(const fs::path& path, const ReadOptions& options) {
  FileSet files = files_by_class(
      path, kEndings, [](const std::string&) { return true; }, options.strict);
  return read_images(std::move(files), options, printable(path.string()));
}

bool recognises_labelled_images(const fs::path& path) { return path_exists(path / kLabelFile); }

RawDataset read_labelled_images(const fs::path& path, const ReadOptions& options) {
  const fs::path list = path / kLabelFile;
  const std::string place = printable(list.string());
  FileSet set;
  auto images = images_by_id(path, set.findings, options.strict);
  const auto bytes = read_regular_file(list);
  CsvReader csv(bytes, place);
  std::vector<std::string> cells;
  if (!csv.next(cells) || cells.size() != 2 || cells[0] != "ID") {
    raise<DataError>("{}: first line: ID,Class expected", place);
  }
  Numbering classes;
  while (csv.next(cells)) {
    if (cells.size() != 2 || cells[1].empty()) {
      raise<DataError>("{}: label is missing: ID,Class expected", csv.where());
    }
    const auto image = images.find(cells[0]);
    if (image == images.end()) {
      set.findings.add_broken(
          fmt::format("{}: image {}: not there, or named twice", csv.where(), printable(cells[0])),
          options.strict);
      continue;
    }
    set.files.push_back({.path = path / image->second,
                         .name = printable(image->second.string()),
                         .label = classes(printable(cells[1]))});
    images.erase(image);
  }
  if (!images.empty()) {
    set.findings.note(fmt::format("{} images have no label and were left out", images.size()));
  }
  set.class_names = classes.names();
  sort_classes(set);
  return read_images(std::move(set), options, printable(path.string()));
}

}  // namespace thimble
