// Writes the seeds from which the fuzzer of the TensorFlow Lite reader starts: one file of the
// converter's kind, and small random networks that together hold every operator.
// Usage: tflite_reader_corpus FOLDER
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "support/random_models.hpp"
#include "tflite/made_file.hpp"
#include "thimble/core/file.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {
namespace {

constexpr int kNetworks = 200;
constexpr std::size_t kLargest = 6000;  // bytes: small files are fuzzed faster

void write_corpus(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  write_file(folder / "made", testing::made_classifier().bytes());
  for (int i = 0; i < kNetworks; ++i) {
    Rng rng(static_cast<std::uint64_t>(i));
    const auto operators = static_cast<int>(rng.uniform_int(1, 6));
    Graph graph = testing::random_deployed_graph(rng, operators, testing::Operators::kAll);
    const auto file = write_tflite(testing::random_quantized_model(rng, std::move(graph)));
    if (file.size() <= kLargest) write_file(folder / fmt::format("random_{}", i), file);
  }
}

}  // namespace
}  // namespace thimble

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: tflite_reader_corpus FOLDER\n", stderr);
    return 2;
  }
  try {
    thimble::write_corpus(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tflite_reader_corpus: %s\n", error.what());
    return 2;
  }
}
