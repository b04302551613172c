#include "thimble/readers/coco_set.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <unordered_map>

#include "image_files.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"
#include "thimble/files/coco_annotations.hpp"
#include "thimble/files/file_tree.hpp"
#include "thimble/files/list_file.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBegin = "instances_";
constexpr const char* kMinivalList = "mscoco_minival_ids.txt";

/// An annotation file and what its images are for.
struct AnnotationFile {
  std::string name;  ///< `train2014`: what stands between `instances_` and the ending
  Split split = Split::kTraining;
};

fs::path annotation_file(const fs::path& folder, const std::string& name) {
  return folder / "annotations" / fmt::format("{}{}.json", kBegin, name);
}

std::vector<std::string> annotation_names(const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::path& name : folder_entries(folder / "annotations")) {
    const std::string stem = name.stem().string();
    if (ends_in(name, {".json"}) && stem.starts_with(kBegin)) {
      names.push_back(stem.substr(kBegin.size()));
    }
  }
  return names;
}

/// The one name that begins so; empty when there is none.
std::string only_name(const std::vector<std::string>& names, std::string_view begin,
                      const std::string& place) {
  std::string found;
  for (const std::string& name : names) {
    if (!name.starts_with(begin)) continue;
    if (!found.empty()) {
      raise<DataError>("{}: annotations = {}{} and {}{}: one of {} expected", place, kBegin, found,
                       kBegin, name, begin);
    }
    found = name;
  }
  return found;
}

std::vector<AnnotationFile> parts_of_set(const fs::path& folder, const std::string& place) {
  const auto names = annotation_names(folder);
  const auto has = [&](const char* name) { return std::ranges::find(names, name) != names.end(); };
  if (has("maxitrain") && has("minival")) {
    return {{"maxitrain", Split::kTraining}, {"minival", Split::kTest}};
  }
  const std::string train = only_name(names, "train", place);
  const std::string test = only_name(names, "val", place);
  if (train.empty() && test.empty()) {
    raise<DataError>("{}: annotations/{}train….json: not there", place, kBegin);
  }
  // The smaller file alone is a set of its own.
  if (train.empty()) return {{test, Split::kTraining}};
  if (test.empty()) return {{train, Split::kTraining}};
  return {{train, Split::kTraining}, {test, Split::kTest}};
}

/// Numbers of the images of the authors' test; empty when there is no list.
std::set<std::int64_t> minival_ids(const fs::path& folder) {
  std::set<std::int64_t> ids;
  for (const fs::path& path : {folder / kMinivalList, folder / "annotations" / kMinivalList}) {
    if (!path_exists(path)) continue;
    for (const auto& [number, line] : listed_lines(path)) {
      const auto id = whole_number(line);
      if (!id) {
        raise<DataError>("{}:{}: {}: the number of an image expected", printable(path.string()),
                         number, printable(line));
      }
      ids.insert(*id);
    }
    return ids;
  }
  return ids;
}

CocoAnnotations read_annotations(const fs::path& path, const std::string& place) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) raise<DataError>("{}: is no regular file", place);
  std::ifstream in(path, std::ios::binary);
  if (!in) raise<DataError>("{}: cannot be read", place);
  return parse_coco(in, place);
}

/// The number of persons' category.
std::int64_t person(const CocoAnnotations& annotations, const std::string& place) {
  const auto found =
      std::ranges::find(annotations.categories, "person", &CocoAnnotations::Category::name);
  if (found == annotations.categories.end()) {
    raise<DataError>("{}: categories: person is missing", place);
  }
  return found->id;
}

/// What becomes of images, file after file.
class Sorting {
 public:
  Sorting(const fs::path& folder, const ReadOptions& options)
      : folder_(folder),
        strict_(options.strict),
        folders_(subfolders(folder)),
        minival_(minival_ids(folder)) {
    set_.class_names = {"not person", "person"};
  }

  void add(const AnnotationFile& part, const CocoAnnotations& annotations,
           const std::string& place) {
    std::unordered_map<std::int64_t, std::size_t> by_id;
    for (std::size_t i = 0; i < annotations.images.size(); ++i) {
      const auto [it, fresh] = by_id.emplace(annotations.images[i].id, i);
      if (!fresh) complain("{}: image {}: is there twice", place, annotations.images[i].id);
    }
    // The largest person of each image, as a share of it; −1: none.
    std::vector<double> largest(annotations.images.size(), -1);
    const std::int64_t category = person(annotations, place);
    for (const CocoAnnotations::Object& object : annotations.objects) {
      const auto image = by_id.find(object.image);
      if (image == by_id.end()) {
        complain("{}: an object of image {}: there is no such image", place, object.image);
        continue;
      }
      const CocoAnnotations::Image& frame = annotations.images[image->second];
      const double pixels = static_cast<double>(frame.width) * frame.height;
      if (object.area > pixels || object.left >= frame.width || object.top >= frame.height) {
        complain("{}: an object of image {}: lies outside of it, or is larger", place,
                 object.image);
      } else if (object.category == category) {
        largest[image->second] = std::max(largest[image->second], object.area / pixels);
      }
    }
    for (std::size_t i = 0; i < annotations.images.size(); ++i) {
      if (by_id.at(annotations.images[i].id) == i) {
        add_image(part, annotations.images[i], largest[i], place);
      }
    }
  }

  FileSet finish() {
    if (small_ > 0) {
      set_.findings.note(
          fmt::format("{} images have no person but such as cover {:g} % of them or less: they "
                      "count as not person",
                      small_, 100 * kVisibleShare));
    }
    return std::move(set_);
  }

 private:
  template <class... Args>
  void complain(fmt::format_string<Args...> text, Args&&... args) {
    set_.findings.add_broken(fmt::format(text, std::forward<Args>(args)...), strict_);
  }

  void add_image(const AnnotationFile& part, const CocoAnnotations::Image& image, double largest,
                 const std::string& place) {
    const fs::path path = find(part.name, image.file_name);
    if (path.empty()) {
      complain("{}: image {}: not there", place, printable(image.file_name));
      return;
    }
    const bool visible = largest > kVisibleShare;
    if (!visible && largest >= 0) ++small_;
    Split split = part.split;
    if (!minival_.empty() && part.name != "maxitrain" && part.name != "minival") {
      split = minival_.contains(image.id) ? Split::kTest : Split::kTraining;
    }
    set_.files.push_back({.path = folder_ / path,
                          .name = printable(path.string()),
                          .label = visible ? 1 : 0,
                          .split = split});
  }

  /// The image below the folder: in that of the annotation file's name, else in any.
  fs::path find(const std::string& own, const std::string& name) const {
    if (path_exists(folder_ / own / name)) return fs::path(own) / name;
    for (const fs::path& other : folders_) {
      if (path_exists(folder_ / other / name)) return other / name;
    }
    return {};
  }

  const fs::path& folder_;
  bool strict_;
  std::vector<fs::path> folders_;
  std::set<std::int64_t> minival_;
  std::size_t small_ = 0;
  FileSet set_;
};

}  // namespace

bool recognises_coco(const fs::path& folder) { return !annotation_names(folder).empty(); }

RawDataset read_coco(const fs::path& folder, const ReadOptions& options) {
  Sorting sorting(folder, options);
  for (const AnnotationFile& part : parts_of_set(folder, printable(folder.string()))) {
    const fs::path path = annotation_file(folder, part.name);
    const std::string place = printable(path.string());
    sorting.add(part, read_annotations(path, place), place);
  }
  return read_images(sorting.finish(), options, printable(folder.string()));
}

}  // namespace thimble
