#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "thimble/readers/reader.hpp"

namespace thimble {

/// How the files of a source are, without reading them.
struct SourceState {
  /// Of every file its path, size, number (inode), and the times of its last modification and of
  /// the last change to anything about it, in nanoseconds; equal only where nothing has changed.
  std::string text;
  std::size_t files = 0;
  std::uintmax_t bytes = 0;
  /// Of the last change to any file.
  std::int64_t changed_ns = 0;
};

/// Why not by what the files hold: that would read a set whole at every start. A program can set
/// the time of modification back (rsync and cp -p do), but not the time of change, which the system
/// sets whenever bytes, size, name or time of a file are changed; an exchanged file has another
/// number. What these cannot show is a second change within one tick of the file system's clock:
/// see `wait_for_tick`.
SourceState source_state(const Source& source);

/// Waits until a further change would get another time than the last one: some milliseconds after a
/// change, on file systems that keep whole seconds two seconds; else not at all. False when the
/// last change lies in the future, that is when clocks do not agree and nothing can be told.
bool wait_for_tick(const SourceState& state);

}  // namespace thimble
