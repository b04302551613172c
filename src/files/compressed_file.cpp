#include "thimble/files/compressed_file.hpp"

#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include "thimble/core/error.hpp"

namespace thimble {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20;
/// A few kilobytes of gzip can claim to be terabytes of zeros.
constexpr std::size_t kMaxBytes = std::size_t{1} << 31;

struct CloseFile {
  void operator()(gzFile file) const { gzclose(file); }
};

}  // namespace

std::vector<std::uint8_t> read_compressed(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    raise<DataError>("{}: is a folder: a file was expected", path.string());
  }
  errno = 0;
  std::unique_ptr<gzFile_s, CloseFile> file(gzopen(path.c_str(), "rb"));
  if (!file) raise<DataError>("{}: cannot be read: {}", path.string(), std::strerror(errno));
  std::vector<std::uint8_t> bytes;
  int count = 0;
  do {
    const std::size_t size = bytes.size();
    if (size > kMaxBytes) raise<DataError>("{}: size: at most 2 GiB are read", path.string());
    bytes.resize(size + kChunk);
    count = gzread(file.get(), bytes.data() + size, kChunk);
    if (count < 0) {
      int code = Z_OK;
      const char* reason = gzerror(file.get(), &code);
      if (code == Z_ERRNO) reason = std::strerror(errno);
      raise<DataError>("{}: is damaged: {}", path.string(), reason);
    }
    bytes.resize(size + static_cast<std::size_t>(count));
  } while (count > 0);
  // zlib hands out all it could decompress and says only here that the stream has no end.
  if (gzclose(file.release()) != Z_OK) {
    raise<DataError>("{}: is cut off: the end of the gzip stream is missing", path.string());
  }
  return bytes;
}

}  // namespace thimble
