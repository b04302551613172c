#include "speech_commands.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/rng.hpp"
#include "thimble/core/sha1.hpp"
#include "thimble/files/file_tree.hpp"
#include "thimble/files/list_file.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSpeakerEnd = "_nohash_";
constexpr std::int32_t kSilence = 0;
constexpr std::int32_t kUnknown = 1;
constexpr std::array kTwelve = {"_silence_", "_unknown_", "yes", "no",  "up",   "down",
                                "left",      "right",     "on",  "off", "stop", "go"};

struct SplitList {
  const char* file;
  Split split;
};
constexpr SplitList kLists[] = {{"training_list.txt", Split::kTraining},
                                {"validation_list.txt", Split::kValidation},
                                {"testing_list.txt", Split::kTest}};

/// Reads one list; `untold` holds the files that no list has named yet.
void apply_list(const fs::path& folder, const SplitList& list, bool strict,
                const std::map<std::string, std::size_t>& by_name, std::set<std::size_t>& untold,
                FileSet& set) {
  const fs::path path = folder / list.file;
  for (const auto& [number, line] : listed_lines(path)) {
    const auto file = by_name.find(fs::path(line).lexically_normal().generic_string());
    const std::string where = fmt::format("{}:{}", printable(path.string()), number);
    if (file == by_name.end()) {
      set.findings.add_broken(fmt::format("{}: {}: not there", where, printable(line)), strict);
    } else if (untold.erase(file->second) == 0) {
      set.findings.add_broken(
          fmt::format("{}: {}: is named twice: stays where it was", where, printable(line)),
          strict);
    } else {
      set.files[file->second].split = list.split;
    }
  }
}

/// One in ten, rounded up.
std::size_t tenth(std::size_t count) { return (count + 9) / 10; }

std::vector<LabelledFile> noise_files(const fs::path& folder) {
  const fs::path noise = folder / "_background_noise_";
  std::vector<LabelledFile> files;
  for (const fs::path& name : folder_entries(noise)) {
    if (!ends_in(name, {".wav", ".flac"})) continue;
    files.push_back({.path = noise / name, .name = printable(name.string()), .label = kSilence});
  }
  if (files.empty()) {
    raise<DataError>("{}: holds no sound: silence is cut from it", printable(noise.string()));
  }
  return files;
}

}  // namespace

Split speech_split(std::string_view file_name, double validation_percent, double test_percent) {
  constexpr std::uint32_t kMost = (1U << 27) - 1;
  const std::uint32_t hash = sha1(file_name.substr(0, file_name.find(kSpeakerEnd)))[4] & kMost;
  const double percent = hash * (100.0 / kMost);
  if (percent < validation_percent) return Split::kValidation;
  return percent < validation_percent + test_percent ? Split::kTest : Split::kTraining;
}

bool names_are_speech_commands(const FileSet& set) {
  const auto named = std::ranges::count_if(set.files, [](const LabelledFile& file) {
    return file.path.filename().native().find(kSpeakerEnd) != std::string::npos;
  });
  return 2 * named > std::ssize(set.files);
}

bool apply_split_lists(const fs::path& folder, FileSet& set, bool strict) {
  const auto there = [&](const SplitList& list) { return path_exists(folder / list.file); };
  if (std::ranges::none_of(kLists, there)) return false;
  std::map<std::string, std::size_t> by_name;
  std::set<std::size_t> untold;
  for (std::size_t i = 0; i < set.files.size(); ++i) {
    by_name.emplace(set.files[i].path.lexically_relative(folder).generic_string(), i);
    untold.insert(i);
  }
  for (const SplitList& list : kLists) {
    if (there(list)) apply_list(folder, list, strict, by_name, untold, set);
  }
  if (there(kLists[0]) && !untold.empty()) {
    set.findings.note(
        fmt::format("{} files are in none of the lists and were left out", untold.size()));
    std::size_t i = 0;
    std::erase_if(set.files, [&](const LabelledFile&) { return untold.contains(i++); });
  }
  return true;
}

void make_twelve_words(const fs::path& folder, std::uint64_t seed, FileSet& set) {
  std::vector<std::int32_t> label_of(set.class_names.size(), -1);  // −1: some other word
  for (std::size_t label = 0; label < kTwelve.size(); ++label) {
    const auto found = std::ranges::find(set.class_names, kTwelve[label]);
    if (found != set.class_names.end()) {
      label_of[static_cast<std::size_t>(found - set.class_names.begin())] =
          static_cast<std::int32_t>(label);
    } else if (label > kUnknown) {
      raise<DataError>(
          "{}: {}: no such folder: the ten words are yes, no, up, down, left, right, "
          "on, off, stop, go",
          printable(folder.string()), kTwelve[label]);
    }
  }
  const auto has = [&](std::int32_t label) {
    return std::ranges::find(label_of, label) != label_of.end();
  };
  std::map<Split, std::vector<LabelledFile>> others;
  std::map<Split, std::size_t> words;
  std::vector<LabelledFile> files;
  for (LabelledFile& file : set.files) {
    file.label = label_of[static_cast<std::size_t>(file.label)];
    if (file.label > kUnknown) ++words[file.split];
    if (file.label < 0) {
      file.label = kUnknown;
      others[file.split].push_back(std::move(file));
    } else {
      files.push_back(std::move(file));
    }
  }
  const Rng rng(seed);
  const auto noise = has(kSilence) ? std::vector<LabelledFile>() : noise_files(folder);
  for (const auto& [split, count] : words) {
    if (!has(kUnknown)) {
      auto& pool = others[split];
      rng.fork(kUnknown).fork(static_cast<std::uint64_t>(split)).shuffle(std::span(pool));
      pool.resize(std::min(pool.size(), tenth(count)));
      files.insert(files.end(), pool.begin(), pool.end());
    }
    Rng draw = rng.fork(kSilence).fork(static_cast<std::uint64_t>(split));
    for (std::size_t i = 0; !has(kSilence) && i < tenth(count); ++i) {
      LabelledFile file =
          noise[static_cast<std::size_t>(draw.uniform_int(0, std::ssize(noise) - 1))];
      const double at = draw.uniform();
      file.split = split;
      file.name = fmt::format("{} at {:.4f}", file.name, at);
      file.excerpt = Excerpt{.at = at, .volume = static_cast<float>(draw.uniform())};
      files.push_back(std::move(file));
    }
  }
  set.files = std::move(files);
  set.class_names.assign(kTwelve.begin(), kTwelve.end());
}

}  // namespace thimble
