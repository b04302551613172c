#include <png.h>

#include "image_formats.hpp"
#include "thimble/core/error.hpp"

namespace thimble {
namespace {

/// libpng's simplified interface: no long jumps through our code; what is in the file besides
/// pixels is skipped under libpng's own limits.
class Png {
 public:
  Png(FileBytes file, std::string_view place) : place_(place) {
    image_.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_memory(&image_, file.data(), file.size())) fail();
  }
  Png(const Png&) = delete;
  Png& operator=(const Png&) = delete;
  ~Png() { png_image_free(&image_); }

  Shape shape() const {
    // As wide as 2³¹ − 1 at most, says the format.
    return {.height = static_cast<int>(image_.height),
            .width = static_cast<int>(image_.width),
            .channels = image_.format & PNG_FORMAT_FLAG_COLOR ? 3 : 1};
  }

  Image decode() {
    Image out{.shape = shape(), .pixels = {}};
    out.pixels.resize(static_cast<std::size_t>(out.shape.elements()));
    image_.format = out.shape.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
    const png_color black{};
    if (!png_image_finish_read(&image_, &black, out.pixels.data(), 0, nullptr)) fail();
    return out;
  }

 private:
  [[noreturn]] void fail() const {
    raise<DataError>("{}: is a damaged PNG: {}", place_, image_.message);
  }

  std::string_view place_;
  png_image image_{};
};

}  // namespace

Shape png_shape(FileBytes file, std::string_view place) { return Png(file, place).shape(); }

Image decode_png(FileBytes file, std::string_view place) { return Png(file, place).decode(); }

}  // namespace thimble
