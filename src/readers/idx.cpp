#include "thimble/readers/idx.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>

#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"
#include "thimble/files/mapped_file.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

constexpr std::uint8_t kUnsignedByte = 0x08;
constexpr std::uint32_t kMaxSide = 1 << 16;
/// Bytes of images that are read at once.
constexpr std::size_t kBytesAtOnce = std::size_t{1} << 20;

std::uint32_t big_endian(std::span<const std::uint8_t> bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | bytes[3];
}

IdxArray parse_array(IdxFile file, std::size_t dimensions, std::string_view layout) {
  IdxArray array = parse_idx(file.bytes, file.place);
  if (array.dimensions.size() != dimensions) {
    raise<DataError>("{}: dimensions = {}: {} expected, {}", file.place, array.dimensions.size(),
                     dimensions, layout);
  }
  return array;
}

/// All usual names of the file of this split and kind.
std::vector<fs::path> file_names(const fs::path& folder, std::string_view split,
                                 std::string_view kind, int dimensions) {
  std::vector<fs::path> names;
  for (const char* separator : {"-", "."}) {
    for (const char* ending : {"", ".gz"}) {
      names.push_back(
          folder / fmt::format("{}-{}{}idx{}-ubyte{}", split, kind, separator, dimensions, ending));
    }
  }
  return names;
}

/// The first of them that is there; nothing when there is none.
std::optional<fs::path> find_file(const fs::path& folder, std::string_view split,
                                  std::string_view kind, int dimensions) {
  for (fs::path& path : file_names(folder, split, kind, dimensions)) {
    if (path_exists(path)) return std::move(path);
  }
  return std::nullopt;
}

/// Images with their labels, as they lie in their files.
struct IdxPair {
  Shape shape;
  std::span<const std::uint8_t> pixels;
  std::span<const std::uint8_t> labels;

  std::size_t size() const { return labels.size(); }
};

IdxPair parse_pair(IdxFile images, IdxFile labels, const Expected& expected) {
  const IdxArray pixels = parse_array(images, 3, "images × rows × columns");
  const IdxArray classes = parse_array(labels, 1, "one label an image");
  const std::uint32_t count = pixels.dimensions[0];
  if (classes.dimensions[0] != count) {
    raise<DataError>("{}: labels = {}: {} expected, as many as {} has images", labels.place,
                     classes.dimensions[0], count, images.place);
  }
  if (std::max(pixels.dimensions[1], pixels.dimensions[2]) > kMaxSide) {
    raise<DataError>("{}: image = {}×{}: at most {} a side", images.place, pixels.dimensions[1],
                     pixels.dimensions[2], kMaxSide);
  }
  const Shape shape{.height = static_cast<int>(pixels.dimensions[1]),
                    .width = static_cast<int>(pixels.dimensions[2]),
                    .channels = 1};
  if (expected.shape && shape != *expected.shape) {
    raise<DataError>("{}: image = {}: {} expected", images.place, to_string(shape),
                     to_string(*expected.shape));
  }
  if (expected.classes) {
    const auto wrong =
        std::ranges::find_if(classes.values, [&](int v) { return v >= *expected.classes; });
    if (wrong != classes.values.end()) {
      raise<DataError>("{}: label {} = {}: must be below {}, the number of classes", labels.place,
                       wrong - classes.values.begin(), *wrong, *expected.classes);
    }
  }
  return {.shape = shape, .pixels = pixels.values, .labels = classes.values};
}

/// Appends images [begin, end) to `part`.
void append(const IdxPair& pair, std::size_t begin, std::size_t end, Samples& part) {
  const auto elements = static_cast<std::size_t>(pair.shape.elements());
  part.pixels.append(pair.pixels.subspan(begin * elements, (end - begin) * elements));
  part.labels.insert(part.labels.end(), pair.labels.begin() + static_cast<std::ptrdiff_t>(begin),
                     pair.labels.begin() + static_cast<std::ptrdiff_t>(end));
}

struct SplitFiles {
  std::optional<fs::path> images;
  std::optional<fs::path> labels;

  bool any() const { return images || labels; }
};

SplitFiles find_split(const fs::path& folder, std::string_view split) {
  return {find_file(folder, split, "images", 3), find_file(folder, split, "labels", 1)};
}

