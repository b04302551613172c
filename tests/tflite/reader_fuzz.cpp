// What must hold for any bytes at all: the reader answers or throws a ModelError of one line that
// begins with the file's name, and what it answers can be written and read again.
// reader_fuzz_test.cpp runs it on mutations of good files; with clang, -fsanitize=fuzzer makes a
// program of this file and the library that goes on by itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string_view>

#include "thimble/core/error.hpp"
#include "thimble/tflite/reader.hpp"
#include "thimble/tflite/writer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// Returns 1 when the bytes are a network.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::optional<thimble::QuantizedModel> model;
  try {
    model = thimble::read_tflite(std::span(data, size), "fuzz.tflite");
  } catch (const thimble::ModelError& error) {
    const std::string_view text = error.what();
    if (!text.starts_with("fuzz.tflite: ") || text.find('\n') != text.npos) std::abort();
    return 0;
  }
  const auto written = thimble::write_tflite(*model);
  if (thimble::write_tflite(thimble::read_tflite(written, "written")) != written) std::abort();
  return 1;
}
