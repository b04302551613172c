#include <gtest/gtest.h>
#include "support/random_models.hpp"
#include "thimble/core/file.hpp"
#include "thimble/tflite/writer.hpp"
#include <filesystem>
namespace thimble {
TEST(X, Y) {
  std::filesystem::create_directories("/tmp/jt/m");
  std::string l1, l2;
  for (int s = 0; s < 200; ++s) {
    Rng rng(s);
    auto m = testing::random_quantized_model(rng, testing::random_deployed_graph(rng, (int)rng.uniform_int(1, 16)));
    auto in = testing::random_inputs(rng, m.graph, 50);
    auto p = "/tmp/jt/m/" + std::to_string(s);
    write_file(p + ".tflite", write_tflite(m)); write_file(p + ".full.tflite", write_tflite(m, {.for_tensorflow_lite = true}));
    write_file(p + ".txt", describe(m.graph));
    write_file(p + ".in", std::span<const std::uint8_t>((const std::uint8_t*)in.data(), in.size()));
    l1 += p + ".tflite " + p + ".in " + p + ".tflm\n";
    l2 += p + ".full.tflite " + p + ".in " + p + ".litert\n";
  }
  write_file("/tmp/jt/l1", l1);
  write_file("/tmp/jt/l2", l2);
}
}
