#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string_view>

#include "thimble/readers/reader.hpp"

namespace thimble {

/// Appends the records of one file of CIFAR-10's binary version (Krizhevsky 2009) to `samples`,
/// 32×32×3. A record is
///
///     0      label
///     1      1024 red values, row by row
///     1025   1024 green
///     2049   1024 blue
///
/// with `labels` of them in front, the last of which counts (CIFAR-100 has a coarse one first).
/// Throws DataError beginning with `place`: no records, half a record, a label that is not below
/// `classes`. `between` is called now and then, between two records.
void append_cifar(
    std::span<const std::uint8_t> bytes, std::string_view place, int classes, Samples& samples,
    std::size_t labels = 1, const std::function<void()>& between = [] {});

/// `data_batch_1.bin`, `data_batch_2.bin`, … without a gap, `test_batch.bin` where there is a test
/// split, and `batches.meta.txt`, one class name a line; without it the names are CIFAR-10's.
bool recognises_cifar(const std::filesystem::path& folder);
RawDataset read_cifar(const std::filesystem::path& folder, const Expected& expected,
                      const ReadOptions& options);
std::vector<std::filesystem::path> cifar_files(const std::filesystem::path& folder);

/// CIFAR-100's binary version: `train.bin`, `test.bin` where there is a test split, and
/// `fine_label_names.txt`, one class name a line (without it the names are numbers). A record has
/// two labels in front, the coarse one (of 20, passed over) and the fine one (of 100).
bool recognises_cifar_100(const std::filesystem::path& folder);
RawDataset read_cifar_100(const std::filesystem::path& folder, const Expected& expected,
                          const ReadOptions& options);
std::vector<std::filesystem::path> cifar_100_files(const std::filesystem::path& folder);

}  // namespace thimble
