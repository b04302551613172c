#include <algorithm>

#include "image_formats.hpp"
#include "thimble/core/error.hpp"

// PGM (P2, P5) and PPM (P3, P6) of Netpbm: the magic, then width, height and the largest value as
// decimal numbers between blanks, `#` beginning a comment up to the end of the line. Then the
// values: decimal (P2, P3), or one blank and bytes, two a value (the high one first) where the
// largest is above 255 (P5, P6).
namespace thimble {
namespace {

/// Reads what stands between blanks and comments.
class Scanner {
 public:
  Scanner(FileBytes file, std::string_view place) : file_(file), place_(place) {}

  std::uint32_t number() {
    skip_blanks();
    std::uint32_t value = 0;
    const std::size_t begin = at_;
    for (; at_ < file_.size() && file_[at_] >= '0' && file_[at_] <= '9'; ++at_) {
      value = 10 * value + (file_[at_] - '0');
      if (value > INT32_MAX / 16)
        raise<DataError>("{}: number at byte {}: too large", place_, begin);
    }
    if (at_ == begin) {
      raise<DataError>("{}: byte {}: {}", place_, at_,
                       at_ == file_.size() ? "the file is cut off" : "a number expected");
    }
    return value;
  }

  /// What follows the one blank behind the header.
  FileBytes rest() const { return file_.subspan(std::min(at_ + 1, file_.size())); }

  void skip(std::size_t bytes) { at_ += bytes; }

 private:
  void skip_blanks() {
    for (; at_ < file_.size(); ++at_) {
      const std::uint8_t c = file_[at_];
      if (c == '#') {
        while (at_ + 1 < file_.size() && file_[at_] != '\n') ++at_;
      } else if (c != ' ' && (c < '\t' || c > '\r')) {
        return;
      }
    }
  }

  FileBytes file_;
  std::string_view place_;
  std::size_t at_ = 0;
};

struct Header {
  Shape shape;
  std::uint32_t largest = 0;
};

Header read_header(FileBytes file, std::string_view place, Scanner& scanner) {
  scanner.skip(2);
  Header header;
  header.shape.channels = file[1] == '3' || file[1] == '6' ? 3 : 1;
  header.shape.width = static_cast<int>(scanner.number());
  header.shape.height = static_cast<int>(scanner.number());
  header.largest = scanner.number();
  if (header.largest < 1 || header.largest > 65'535) {
    raise<DataError>("{}: largest value = {}: 1 to 65535 expected", place, header.largest);
  }
  return header;
}

}  // namespace

Shape pnm_shape(FileBytes file, std::string_view place) {
  Scanner scanner(file, place);
  return read_header(file, place, scanner).shape;
}

Image decode_pnm(FileBytes file, std::string_view place) {
  Scanner scanner(file, place);
  const Header header = read_header(file, place, scanner);
  const auto count = static_cast<std::size_t>(header.shape.elements());
  const std::size_t bytes = header.largest > 255 ? 2 : 1;
  const bool decimal = file[1] == '2' || file[1] == '3';
  const FileBytes body = scanner.rest();
  if (decimal ? body.size() < 2 * count - 1 : body.size() < bytes * count) {
    raise<DataError>("{}: is cut off: {} values expected", place, count);
  }
  Image out{.shape = header.shape, .pixels = {}};
  out.pixels.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t value = 0;
    if (decimal) {
      value = scanner.number();
    } else {
      for (std::size_t b = 0; b < bytes; ++b) value = value << 8 | body[i * bytes + b];
    }
    if (value > header.largest) {
      raise<DataError>("{}: value {} = {}: at most {}, says the header", place, i, value,
                       header.largest);
    }
    out.pixels.push_back(
        static_cast<std::uint8_t>((value * 255 + header.largest / 2) / header.largest));
  }
  return out;
}

}  // namespace thimble
