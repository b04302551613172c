#include "cached_read.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <system_error>
#include <utility>

#include "cache_folder.hpp"
#include "draft_file.hpp"
#include "memory_limit.hpp"
#include "source_state.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/sha1.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

/// Once samples go to a file, so many bytes of them are written at once.
constexpr std::size_t kPiece = std::size_t{8} << 20;
/// Samples that stay in memory may take this part of it: a vector that grows takes three times its
/// size for a while, and dividing samples into splits copies them.
constexpr std::uintmax_t kTenthsOfMemory = 3;

std::size_t bytes_in_memory(const RawDataset& set) {
  std::size_t bytes = 0;
  for (const Samples* part : {&set.train, &set.validation, &set.test}) {
    bytes += with_values(
        *part, [](const auto& column) { return std::as_bytes(column.in_memory()).size(); });
  }
  return bytes;
}

/// What decides which samples are made of the files, besides the files. `strict` does not: it only
/// decides whether a broken file is an error.
std::string settings_text(const ReadOptions& options) {
  // Bound by place, so that a new option cannot be forgotten here.
  const auto& [strict, image_size, colour, sample_rate, clip, sound, twelve_words, window, stride,
               shape, seed, hooks] = options;
  const auto number = [](const std::optional<int>& value) { return value.value_or(0); };
  return fmt::format("{}x{} {} {} {} {} {} {} {} {}\n", image_size ? image_size->height : 0,
                     image_size ? image_size->width : 0, static_cast<int>(colour), sample_rate,
                     number(clip), static_cast<int>(sound),
                     twelve_words ? fmt::format("twelve {}", seed) : "", number(window),
                     number(stride), shape ? to_string(*shape) : "");
}

std::string hex(const Identity& identity) {
  std::string text;
  for (const std::uint32_t word : identity) text += fmt::format("{:08x}", word);
  return text;
}

/// The source by the one name that all its names lead to: it is kept once.
Source by_true_name(const Source& source) {
  std::error_code error;
  fs::path path = fs::canonical(source.path, error);
  return {source.reader, error ? source.path : std::move(path)};
}

/// One set in the cache. Where it lies does not depend on the state of its files, so that a set
/// that was changed takes the place of what it was.
struct Entry {
  fs::path path;
  Identity identity{};
};

Entry entry_of(const Source& source, const ReadOptions& read, const SourceState& state,
               const fs::path& folder) {
  const std::string what =
      fmt::format("{}\n{}\n{}", source.reader->kind, source.path.native(), settings_text(read));
  return {.path = folder / (hex(sha1(what)) + kSampleFileEnding),
          .identity = sha1(what + state.text)};
}

std::optional<RawDataset> look_up(const Entry& entry, bool strict) {
  if (!path_exists(entry.path)) return std::nullopt;
  try {
    RawDataset set = open_sample_file(entry.path, entry.identity, entry.path);
    // Read anew, it is refused with the name of the file.
    if (strict && set.findings.broken > 0) return std::nullopt;
    return set;
  } catch (const DataError&) {
    return std::nullopt;  // stale or damaged: what is built takes its place
  }
}

/// Bytes that samples may take of the memory.
std::uintmax_t share_of_memory() { return memory_limit() / 10 * kTenthsOfMemory; }

/// What reads a set whatever becomes of its samples.
using ReadSet = std::function<RawDataset(const ReadOptions&)>;

/// In memory, as long as there is enough of it; `why` says why there is no other place.
RawDataset read_into_memory(const Source& source, const ReadSet& read_set, ReadOptions read,
                            const std::string& why) {
  const std::uintmax_t most = share_of_memory();
  read.hooks.between_samples = [&](const RawDataset& so_far) {
    if (bytes_in_memory(so_far) <= most) return;
    raise<DataError>(
        "{}: samples = more than {} MiB: too many for the memory, and {}: set THIMBLE_CACHE to a "
        "folder with room",
        printable(source.path.string()), most >> 20, why);
  };
  return read_set(read);
}

/// Reads a set and keeps it. Nothing when another process was doing so and is done.
std::optional<CachedRead> read_and_keep(const Source& source, const ReadSet& read_set,
                                        const ReadOptions& read, const DatasetOptions& options,
                                        const SourceState& before, const Entry& entry) {
  CacheOptions cache = options.cache;
  if (source.reader->quick) {
    cache.least_files = SIZE_MAX;
    cache.least_bytes = UINTMAX_MAX;
    cache.most_in_memory = cache.most_of_quick.value_or(share_of_memory());
  }
  const bool certain = wait_for_tick(before);
  std::optional<DraftFile> draft;
  std::optional<SampleFileWriter> writer;
  struct AnotherWasFirst {};
  const auto begin = [&] {
    auto created = DraftFile::create(entry.path, [&] {
      if (options.progress) options.progress({.doing = "read by another process"});
    });
    if (!created) throw AnotherWasFirst{};
    // It may have appeared between looking and locking.
    if (look_up(entry, read.strict)) throw AnotherWasFirst{};
    draft.emplace(std::move(*created));
    remove_dead_drafts(cache.folder);
    writer.emplace(draft->descriptor(), printable(draft->path().string()));
  };
  ReadOptions with_hooks = read;
  with_hooks.hooks.between_samples = [&](RawDataset& so_far) {
    if (bytes_in_memory(so_far) < (writer ? kPiece : cache.most_in_memory)) return;
    if (!writer) begin();
    writer->take(so_far);
  };
  CachedRead result;
  try {
    // Begun before the first file is read, so that others wait instead of reading them too.
    if (before.files >= cache.least_files || before.bytes >= cache.least_bytes) begin();
    result.set = read_set(with_hooks);
  } catch (const AnotherWasFirst&) {
    return std::nullopt;
  }
  const RawDataset& set = result.set;
  if (!writer || (set.train.empty() && set.validation.empty() && set.test.empty())) return result;
  writer->finish(result.set, entry.identity);
  result.set = open_sample_file(draft->path(), entry.identity, entry.path);
  // What is changed while it is read may have been read half before and half after.
  const bool unchanged = source_state(by_true_name(source)).text == before.text;
  if (certain && unchanged) {
    draft->commit();
    remove_normalisations(entry.path);
    result.path = entry.path;
    result.identity = entry.identity;
  } else if (options.warn) {
    options.warn(
        fmt::format("{}: {}: is read anew next time", printable(source.path.string()),
                    unchanged ? "has files from the future" : "was changed while it was read"));
  }
  return result;
}

}  // namespace

CachedRead read_through_cache(const Source& source, const ReadOptions& read,
                              const DatasetOptions& options, const Expected& expected) {
  const ReadSet read_set = [&](const ReadOptions& how) {
    return source.reader->read(source.path, expected, how);
  };
  if (options.cache.folder.empty()) {
    return {.set = read_into_memory(source, read_set, read, "there is no cache")};
  }
  while (true) {
    const Source kept_as = by_true_name(source);
    const SourceState state = source_state(kept_as);
    const Entry entry = entry_of(kept_as, read, state, options.cache.folder);
    if (auto set = look_up(entry, read.strict)) {
      return {.set = std::move(*set), .path = entry.path, .identity = entry.identity};
    }
    try {
      if (auto kept = read_and_keep(source, read_set, read, options, state, entry)) {
        return std::move(*kept);
      }
    } catch (const WriteFailure& failure) {
      if (options.warn) {
        options.warn(fmt::format("cache: {}: the set stays in memory", failure.text));
      }
      return {.set =
                  read_into_memory(source, read_set, read,
                                   fmt::format("the cache cannot be written: {}", failure.text))};
    }
  }
}

}  // namespace thimble
