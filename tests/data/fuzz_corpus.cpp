// Writes good files for the fuzzer to begin with: FOLDER/TARGET/NAME.
#include <cstdio>

#include "data/fuzz_seeds.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: data_fuzz_corpus FOLDER\n", stderr);
    return 2;
  }
  for (const auto& seed : thimble::fixtures::fuzz_seeds()) {
    const auto folder = std::filesystem::path(argv[1]) / seed.target;
    std::filesystem::create_directories(folder);
    thimble::write_file(folder / seed.name, seed.file);
  }
}
