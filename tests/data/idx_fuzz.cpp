// What must hold for any bytes at all: a parser answers or throws DataError. fuzz_test.cpp runs it
// on mutations of good files; with clang, -fsanitize=fuzzer makes a program of this file and the
// library that goes on by itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "thimble/core/error.hpp"
#include "thimble/data/cifar.hpp"
#include "thimble/data/idx.hpp"
#include "thimble/data/npy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// The first byte is where images end and labels begin, in 256ths. Returns how many of the
/// parsers took the rest.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::span bytes(data + 1, size - 1);
  const std::size_t border = bytes.size() * data[0] / 256;
  int accepted = 0;
  const auto attempt = [&](auto parse) {
    try {
      if (!parse()) std::abort();
      ++accepted;
    } catch (const thimble::DataError&) {
    }
  };
  attempt([&] {
    const thimble::IdxArray array = thimble::parse_idx(bytes, "fuzz");
    std::uint64_t values = 1;
    for (const std::uint32_t length : array.dimensions) values *= length;
    return values == array.values.size();
  });
  attempt([&] {
    const thimble::Samples samples =
        thimble::parse_idx_samples({bytes.first(border), "images"},
                                   {bytes.subspan(border), "labels"}, {.shape = {}, .classes = 10});
    return samples.pixels.size() ==
           samples.size() * static_cast<std::size_t>(samples.shape.elements());
  });
  attempt([&] {
    thimble::Samples samples;
    thimble::append_cifar(bytes, "fuzz", 10, samples);
    return samples.pixels.size() == samples.size() * 3072;
  });
  attempt([&] {
    const thimble::NpyArray array = thimble::parse_npy(bytes, "fuzz");
    return thimble::parse_npy(thimble::write_npy(array), "fuzz") == array;
  });
  return accepted;
}
