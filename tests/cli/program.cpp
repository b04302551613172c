#include "cli/program.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>

#include "thimble/core/file.hpp"
#include "thimble/core/rng.hpp"

namespace thimble {
namespace {

constexpr int kSide = 12;

void append_big_endian(std::string& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFF);
}

void write_split(const std::filesystem::path& folder, const std::string& stem, int count,
                 Rng& rng) {
  std::string images("\0\0\x08\x03", 4);
  std::string labels("\0\0\x08\x01", 4);
  for (const int n : {count, kSide, kSide})
    append_big_endian(images, static_cast<std::uint32_t>(n));
  append_big_endian(labels, static_cast<std::uint32_t>(count));
  for (int i = 0; i < count; ++i) {
    const int label = i % 3;
    const auto at = rng.uniform_int(1, kSide - 2);
    labels += static_cast<char>(label);
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) {
        const bool bar = (label == 0 && y == at) || (label == 1 && x == at);
        images += static_cast<char>(rng.uniform_int(0, 60) + (bar ? 150 : 0));
      }
    }
  }
  write_file(folder / (stem + "-images-idx3-ubyte"), images);
  write_file(folder / (stem + "-labels-idx1-ubyte"), labels);
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
  const std::string out = folder / "out";
  const std::string err = folder / "err";
  const pid_t process = ::fork();
  if (process != 0) return process;
  const auto redirect = [](const std::string& path, int descriptor) {
    ::dup2(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), descriptor);
  };
  redirect(out, STDOUT_FILENO);
  redirect(err, STDERR_FILENO);
  std::vector<char*> argv{const_cast<char*>(THIMBLE_PROGRAM)};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execv(THIMBLE_PROGRAM, argv.data());
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

std::string write_bars(const TemporaryFolder& folder, int train, int test) {
  const std::filesystem::path data = folder.path() / "bars";
  std::filesystem::create_directories(data);
  Rng rng(0);
  write_split(data, "train", train, rng);
  write_split(data, "t10k", test, rng);
  return data.string();
}

}  // namespace thimble
