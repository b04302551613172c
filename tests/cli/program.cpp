#include "cli/program.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>

#include "support/bars.hpp"
#include "thimble/core/file.hpp"
#include "thimble/study/study.hpp"

namespace thimble {
namespace {

constexpr int kSide = 12;

void append_big_endian(std::string& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFF);
}

void write_idx(const std::filesystem::path& folder, const std::string& stem,
               const Samples& samples) {
  const auto count = static_cast<std::uint32_t>(samples.labels.size());
  std::string images("\0\0\x08\x03", 4);
  std::string labels("\0\0\x08\x01", 4);
  for (const std::uint32_t n : {count, std::uint32_t{kSide}, std::uint32_t{kSide}})
    append_big_endian(images, n);
  append_big_endian(labels, count);
  images.append(samples.pixels.begin(), samples.pixels.end());
  labels.append(samples.labels.begin(), samples.labels.end());
  write_file(folder / (stem + "-images-idx3-ubyte"), images);
  write_file(folder / (stem + "-labels-idx1-ubyte"), labels);
}

int trained_candidates(const std::string& study) {
  const auto rows = Study::open_readonly(study).trials();
  return static_cast<int>(std::ranges::count_if(rows, [](const TrialRow& row) {
    return row.status == TrialStatus::kEvaluated || row.status == TrialStatus::kFailed;
  }));
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  static std::atomic<int> count = 0;
  path_ = std::filesystem::temp_directory_path() /
          ("thimble_cli_" + std::to_string(::getpid()) + "_" + std::to_string(count++));
  std::filesystem::create_directories(path_);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

pid_t start_thimble(const std::vector<std::string>& arguments, const TemporaryFolder& folder) {
  return start_program(THIMBLE_PROGRAM, arguments, folder);
}

pid_t start_program(const std::string& program, const std::vector<std::string>& arguments,
                    const TemporaryFolder& folder) {
  const std::string out = folder / "out";
  const std::string err = folder / "err";
  const std::string cache = folder / "cache";
  const pid_t process = ::fork();
  if (process != 0) return process;
  const auto redirect = [](const std::string& path, int descriptor) {
    ::dup2(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), descriptor);
  };
  redirect(out, STDOUT_FILENO);
  redirect(err, STDERR_FILENO);
  ::setenv("THIMBLE_CACHE", cache.c_str(), 0);
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execv(program.c_str(), argv.data());
  ::_exit(127);
}

Finished wait_for(pid_t process, const TemporaryFolder& folder) {
  int status = 0;
  ::waitpid(process, &status, 0);
  return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          .out = read_text(folder / "out"),
          .err = read_text(folder / "err")};
}

Finished thimble(const std::vector<std::string>& arguments, const TemporaryFolder& folder) {
  return wait_for(start_thimble(arguments, folder), folder);
}

std::string complaint(const std::vector<std::string>& arguments, const TemporaryFolder& folder) {
  const Finished run = thimble(arguments, folder);
  EXPECT_EQ(run.code, 2) << run.err;
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(std::ranges::count(run.err, '\n'), 1) << run.err;
  return run.err;
}

bool wait_for_trained(int candidates, const std::string& study, pid_t process) {
  while (true) {
    if (std::filesystem::exists(study) && trained_candidates(study) >= candidates) return true;
    siginfo_t ended{};
    if (::waitid(P_PID, static_cast<id_t>(process), &ended, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        ended.si_pid == process) {
      return false;
    }
    ::usleep(500);
  }
}

std::string write_bars(const TemporaryFolder& folder, int train, int test) {
  const std::filesystem::path data = folder.path() / "bars";
  std::filesystem::create_directories(data);
  const Rng rng(0);
  write_idx(data, "train", bars(train, 3, kSide, rng.fork(0)));
  write_idx(data, "t10k", bars(test, 3, kSide, rng.fork(1)));
  return data.string();
}

}  // namespace thimble
