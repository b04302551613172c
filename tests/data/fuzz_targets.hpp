#pragma once

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
int fuzz_image(std::span<const std::uint8_t> bytes);

}  // namespace thimble::fixtures
