#include "thimble/files/file_tree.hpp"

#include <fmt/ranges.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <map>
#include <system_error>
#include <utility>

#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

/// Deeper folders are another one's mistake; the limit keeps the stack.
constexpr int kMostFolders = 32;
/// As many files are looked at to say what a folder holds.
constexpr std::size_t kMostLookedAt = 10'000;

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// Counts by ending; stops when it has seen enough. Links to folders are not followed.
void count_endings(const fs::path& folder, int depth, std::map<std::string, std::size_t>& endings,
                   std::size_t& files, std::size_t& folders) {
  for (const fs::path& entry : folder_entries(folder)) {
    if (files >= kMostLookedAt) return;
    std::error_code error;
    const fs::path path = folder / entry;
    if (fs::is_directory(fs::symlink_status(path, error))) {
      ++folders;
      if (depth < 3) count_endings(path, depth + 1, endings, files, folders);
    } else {
      ++files;
      ++endings[lower(entry.extension().string())];
    }
  }
}

}  // namespace

std::vector<fs::path> folder_entries(const fs::path& folder) {
  std::vector<fs::path> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    fs::path name = it->path().filename();
    if (!name.native().starts_with('.')) names.push_back(std::move(name));
  }
  std::ranges::sort(names, {},
                    [](const fs::path& path) -> const std::string& { return path.native(); });
  return names;
}

std::vector<fs::path> subfolders(const fs::path& folder) {
  std::vector<fs::path> names = folder_entries(folder);
  std::erase_if(names, [&](const fs::path& name) {
    std::error_code error;
    return !fs::is_directory(folder / name, error);
  });
  return names;
}

bool FileTree::enter(const fs::path& folder) {
  struct stat status {};
  return ::stat(folder.c_str(), &status) == 0 &&
         entered_.emplace(status.st_dev, status.st_ino).second;
}

void FileTree::collect(const fs::path& folder, const fs::path& below, int depth, Findings& findings,
                       bool strict, std::vector<fs::path>& files) {
  const fs::path here = below.empty() ? folder : folder / below;
  const std::string name = printable(here.string());
  if (depth > kMostFolders) {
    findings.note(fmt::format("{}: left out: more than {} folders deep", name, kMostFolders));
    return;
  }
  std::error_code error;
  const fs::directory_iterator probe(here, error);
  if (error) {
    findings.add_broken(fmt::format("{}: cannot be read: {}", name, error.message()), strict);
    return;
  }
  for (const fs::path& entry : folder_entries(here)) {
    const fs::path path = below / entry;
    if (!fs::is_directory(folder / path, error)) {
      files.push_back(path);
    } else if (enter(folder / path)) {
      collect(folder, path, depth + 1, findings, strict, files);
    } else {
      findings.note(fmt::format("{}: left out: leads back to a folder that was read",
                                printable((folder / path).string())));
    }
  }
}

std::vector<fs::path> FileTree::files_below(const fs::path& folder, Findings& findings,
                                            bool strict) {
  std::vector<fs::path> files;
  if (folder == root_ || enter(folder)) {
    collect(folder, {}, 0, findings, strict, files);
  } else {
    findings.note(fmt::format("{}: left out: leads back to a folder that was read",
                              printable(folder.string())));
  }
  return files;
}

bool ends_in(const fs::path& path, std::initializer_list<std::string_view> endings) {
  const std::string ending = lower(path.extension().string());
  return std::ranges::find(endings, ending) != endings.end();
}

bool holds_file(const fs::path& folder, std::initializer_list<std::string_view> endings) {
  for (const fs::path& entry : folder_entries(folder)) {
    std::error_code error;
    if (!fs::is_directory(folder / entry, error)) continue;
    for (const fs::path& inner : folder_entries(folder / entry)) {
      if (ends_in(inner, endings)) return true;
      if (!fs::is_directory(folder / entry / inner, error)) continue;
      for (const fs::path& file : folder_entries(folder / entry / inner)) {
        if (ends_in(file, endings)) return true;
      }
    }
  }
  return false;
}

std::vector<std::uint8_t> read_regular_file(const fs::path& path, std::uintmax_t most) {
  const std::string name = printable(path.string());
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    const bool link = fs::is_symlink(fs::symlink_status(path, error));
    raise<DataError>("{}: {}", name, link ? "is a link that leads nowhere" : "not there");
  }
  if (error) raise<DataError>("{}: cannot be read: {}", name, error.message());
  if (fs::is_directory(status)) raise<DataError>("{}: is a folder: a file was expected", name);
  // Opening a pipe would wait for its other end for ever.
  if (!fs::is_regular_file(status)) raise<DataError>("{}: is no regular file", name);
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) raise<DataError>("{}: cannot be read: {}", name, error.message());
  if (size > most) {
    raise<DataError>("{}: size = {} bytes: at most {} are read", name, size, most);
  }
  if (size == 0) raise<DataError>("{}: is empty", name);
  try {
    return read_bytes(path);
  } catch (const DataError& failure) {
    raise<DataError>("{}", printable(failure.what()));
  }
}

std::string what_lies_at(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    const std::string ending = printable(path.extension().string());
    return fmt::format("a {} file", ending.empty() ? "nameless" : ending);
  }
  std::map<std::string, std::size_t> endings;
  std::size_t files = 0;
  std::size_t folders = 0;
  count_endings(path, 0, endings, files, folders);
  if (files == 0) return fmt::format("{} folders and no file", folders);
  std::vector<std::pair<std::string, std::size_t>> order(endings.begin(), endings.end());
  std::ranges::stable_sort(order, std::greater(), &std::pair<std::string, std::size_t>::second);
  std::vector<std::string> parts;
  for (const auto& [ending, count] : order) {
    if (parts.size() == 3) {
      parts.emplace_back("others");
      break;
    }
    parts.push_back(
        fmt::format("{} {}", count, ending.empty() ? "without ending" : printable(ending)));
  }
  return fmt::format("{} files in {} folders ({})", files, folders, fmt::join(parts, ", "));
}

}  // namespace thimble
