#pragma once

#include <sys/resource.h>

#include <csignal>

namespace thimble {

/// Lets no file of this process, and of those it starts, grow beyond a size, as a full disk would;
/// writing further fails.
class FullDisk {
 public:
  explicit FullDisk(rlim_t largest_file) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    previous_ = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{largest_file, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, previous_);
  }

 private:
  rlimit before_{};
  void (*previous_)(int) = nullptr;
};

}  // namespace thimble
