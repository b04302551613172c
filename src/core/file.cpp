#include "thimble/core/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

#include "thimble/core/error.hpp"

namespace thimble {
namespace {

template <class Container>
Container read_whole(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) {
    raise<DataError>("{}: is a folder: a file was expected", path.string());
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) raise<DataError>("{}: cannot be read: {}", path.string(), std::strerror(errno));
  Container bytes;
  char buffer[1 << 16];
  while (in.read(buffer, sizeof buffer) || in.gcount() > 0) {
    bytes.insert(bytes.end(), buffer, buffer + in.gcount());
  }
  if (in.bad()) raise<DataError>("{}: cannot be read: {}", path.string(), std::strerror(errno));
  return bytes;
}

/// The file beside the target; goes away unless it was renamed into place.
class Draft {
 public:
  explicit Draft(const std::filesystem::path& target)
      : target_(target), path_(target.string() + ".tmp" + std::to_string(::getpid())) {
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail();
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  void write(const char* data, std::size_t size) {
    while (size > 0) {
      const ssize_t written = ::write(descriptor_, data, size);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail();
      data += written;
      size -= static_cast<std::size_t>(written);
    }
  }

  void commit() {
    if (::fsync(descriptor_) != 0) fail();
    const int descriptor = std::exchange(descriptor_, -1);
    if (::close(descriptor) != 0) fail();
    if (::rename(path_.c_str(), target_.c_str()) != 0) fail();
    path_.clear();
  }

 private:
  [[noreturn]] void fail() const {
    raise<DataError>("{}: cannot be written: {}", target_.string(), std::strerror(errno));
  }

  std::filesystem::path target_;
  std::string path_;  // empty once renamed
  int descriptor_ = -1;
};

}  // namespace

bool path_exists(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

std::vector<std::uint8_t> read_bytes(const std::filesystem::path& path) {
  return read_whole<std::vector<std::uint8_t>>(path);
}

std::string read_text(const std::filesystem::path& path) { return read_whole<std::string>(path); }

void write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
  write_file(path, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

void write_file(const std::filesystem::path& path, std::string_view text) {
  Draft draft(path);
  draft.write(text.data(), text.size());
  draft.commit();
}

}  // namespace thimble
