#include <cstdlib>

#include "image_formats.hpp"
#include "thimble/core/error.hpp"

// Windows bitmaps, all numbers little-endian:
//
//     0    "BM"
//     10   where the pixels begin, 4 bytes
//     14   size of the header from here on, 4 bytes: at least 40
//     18   width, 4 bytes; 22 height, 4 bytes, negative: the top row comes first
//     28   bits a pixel, 2 bytes: 1, 4, 8 (numbers of colours), 24 (B, G, R) or 32 (B, G, R, –)
//     30   compression, 4 bytes: 0, or 3 where 32 bits say so of B, G, R in this very order
//     46   number of colours, 4 bytes; 0: 2^bits
//     14 + header   the colours: B, G, R, –
//
// Rows are padded to whole 4 bytes.
namespace thimble {
namespace {

constexpr std::size_t kFileHeader = 14;

std::uint32_t number(FileBytes file, std::size_t at, std::size_t bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value |= std::uint32_t{file[at + i]} << (8 * i);
  return value;
}

struct Bitmap {
  Shape shape;
  bool top_first = false;
  std::size_t bits = 0;
  std::size_t row = 0;  // bytes, padding included
  FileBytes pixels;
  FileBytes colours;  // 4 bytes each
};

/// Whether red, green and blue lie where they do in 24 bits.
bool usual_masks(FileBytes file) {
  return file.size() >= 66 && number(file, 54, 4) == 0xFF0000 && number(file, 58, 4) == 0xFF00 &&
         number(file, 62, 4) == 0xFF;
}

bool all_grey(FileBytes colours) {
  for (std::size_t i = 0; i + 3 < colours.size(); i += 4) {
    if (colours[i] != colours[i + 1] || colours[i] != colours[i + 2]) return false;
  }
  return true;
}

Bitmap parse(FileBytes file, std::string_view place) {
  if (file.size() < kFileHeader + 40) raise<DataError>("{}: is cut off in its header", place);
  const std::uint32_t header = number(file, kFileHeader, 4);
  if (header < 40 || header > 256) {
    raise<DataError>("{}: BMP header = {} bytes: at least 40 expected", place, header);
  }
  Bitmap map;
  const auto width = static_cast<std::int32_t>(number(file, 18, 4));
  const auto height = static_cast<std::int32_t>(number(file, 22, 4));
  if (width < 1 || height == 0 || height == INT32_MIN) {
    raise<DataError>("{}: image = {}×{} pixels: at least 1×1 expected", place, height, width);
  }
  map.top_first = height < 0;
  map.shape = {.height = std::abs(height), .width = width, .channels = 3};
  if (std::int64_t{map.shape.height} * width > kMostPixels) return map;  // the caller refuses it
  map.bits = number(file, 28, 2);
  const std::uint32_t compression = number(file, 30, 4);
  const bool plain = compression == 0 || (compression == 3 && map.bits == 32 && usual_masks(file));
  const bool known =
      map.bits == 1 || map.bits == 4 || map.bits == 8 || map.bits == 24 || map.bits == 32;
  if (!plain || !known) {
    raise<DataError>(
        "{}: BMP of {} bits a pixel, compression {}: 1, 4, 8, 24 or 32 bits without "
        "compression are read",
        place, map.bits, compression);
  }
  if (map.bits <= 8) {
    const std::uint32_t used = number(file, 46, 4);
    const std::size_t colours = used == 0 ? std::size_t{1} << map.bits : used;
    const std::size_t begin = kFileHeader + header;
    if (colours > 256 || begin + 4 * colours > file.size()) {
      raise<DataError>("{}: colours = {}: more than the file holds", place, colours);
    }
    map.colours = file.subspan(begin, 4 * colours);
    map.shape.channels = all_grey(map.colours) ? 1 : 3;
  }
  map.row = (static_cast<std::size_t>(width) * map.bits + 31) / 32 * 4;
  const std::size_t begin = number(file, 10, 4);
  const std::size_t size = map.row * static_cast<std::size_t>(map.shape.height);
  if (begin > file.size() || size > file.size() - begin) {
    raise<DataError>("{}: is cut off: {} bytes of pixels expected from byte {} on", place, size,
                     begin);
  }
  map.pixels = file.subspan(begin, size);
  return map;
}

}  // namespace

Shape bmp_shape(FileBytes file, std::string_view place) { return parse(file, place).shape; }

Image decode_bmp(FileBytes file, std::string_view place) {
  const Bitmap map = parse(file, place);
  Image out{.shape = map.shape, .pixels = {}};
  out.pixels.reserve(static_cast<std::size_t>(map.shape.elements()));
  const auto height = static_cast<std::size_t>(map.shape.height);
  const auto width = static_cast<std::size_t>(map.shape.width);
  for (std::size_t y = 0; y < height; ++y) {
    const FileBytes row = map.pixels.subspan((map.top_first ? y : height - 1 - y) * map.row);
    for (std::size_t x = 0; x < width; ++x) {
      FileBytes colour;  // B, G, R
      if (map.bits > 8) {
        colour = row.subspan(x * map.bits / 8, 3);
      } else {
        const std::size_t bit = x * map.bits;
        const auto shift = 8 - map.bits - bit % 8;
        const std::size_t index = (row[bit / 8] >> shift) & ((1U << map.bits) - 1);
        if (4 * index >= map.colours.size()) {
          raise<DataError>("{}: pixel = {}: must be below {}, the number of colours", place, index,
                           map.colours.size() / 4);
        }
        colour = map.colours.subspan(4 * index, 3);
      }
      if (map.shape.channels == 1) {
        out.pixels.push_back(colour[0]);
      } else {
        out.pixels.insert(out.pixels.end(), colour.rbegin(), colour.rend());
      }
    }
  }
  return out;
}

}  // namespace thimble
