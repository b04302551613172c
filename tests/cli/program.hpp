#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace thimble {

/// What a finished program left.
struct Finished {
  int code = 0;  ///< exit code; 128 + signal when one ended it
  std::string out;
  std::string err;
};

/// A folder that is gone when the test is over.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  const std::filesystem::path& path() const { return path_; }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// Starts a program with these arguments; stdout and stderr go to the files `out` and `err` of
/// `folder`. The cache is `folder`/cache, unless the environment says otherwise.
pid_t start_program(const std::string& program, const std::vector<std::string>& arguments,
                    const TemporaryFolder& folder);
/// Starts `thimble`.
pid_t start_thimble(const std::vector<std::string>& arguments, const TemporaryFolder& folder);
/// Waits for it.
Finished wait_for(pid_t process, const TemporaryFolder& folder);
/// Both.
Finished thimble(const std::vector<std::string>& arguments, const TemporaryFolder& folder);

/// stderr of a command that must end with code 2 after one line and without an answer.
std::string complaint(const std::vector<std::string>& arguments, const TemporaryFolder& folder);

/// Waits until the study that `process` writes holds this many trained candidates, so that a test
/// can stop a search in its midst however fast the machine is. False when the process ended first.
bool wait_for_trained(int candidates, const std::string& study, pid_t process);

/// Writes an IDX data set of `train` + `test` grey images of 12×12 in three classes into `folder`:
/// bars that lie, stand or are absent, with noise; easy enough that a small network learns it in an
/// epoch or two.
std::string write_bars(const TemporaryFolder& folder, int train = 900, int test = 150);

}  // namespace thimble
