#include "cache_folder.hpp"

#include <cstdlib>
#include <string_view>
#include <system_error>

#include "draft_file.hpp"
#include "thimble/core/error.hpp"
#include "thimble/files/file_tree.hpp"

namespace thimble {

namespace fs = std::filesystem;

fs::path cache_folder() {
  if (const char* folder = std::getenv("THIMBLE_CACHE"); folder && *folder) {
    return folder == std::string_view("none") ? fs::path() : fs::path(folder);
  }
  const char* home = std::getenv("HOME");
  return fs::path(home ? home : ".") / ".cache" / "thimble" / "cache";
}

void remove_dead_drafts(const fs::path& folder) {
  // A normalisation is written in no time: taking its draft from a writer costs a measurement.
  const std::string small_draft = std::string(kNormalisationEnding) + ".tmp";
  for (const fs::path& name : folder_entries(folder)) {
    std::error_code ignored;
    if (ends_in(name, {kDraftEnding})) remove_dead_draft(folder / name);
    if (name.native().find(small_draft) != std::string::npos) fs::remove(folder / name, ignored);
  }
}

void remove_normalisations(const fs::path& sample_file) {
  const fs::path folder = sample_file.parent_path();
  for (const fs::path& name : folder_entries(folder)) {
    std::error_code ignored;
    const bool own = name.native().starts_with(sample_file.stem().native() + '.');
    if (own && ends_in(name, {kNormalisationEnding})) fs::remove(folder / name, ignored);
  }
}

std::uintmax_t clear_cache(const fs::path& folder) {
  remove_dead_drafts(folder);
  std::uintmax_t freed = 0;
  for (const fs::path& name : folder_entries(folder)) {
    if (!ends_in(name, {kSampleFileEnding, kNormalisationEnding})) continue;
    std::error_code error;
    const std::uintmax_t size = fs::file_size(folder / name, error);
    // Where another one was quicker, it is not there any more, which is no error.
    const bool removed = fs::remove(folder / name, error);
    if (error) {
      raise<DataError>("{}: cannot be removed: {}", printable((folder / name).string()),
                       error.message());
    }
    if (removed) freed += size;
  }
  return freed;
}

}  // namespace thimble
