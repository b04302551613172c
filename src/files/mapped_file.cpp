#include "thimble/files/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/printable.hpp"
#include "thimble/files/compressed_file.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

/// A smaller file is read as quickly.
constexpr std::uintmax_t kMapped = std::uintmax_t{1} << 20;

bool is_large(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && fs::file_size(path, error) >= kMapped && !error;
}

bool is_gzip(const fs::path& path) {
  char magic[2] = {};
  std::ifstream(path, std::ios::binary).read(magic, sizeof magic);
  return magic[0] == '\x1F' && magic[1] == '\x8B';
}

}  // namespace

MappedFile::MappedFile(const fs::path& path) : data_(MAP_FAILED) {
  const std::string place = printable(path.string());
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) raise<DataError>("{}: {}", place, std::strerror(errno));
  struct stat status {};
  if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
    size_ = static_cast<std::size_t>(status.st_size);
    data_ = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, descriptor, 0);
  }
  const int reason = errno;
  ::close(descriptor);
  if (data_ == MAP_FAILED) {
    raise<DataError>("{}: cannot be mapped: {}", place,
                     size_ > 0 ? std::strerror(reason) : "is empty, or no file");
  }
}

MappedFile::~MappedFile() { ::munmap(data_, size_); }

WholeFile WholeFile::of_compressed(const fs::path& path) {
  WholeFile bytes;
  if (is_large(path) && !is_gzip(path)) {
    bytes.mapped_ = std::make_unique<MappedFile>(path);
  } else {
    bytes.read_ = read_compressed(path);
  }
  return bytes;
}

WholeFile WholeFile::of_plain(const fs::path& path) {
  WholeFile bytes;
  if (is_large(path)) {
    bytes.mapped_ = std::make_unique<MappedFile>(path);
  } else {
    bytes.read_ = read_bytes(path);
  }
  return bytes;
}

WholeFile::operator std::span<const std::uint8_t>() const {
  if (!mapped_) return read_;
  const auto bytes = mapped_->bytes();
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

}  // namespace thimble
