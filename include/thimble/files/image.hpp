#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "thimble/graph/op.hpp"

namespace thimble {

/// One decoded image: [H, W, C] bytes, C = 1 (grey) or 3 (red, green, blue; sRGB).
struct Image {
  Shape shape;
  std::vector<std::uint8_t> pixels;

  bool operator==(const Image&) const = default;
};

/// Larger images are refused before anything of them is decoded: a few kilobytes of PNG or JPEG
/// can claim to be gigabytes.
inline constexpr std::int64_t kMostPixels = std::int64_t{1} << 26;

/// What the header says of an image: PNG, JPEG, BMP (uncompressed) or PGM/PPM, told apart by their
/// first bytes. Throws DataError beginning with `place` for what is none, is damaged in its header
/// or has more than `kMostPixels`.
Shape image_shape(std::span<const std::uint8_t> file, std::string_view place);

/// The image itself. 16 bits a channel become 8; transparent parts are laid over black; a JPEG's
/// orientation tag is not heeded. Throws DataError beginning with `place`, also for an image that
/// is cut off or damaged anywhere.
Image decode_image(std::span<const std::uint8_t> file, std::string_view place);

/// Grey is L = (299 R + 587 G + 114 B) / 1000, rounded (ITU-R BT.601); grey to colour repeats it.
Image with_channels(Image image, int channels);

/// Each axis by itself: where it shrinks, an output pixel is the average of the area that it
/// covers, pixels at its border counting for their share; where it grows, linear between pixel
/// centres, the border repeated. Rounded to nearest once, at the end.
Image resized(const Image& image, Extent size);

}  // namespace thimble
