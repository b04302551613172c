#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace thimble {

/// A file being written beside the one that it will become; `TARGET.part`, locked as long as this
/// lives, so that a second process waits instead of doing the same work, and everyone can tell a
/// draft at work from one whose writer was killed (its lock went with it).
class DraftFile {
 public:
  /// Creates the folder where need be. Nothing when the target appeared, or the draft's writer
  /// ended, while waiting: then look for the target and try again. `waiting` is called some times a
  /// second meanwhile. Throws WriteFailure.
  static std::optional<DraftFile> create(const std::filesystem::path& target,
                                         const std::function<void()>& waiting);

  DraftFile(DraftFile&& other) noexcept;
  DraftFile& operator=(DraftFile&&) = delete;
  ~DraftFile();  // removes a draft that was not committed

  int descriptor() const { return descriptor_; }
  const std::filesystem::path& path() const { return path_; }
  /// Renames it to the target. Its bytes must be on the disk. Throws WriteFailure.
  void commit();

 private:
  DraftFile(std::filesystem::path target, std::filesystem::path path, int descriptor)
      : target_(std::move(target)), path_(std::move(path)), descriptor_(descriptor) {}

  std::filesystem::path target_;
  std::filesystem::path path_;  // empty once committed
  int descriptor_;
};

/// Removes a draft that nobody writes any more. False when somebody does.
bool remove_dead_draft(const std::filesystem::path& draft);

inline constexpr const char* kDraftEnding = ".part";

}  // namespace thimble
