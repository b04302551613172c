#pragma once

#include <filesystem>
#include <vector>

#include "thimble/readers/reader.hpp"

namespace thimble {

/// A list of files, one JSON object a line: a file .jsonl or .ndjson, or `manifest.jsonl` in a
/// folder.
///
///     {"path": "yes/a.wav", "label": "yes", "split": "train", "group": "speaker 3"}
///
/// `path` is relative to the list's folder; `label` and `group` are words or whole numbers; `split`
/// (train, validation or test; train when not given), `group` and `anomalous` (true or false) may
/// be left out. All files are images or all are sound.
bool recognises_manifest(const std::filesystem::path& path);
RawDataset read_manifest(const std::filesystem::path& path, const ReadOptions& options);
/// The list and the files that it names, wherever they lie.
std::vector<std::filesystem::path> manifest_files(const std::filesystem::path& path);

}  // namespace thimble
