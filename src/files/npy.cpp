#include "thimble/files/npy.hpp"

#include <algorithm>
#include <charconv>

#include "thimble/core/error.hpp"
#include "thimble/core/printable.hpp"

// The file: "\x93NUMPY", version major and minor, length of the header (2 bytes in version 1, 4
// later), the header
// "{'descr': '|i1', 'fortran_order': False, 'shape': (2, 490), }" padded with blanks, then the
// values.
namespace thimble {
namespace {

constexpr std::string_view kNpyMagic("\x93NUMPY", 6);

[[noreturn]] void reject(std::string_view place, std::string_view what) {
  raise<DataError>("{}: {}", place, what);
}

/// What stands behind `'key':` in the header's dictionary, blanks skipped.
std::string_view value_of(std::string_view header, std::string_view key, std::string_view place) {
  const std::string quoted = fmt::format("'{}':", key);
  const std::size_t at = header.find(quoted);
  if (at == std::string_view::npos)
    reject(place, fmt::format("header lacks {}: is no .npy", quoted));
  std::string_view rest = header.substr(at + quoted.size());
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  return rest;
}

std::string parse_type(std::string_view header, std::string_view place) {
  const std::string_view text = value_of(header, "descr", place);
  const std::size_t end = text.size() < 2 ? std::string_view::npos : text.find('\'', 1);
  if (text.empty() || text.front() != '\'' || end == std::string_view::npos) {
    reject(place, "type: must be one plain number type, such as int8");
  }
  const std::string_view type = text.substr(1, end - 1);
  const bool plain = type.size() == 3 &&
                     std::string_view("biuf").find(type[1]) != std::string_view::npos &&
                     std::string_view("1248").find(type[2]) != std::string_view::npos;
  if (!plain) {
    constexpr std::size_t kShownOfAHeader = 20;
    reject(place, fmt::format("type = {}: must be a plain number, such as int8",
                              printable(type.substr(0, kShownOfAHeader))));
  }
  if (type[0] == '>') reject(place, fmt::format("type = {}: must be little-endian", type));
  return std::string(type.substr(1));
}

std::vector<std::int64_t> parse_shape(std::string_view header, std::string_view place) {
  std::string_view text = value_of(header, "shape", place);
  const std::size_t end = text.find(')');
  if (text.empty() || text.front() != '(' || end == std::string_view::npos) {
    reject(place, "shape: is no list of lengths: is no .npy");
  }
  text = text.substr(1, end - 1);
  std::vector<std::int64_t> shape;
  while (!text.empty()) {
    if (text.front() == ' ' || text.front() == ',') {
      text.remove_prefix(1);
      continue;
    }
    std::int64_t length = 0;
    const auto [stop, status] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (status != std::errc{} || length < 0)
      reject(place, "shape: is no list of lengths: is no .npy");
    shape.push_back(length);
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  }
  return shape;
}

}  // namespace

NpyArray parse_npy(std::span<const std::uint8_t> file, std::string_view place) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (!text.starts_with(kNpyMagic) || text.size() < 12) reject(place, "is no .npy file");
  const std::size_t wide = file[6] == 1 ? 2 : 4;
  std::size_t header_size = 0;
  for (std::size_t i = 0; i < wide; ++i) header_size |= std::size_t{file[8 + i]} << (8 * i);
  const std::size_t start = 8 + wide;
  if (header_size > text.size() - start) reject(place, "is truncated in its header");
  const std::string_view header = text.substr(start, header_size);
  if (!value_of(header, "fortran_order", place).starts_with("False")) {
    reject(place, "fortran_order = True: save it in C order (numpy.ascontiguousarray)");
  }
  NpyArray array{.type = parse_type(header, place), .shape = parse_shape(header, place)};
  const auto body = file.subspan(start + header_size);
  // Divided instead of multiplied, so that no product of lengths can overflow.
  std::size_t values = body.size() / static_cast<std::size_t>(array.type[1] - '0');
  const bool whole = body.size() % static_cast<std::size_t>(array.type[1] - '0') == 0;
  const bool empty = std::ranges::find(array.shape, 0) != array.shape.end();
  bool fits = whole;
  for (const std::int64_t length : array.shape) {
    if (empty) break;
    fits = fits && values % static_cast<std::size_t>(length) == 0;
    values /= static_cast<std::size_t>(length);
  }
  if (!fits || (empty ? !body.empty() : values != 1)) {
    reject(place, fmt::format("has {} bytes of values: not what its header says", body.size()));
  }
  array.bytes.assign(body.begin(), body.end());
  return array;
}

std::vector<std::uint8_t> write_npy(const NpyArray& array) {
  std::string shape;
  for (const std::int64_t length : array.shape) shape += fmt::format("{}, ", length);
  std::string header = fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': ({}), }}",
                                   array.type[1] == '1' ? '|' : '<', array.type, shape);
  // The values begin at a multiple of 64; the header ends with a new line.
  header.append(63 - (10 + header.size()) % 64, ' ');
  header += '\n';
  std::string start(kNpyMagic);
  start += {'\x01', '\x00', static_cast<char>(header.size() & 0xFF),
            static_cast<char>(header.size() >> 8)};
  start += header;
  std::vector<std::uint8_t> file(start.begin(), start.end());
  file.insert(file.end(), array.bytes.begin(), array.bytes.end());
  return file;
}

}  // namespace thimble