/// Reads one split of `set` into `part`, piece by piece.
void read_split(const fs::path& folder, std::string_view split, const SplitFiles& files,
                const Expected& expected, const ReadOptions& options, Samples& part,
                RawDataset& set) {
  if (!files.images) {
    raise<DataError>("{}: {}-images-idx3-ubyte[.gz]: not there", folder.string(), split);
  }
  if (!files.labels) {
    raise<DataError>("{}: {}-labels-idx1-ubyte[.gz]: not there", folder.string(), split);
  }
  const WholeFile images = WholeFile::of_compressed(*files.images);
  const WholeFile labels = WholeFile::of_compressed(*files.labels);
  const IdxPair pair =
      parse_pair({images, files.images->string()}, {labels, files.labels->string()}, expected);
  part.shape = pair.shape;
  const auto elements = static_cast<std::size_t>(pair.shape.elements());
  const std::size_t piece = std::max<std::size_t>(1, kBytesAtOnce / elements);
  for (std::size_t begin = 0; begin < pair.size(); begin += piece) {
    append(pair, begin, std::min(begin + piece, pair.size()), part);
    if (options.hooks.between_samples) options.hooks.between_samples(set);
  }
}

}  // namespace

IdxArray parse_idx(std::span<const std::uint8_t> bytes, std::string_view place) {
  if (bytes.size() < 4) {
    raise<DataError>("{}: size = {} bytes: an IDX file begins with 4 bytes 00 00 08 n", place,
                     bytes.size());
  }
  if (bytes[0] != 0 || bytes[1] != 0 || bytes[2] != kUnsignedByte || bytes[3] == 0) {
    raise<DataError>(
        "{}: first bytes = {:02x}: 00 00 08 n expected (IDX of unsigned bytes, n dimensions)",
        place, fmt::join(bytes.first(4), " "));
  }
  const std::size_t header = 4 + std::size_t{4} * bytes[3];
  if (bytes.size() < header) {
    raise<DataError>("{}: size = {} bytes: the header of {} dimensions alone has {}", place,
                     bytes.size(), bytes[3], header);
  }
  IdxArray array{.dimensions = {}, .values = bytes.subspan(header)};
  // Divides what there is instead of multiplying what is claimed: 255 dimensions of 2³² overflow
  // anything.
  std::uint64_t places = array.values.size();
  bool fits = true;
  for (std::size_t at = 4; at < header; at += 4) {
    const std::uint32_t length = big_endian(bytes.subspan(at, 4));
    if (length == 0) {
      raise<DataError>("{}: dimension {} = 0: at least 1 expected", place, array.dimensions.size());
    }
    array.dimensions.push_back(length);
    fits = fits && places % length == 0;
    places /= length;
  }
  if (!fits || places != 1) {
    raise<DataError>("{}: size = {} bytes: {} bytes of header and {} values expected", place,
                     bytes.size(), header, fmt::join(array.dimensions, "×"));
  }
  return array;
}

Samples parse_idx_samples(IdxFile images, IdxFile labels, const Expected& expected) {
  const IdxPair pair = parse_pair(images, labels, expected);
  Samples samples{.shape = pair.shape};
  append(pair, 0, pair.size(), samples);
  return samples;
}

bool recognises_idx(const fs::path& folder) {
  return find_split(folder, "train").any() || find_split(folder, "t10k").any();
}

RawDataset read_idx(const fs::path& folder, const Expected& expected, const ReadOptions& options) {
  RawDataset set;
  read_split(folder, "train", find_split(folder, "train"), expected, options, set.train, set);
  const int classes = expected.classes.value_or(std::ranges::max(set.train.labels) + 1);
  if (const SplitFiles test = find_split(folder, "t10k"); test.any()) {
    read_split(folder, "t10k", test, {.shape = set.train.shape, .classes = classes}, options,
               set.test, set);
  }
  for (int label = 0; label < classes; ++label) set.class_names.push_back(std::to_string(label));
  return set;
}

std::vector<fs::path> idx_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const char* split : {"train", "t10k"}) {
    for (const auto& [kind, dimensions] : {std::pair("images", 3), std::pair("labels", 1)}) {
      const auto names = file_names(folder, split, kind, dimensions);
      files.insert(files.end(), names.begin(), names.end());
    }
  }
  return files;
}

}  // namespace thimble
