#include "draft_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

#include "sample_file.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/printable.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

constexpr auto kPause = std::chrono::milliseconds(50);

[[noreturn]] void fail(const fs::path& path, int error) {
  throw WriteFailure{fmt::format("{}: {}", printable(path.string()), std::strerror(error))};
}

/// Closes what it is not told to keep.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int get() const { return value_; }
  int keep() { return std::exchange(value_, -1); }

 private:
  int value_;
};

/// Whether the path still leads to the open file: while one waited for its lock, it may have been
/// renamed or removed.
bool still_at(const fs::path& path, int descriptor) {
  struct stat there {};
  struct stat open {};
  return ::stat(path.c_str(), &there) == 0 && ::fstat(descriptor, &open) == 0 &&
         there.st_dev == open.st_dev && there.st_ino == open.st_ino;
}

}  // namespace

std::optional<DraftFile> DraftFile::create(const fs::path& target,
                                           const std::function<void()>& waiting) {
  std::error_code error;
  fs::create_directories(target.parent_path(), error);
  if (error) fail(target.parent_path(), error.value());
  const fs::path path = target.string() + kDraftEnding;
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (file.get() < 0) fail(path, errno);
  bool waited = false;
  while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) fail(path, errno);
    waited = true;
    if (waiting) waiting();
    std::this_thread::sleep_for(kPause);
  }
  if (waited || !still_at(path, file.get())) {
    // Whoever had it has left it unfinished, or it is no draft any more.
    if (still_at(path, file.get())) ::unlink(path.c_str());
    return std::nullopt;
  }
  if (::ftruncate(file.get(), 0) != 0) fail(path, errno);
  return DraftFile(target, path, file.keep());
}

DraftFile::DraftFile(DraftFile&& other) noexcept
    : target_(std::move(other.target_)),
      path_(std::exchange(other.path_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

DraftFile::~DraftFile() {
  // First the name, then the lock: a draft without a writer never has this name.
  if (!path_.empty()) ::unlink(path_.c_str());
  if (descriptor_ >= 0) ::close(descriptor_);
}

void DraftFile::commit() {
  if (::rename(path_.c_str(), target_.c_str()) != 0) fail(target_, errno);
  path_.clear();
  // The name, too, belongs on the disk; where that cannot be asked for, it comes there by itself.
  const Descriptor folder(
      ::open(target_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() >= 0) ::fsync(folder.get());
}

bool remove_dead_draft(const fs::path& draft) {
  const Descriptor file(::open(draft.c_str(), O_RDWR | O_CLOEXEC));
  if (file.get() < 0) return errno == ENOENT;
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return false;
  if (still_at(draft, file.get())) ::unlink(draft.c_str());
  return true;
}

}  // namespace thimble
