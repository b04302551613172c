#include "terminal.hpp"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "thimble/core/error.hpp"

namespace thimble::cli {
namespace {

constexpr auto kLivePause = std::chrono::milliseconds(100);
constexpr auto kPlainPause = std::chrono::seconds(30);

std::atomic<bool> interrupt_flag = false;

void on_interrupt(int signal) {
  if (interrupt_flag.exchange(true)) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

bool understands_control(int descriptor) {
  const char* term = std::getenv("TERM");
  return ::isatty(descriptor) != 0 && term != nullptr && std::strcmp(term, "dumb") != 0;
}

}  // namespace

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    raise<DataError>("stdout: cannot be written: {}", std::strerror(errno));
  }
}

void say(std::string_view line) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
}

bool wants_color(std::string_view setting) {
  if (setting == "always") return true;
  if (setting == "never") return false;
  const char* refused = std::getenv("NO_COLOR");
  return understands_control(STDOUT_FILENO) && (refused == nullptr || *refused == '\0');
}

ProgressLine::ProgressLine(bool quiet) : quiet_(quiet), live_(understands_control(STDERR_FILENO)) {
  if (!live_) next_ = std::chrono::steady_clock::now() + kPlainPause;
}

void ProgressLine::show(std::string_view line) {
  const auto now = std::chrono::steady_clock::now();
  if (quiet_ || now < next_) return;
  if (live_) {
    std::fprintf(stderr, "\r\033[K%.*s", static_cast<int>(line.size()), line.data());
    std::fflush(stderr);
    shown_ = true;
    next_ = now + kLivePause;
  } else {
    say(line);
    next_ = now + kPlainPause;
  }
}

void ProgressLine::note(std::string_view line) {
  if (quiet_) return;
  erase();
  say(line);
}

void ProgressLine::erase() {
  if (!shown_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  shown_ = false;
  next_ = {};
}

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return interrupt_flag; }

}  // namespace thimble::cli
