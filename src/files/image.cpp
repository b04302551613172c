#include "thimble/files/image.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "image_formats.hpp"
#include "thimble/core/error.hpp"

namespace thimble {
namespace {

struct Format {
  std::string_view magic;
  Shape (*shape)(FileBytes file, std::string_view place);
  Image (*decode)(FileBytes file, std::string_view place);
};

constexpr Format kFormats[] = {
    {"\x89PNG\r\n\x1a\n", png_shape, decode_png},
    {"\xff\xd8\xff", jpeg_shape, decode_jpeg},
    {"BM", bmp_shape, decode_bmp},
    {"P2", pnm_shape, decode_pnm},
    {"P3", pnm_shape, decode_pnm},
    {"P5", pnm_shape, decode_pnm},
    {"P6", pnm_shape, decode_pnm},
};

const Format& format_of(FileBytes file, std::string_view place) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  for (const Format& format : kFormats) {
    if (text.starts_with(format.magic)) return format;
  }
  if (file.empty()) raise<DataError>("{}: is empty", place);
  raise<DataError>("{}: is no image: PNG, JPEG, BMP or PGM/PPM expected", place);
}

Shape checked_shape(const Format& format, FileBytes file, std::string_view place) {
  const Shape shape = format.shape(file, place);
  const std::int64_t pixels = std::int64_t{shape.height} * shape.width;
  if (shape.height < 1 || shape.width < 1 || pixels > kMostPixels) {
    raise<DataError>("{}: image = {}×{} pixels: 1 to {} in all are read", place, shape.height,
                     shape.width, kMostPixels);
  }
  return shape;
}

/// How one output pixel is summed along an axis: weights of the pixels from `first` on, together 1.
struct Taps {
  int first = 0;
  std::vector<double> weights;
};

/// In units of 1/to of a pixel, input pixel j covers [j·to, (j+1)·to) and output pixel i
/// [i·from, (i+1)·from).
Taps area_taps(std::int64_t i, std::int64_t from, std::int64_t to) {
  const std::int64_t begin = i * from;
  const std::int64_t end = begin + from;
  Taps taps{.first = static_cast<int>(begin / to), .weights = {}};
  for (std::int64_t j = taps.first; j * to < end; ++j) {
    const std::int64_t overlap = std::min(end, (j + 1) * to) - std::max(begin, j * to);
    taps.weights.push_back(static_cast<double>(overlap) / static_cast<double>(from));
  }
  return taps;
}

Taps linear_taps(int i, int from, int to) {
  const double at = std::clamp((i + 0.5) * from / to - 0.5, 0.0, static_cast<double>(from - 1));
  const int left = std::min(static_cast<int>(at), std::max(from - 2, 0));
  const double share = at - left;
  if (from == 1) return {.first = 0, .weights = {1}};
  return {.first = left, .weights = {1 - share, share}};
}

std::vector<Taps> axis_taps(int from, int to) {
  std::vector<Taps> taps;
  for (int i = 0; i < to; ++i) {
    if (from == to) {
      taps.push_back({.first = i, .weights = {1}});
    } else {
      taps.push_back(to < from ? area_taps(i, from, to) : linear_taps(i, from, to));
    }
  }
  return taps;
}

}  // namespace

Shape image_shape(FileBytes file, std::string_view place) {
  return checked_shape(format_of(file, place), file, place);
}

Image decode_image(FileBytes file, std::string_view place) {
  const Format& format = format_of(file, place);
  checked_shape(format, file, place);
  return format.decode(file, place);
}

Image with_channels(Image image, int channels) {
  if (image.shape.channels == channels) return image;
  Image out{.shape = image.shape, .pixels = {}};
  out.shape.channels = channels;
  out.pixels.reserve(static_cast<std::size_t>(out.shape.elements()));
  if (channels == 3) {
    for (const std::uint8_t grey : image.pixels) out.pixels.insert(out.pixels.end(), 3, grey);
    return out;
  }
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    const int sum = 299 * image.pixels[i] + 587 * image.pixels[i + 1] + 114 * image.pixels[i + 2];
    out.pixels.push_back(static_cast<std::uint8_t>((sum + 500) / 1000));
  }
  return out;
}

Image resized(const Image& image, Extent size) {
  const Shape from = image.shape;
  if (from.height == size.height && from.width == size.width) return image;
  const auto columns = axis_taps(from.width, size.width);
  const auto rows = axis_taps(from.height, size.height);
  const auto channels = static_cast<std::size_t>(from.channels);
  const std::size_t narrow = columns.size() * channels;  // values of a row of the output
  const std::size_t wide = static_cast<std::size_t>(from.width) * channels;
  Image out{.shape = {.height = size.height, .width = size.width, .channels = from.channels},
            .pixels = {}};
  out.pixels.reserve(narrow * rows.size());
  // A row of the input, summed along its width, is kept for the next output row that it is part of.
  std::vector<std::vector<double>> summed(static_cast<std::size_t>(from.height));
  const auto sum_row = [&](int y) -> const std::vector<double>& {
    std::vector<double>& row = summed[static_cast<std::size_t>(y)];
    if (!row.empty()) return row;
    row.assign(narrow, 0.0);
    const std::uint8_t* pixels = image.pixels.data() + static_cast<std::size_t>(y) * wide;
    for (std::size_t x = 0; x < columns.size(); ++x) {
      const std::uint8_t* pixel = pixels + static_cast<std::size_t>(columns[x].first) * channels;
      for (const double weight : columns[x].weights) {
        for (std::size_t c = 0; c < channels; ++c) row[x * channels + c] += weight * *pixel++;
      }
    }
    return row;
  };
  std::vector<double> line(narrow);
  int done = 0;  // rows above are needed no more
  for (const Taps& taps : rows) {
    for (; done < taps.first; ++done) summed[static_cast<std::size_t>(done)] = {};
    std::ranges::fill(line, 0.0);
    int y = taps.first;
    for (const double weight : taps.weights) {
      const std::vector<double>& row = sum_row(y++);
      for (std::size_t i = 0; i < narrow; ++i) line[i] += weight * row[i];
    }
    for (const double value : line) {
      out.pixels.push_back(static_cast<std::uint8_t>(std::clamp(value + 0.5, 0.0, 255.0)));
    }
  }
  return out;
}

}  // namespace thimble
