#include <turbojpeg.h>

#include <memory>

#include "image_formats.hpp"
#include "thimble/core/error.hpp"

namespace thimble {
namespace {

class Jpeg {
 public:
  Jpeg(FileBytes file, std::string_view place)
      : file_(file), place_(place), handle_(tjInitDecompress()) {
    if (!handle_) raise<DataError>("{}: cannot be decoded: {}", place, tjGetErrorStr2(nullptr));
    int subsampling = 0;
    int space = 0;
    if (tjDecompressHeader3(handle_.get(), file.data(), file.size(), &shape_.width, &shape_.height,
                            &subsampling, &space) != 0) {
      fail();
    }
    if (space == TJCS_CMYK || space == TJCS_YCCK) {
      raise<DataError>("{}: is a CMYK JPEG: save it as RGB or grey", place);
    }
    shape_.channels = space == TJCS_GRAY ? 1 : 3;
  }

  Shape shape() const { return shape_; }

  Image decode() const {
    Image out{.shape = shape_, .pixels = {}};
    out.pixels.resize(static_cast<std::size_t>(shape_.elements()));
    // A warning is an image with parts missing. A few kilobytes can hold thousands of scans, each
    // of which goes over the whole image again.
    constexpr int kFlags = TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS;
    if (tjDecompress2(handle_.get(), file_.data(), file_.size(), out.pixels.data(), shape_.width, 0,
                      shape_.height, shape_.channels == 3 ? TJPF_RGB : TJPF_GRAY, kFlags) != 0) {
      fail();
    }
    return out;
  }

 private:
  struct Destroy {
    void operator()(void* handle) const { tjDestroy(handle); }
  };

  [[noreturn]] void fail() const {
    raise<DataError>("{}: is a damaged JPEG: {}", place_, tjGetErrorStr2(handle_.get()));
  }

  FileBytes file_;
  std::string_view place_;
  std::unique_ptr<void, Destroy> handle_;
  Shape shape_;
};

}  // namespace

Shape jpeg_shape(FileBytes file, std::string_view place) { return Jpeg(file, place).shape(); }

Image decode_jpeg(FileBytes file, std::string_view place) { return Jpeg(file, place).decode(); }

}  // namespace thimble
