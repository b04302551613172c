#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "thimble/files/image.hpp"

namespace thimble {

using FileBytes = std::span<const std::uint8_t>;

/// Called only with files of their format, by its first bytes; `decode` only after `shape` found
/// an image of a size that may be decoded.
Shape png_shape(FileBytes file, std::string_view place);
Image decode_png(FileBytes file, std::string_view place);
Shape jpeg_shape(FileBytes file, std::string_view place);
Image decode_jpeg(FileBytes file, std::string_view place);
Shape bmp_shape(FileBytes file, std::string_view place);
Image decode_bmp(FileBytes file, std::string_view place);
Shape pnm_shape(FileBytes file, std::string_view place);
Image decode_pnm(FileBytes file, std::string_view place);

}  // namespace thimble
