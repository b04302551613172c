#pragma once

#include <filesystem>

namespace thimble {

/// Keeps a run for one process: an advisory lock (`flock`) on a file that holds the owner's process
/// id. The system releases it when the process ends in any way, so there are no stale locks; the
/// file itself stays.
class RunLock {
 public:
  /// Throws ConfigError naming the folder and the owner when another holder has it.
  explicit RunLock(const std::filesystem::path& file);
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;
  ~RunLock();

 private:
  int descriptor_;
};

}  // namespace thimble
