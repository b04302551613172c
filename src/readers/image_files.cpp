#include "image_files.hpp"

#include <optional>
#include <set>

#include "thimble/core/error.hpp"
#include "thimble/files/file_tree.hpp"
#include "thimble/files/image.hpp"

namespace thimble {
namespace {

/// What the headers say, where the options leave it open. Files that are broken are found out when
/// they are decoded.
struct Survey {
  std::set<Shape> sizes;  // of one channel
  bool colour = false;
};

Survey survey(const FileSet& files, const ReadHooks& hooks) {
  Survey found;
  std::size_t done = 0;
  for (const LabelledFile& file : files.files) {
    if (hooks.progress) {
      hooks.progress({.doing = "looked at", .done = done++, .of = files.files.size()});
    }
    try {
      Shape shape = image_shape(read_regular_file(file.path), "");
      found.colour = found.colour || shape.channels == 3;
      shape.channels = 1;
      found.sizes.insert(shape);
    } catch (const DataError&) {
      continue;
    }
  }
  return found;
}

Shape common_shape(const FileSet& files, const ReadOptions& options, const std::string& place) {
  Shape shape;
  std::optional<Survey> found;
  if (!options.image_size || options.colour == Colour::kAsFound)
    found = survey(files, options.hooks);
  if (options.image_size) {
    shape.height = options.image_size->height;
    shape.width = options.image_size->width;
  } else if (found->sizes.size() > 1) {
    const Shape smallest = *found->sizes.begin();
    const Shape largest = *found->sizes.rbegin();
    raise<DataError>(
        "{}: images = {} sizes, {}x{} to {}x{}: say which to resize them to with "
        "--image-size HxW",
        place, found->sizes.size(), smallest.height, smallest.width, largest.height, largest.width);
  } else if (!found->sizes.empty()) {
    shape = *found->sizes.begin();
  }
  const bool colour =
      options.colour == Colour::kAsFound ? found->colour : options.colour == Colour::kRgb;
  shape.channels = colour ? 3 : 1;
  return shape;
}

}  // namespace

RawDataset read_images(FileSet files, const ReadOptions& options, const std::string& place) {
  const Shape shape = common_shape(files, options, place);
  return read_files(std::move(files), options, shape, [&](const LabelledFile& file, Samples& part) {
    const std::string name = printable(file.path.string());
    Image image = decode_image(read_regular_file(file.path), name);
    image = resized(with_channels(std::move(image), shape.channels),
                    {.height = shape.height, .width = shape.width});
    part.pixels.append(image.pixels);
    return std::size_t{1};
  });
}

}  // namespace thimble
