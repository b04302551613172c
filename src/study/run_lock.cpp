#include "run_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "thimble/core/error.hpp"

namespace thimble {
namespace {

/// `process 1234`, or `another process` when its holder has not written its name yet.
std::string owner(int descriptor) {
  char text[32];
  const ssize_t size = ::pread(descriptor, text, sizeof text, 0);
  if (size <= 0) return "another process";
  const std::string_view line(text, static_cast<std::size_t>(size));
  return fmt::format("process {}", line.substr(0, line.find('\n')));
}

std::string folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path().string() : ".";
}

}  // namespace

RunLock::RunLock(const std::filesystem::path& file)
    : descriptor_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
  if (descriptor_ < 0) {
    raise<ConfigError>("{}: cannot be written: {}", file.string(), std::strerror(errno));
  }
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int reason = errno;
    const std::string holder = owner(descriptor_);
    ::close(descriptor_);
    if (reason != EWOULDBLOCK) {
      raise<ConfigError>("{}: cannot be locked: {}", file.string(), std::strerror(reason));
    }
    raise<ConfigError>("{}: is in use by {}: wait for it to end, or choose another folder",
                       folder_of(file), holder);
  }
  const std::string name = fmt::format("{}\n", ::getpid());
  // The name only serves the message above: a full disk here is no reason to refuse the run.
  if (::ftruncate(descriptor_, 0) != 0 || ::pwrite(descriptor_, name.data(), name.size(), 0) < 0) {
    return;
  }
}

RunLock::~RunLock() { ::close(descriptor_); }

}  // namespace thimble
