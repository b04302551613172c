#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace thimble::fixtures {

// What must hold for any bytes at all: a parser answers, and what it answers holds together, or it
// throws a DataError of one line that begins with the place; anything else aborts. Each returns 1
// when the bytes were taken. fuzz_test.cpp runs them on mutations of good files; tools/fuzz goes on
// by itself.
int fuzz_idx(std::span<const std::uint8_t> bytes);
/// The first byte is where images end and labels begin, in 256ths.
int fuzz_idx_pair(std::span<const std::uint8_t> bytes);
int fuzz_cifar(std::span<const std::uint8_t> bytes);
int fuzz_npy(std::span<const std::uint8_t> bytes);
int fuzz_zip(std::span<const std::uint8_t> bytes);
int fuzz_wav(std::span<const std::uint8_t> bytes);
int fuzz_csv(std::span<const std::uint8_t> bytes);
int fuzz_coco(std::span<const std::uint8_t> bytes);
/// The first byte is where a header ends and marks begin, in 256ths.
int fuzz_wfdb(std::span<const std::uint8_t> bytes);
int fuzz_image(std::span<const std::uint8_t> bytes);
/// Its checksums are set right first: else nothing gets past them.
int fuzz_samples(std::span<const std::uint8_t> bytes);
/// What the files of `fuzz_samples` call themselves.
inline constexpr std::array<std::uint32_t, 5> kFuzzIdentity = {1, 2, 3, 4, 5};

}  // namespace thimble::fixtures
