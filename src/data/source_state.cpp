#include "source_state.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>

namespace thimble {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
/// Linux's clock of files ticks 100 to 1000 times a second.
constexpr std::int64_t kTick = 20'000'000;

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * kSecond + time.tv_nsec;
}

std::int64_t now() {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME, &time);
  return nanoseconds(time);
}

}  // namespace

SourceState source_state(const Source& source) {
  SourceState state;
  for (const std::filesystem::path& path : source.reader->sources(source.path)) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
      fmt::format_to(std::back_inserter(state.text), "{}\n-\n", path.native());
      continue;
    }
    const std::int64_t changed = nanoseconds(status.st_ctim);
    fmt::format_to(std::back_inserter(state.text), "{}\n{} {} {} {}\n", path.native(),
                   status.st_size, status.st_ino, nanoseconds(status.st_mtim), changed);
    ++state.files;
    state.bytes += static_cast<std::uintmax_t>(status.st_size);
    state.changed_ns = std::max(state.changed_ns, changed);
  }
  return state;
}

bool wait_for_tick(const SourceState& state) {
  const bool whole_seconds = state.changed_ns % kSecond == 0;
  const std::int64_t age = now() - state.changed_ns;
  if (age < -kSecond) return false;
  const std::int64_t wait = (whole_seconds ? 2 * kSecond : kTick) - age;
  if (wait > 0) std::this_thread::sleep_for(std::chrono::nanoseconds(wait));
  return true;
}

}  // namespace thimble
