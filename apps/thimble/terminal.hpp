#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace thimble::cli {

/// `stdout` carries the answer. Throws DataError when it cannot be written (a full disk).
void print(std::string_view text);

/// `stderr` carries the talk: one line for people.
void say(std::string_view line);

/// Whether people see colours on stdout: `auto` asks for a terminal, TERM and NO_COLOR.
bool wants_color(std::string_view setting);

/// One live line on stderr, at most ten times a second, erased at the end. Where stderr is no
/// terminal (or TERM is dumb), a plain line every 30 seconds instead. Quiet: nothing.
class ProgressLine {
 public:
  explicit ProgressLine(bool quiet);
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine() { erase(); }

  /// Shows the line if it is time to; `line` should fit 80 columns.
  void show(std::string_view line);
  /// A line that stays, above the live one.
  void note(std::string_view line);
  void erase();

 private:
  bool quiet_;
  bool live_;  // stderr is a terminal that understands "\r"
  bool shown_ = false;
  std::chrono::steady_clock::time_point next_{};
};

/// From now on Ctrl-C (and SIGTERM) sets a flag instead of ending the program; a second Ctrl-C ends
/// it at once.
void catch_interrupts();
bool interrupted();

}  // namespace thimble::cli
