#include <gmock/gmock.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "support/random_models.hpp"
#include "tflite/made_file.hpp"
#include "thimble/tflite/writer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace thimble {
namespace {

using FileBytes = std::vector<std::uint8_t>;

/// One to three injuries: a changed byte or bit, a cut, a lost or added byte, or a number that
/// sizes, offsets and tensor numbers stumble over.
FileBytes mutated(FileBytes bytes, Rng& rng) {
  constexpr std::array<std::int32_t, 12> kNumbers = {
      0, 1, 2, 3, -1, -2, 127, 255, 65536, 1 << 30, INT32_MAX, INT32_MIN};
  const auto place = [&] {
    return static_cast<std::size_t>(
        rng.uniform_int(0, static_cast<std::int64_t>(bytes.size()) - 1));
  };
  for (auto injuries = rng.uniform_int(1, 3); injuries > 0 && bytes.size() > 4; --injuries) {
    switch (rng.uniform_int(0, 12)) {
      case 0:
        bytes.resize(place());
        break;
      case 1:
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(place()),
                     static_cast<std::uint8_t>(rng.bits()));
        break;
      case 2:
        bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(place()));
        break;
      case 3:
      case 4:
      case 5:
        bytes[place()] = static_cast<std::uint8_t>(rng.bits());
        break;
      case 6:
      case 7:
      case 8:
        bytes[place()] ^= static_cast<std::uint8_t>(1 << rng.uniform_int(0, 7));
        break;
      default: {
        const std::int32_t number = kNumbers[static_cast<std::size_t>(
            rng.uniform_int(0, static_cast<std::int64_t>(kNumbers.size()) - 1))];
        std::memcpy(&bytes[(place() & ~std::size_t{3}) % (bytes.size() - 3)], &number,
                    sizeof number);
      }
    }
  }
  return bytes;
}

TEST(TfliteReaderFuzz, NoInjuryToAFileDoesMoreThanAnError) {
  Rng rng(1);
  std::vector<FileBytes> good = {testing::made_classifier().bytes()};
  while (good.size() < 40) {
    const auto operators = static_cast<int>(rng.uniform_int(1, 8));
    const auto which =
        good.size() % 2 == 0 ? testing::Operators::kTrainable : testing::Operators::kAll;
    Graph graph = testing::random_deployed_graph(rng, operators, which);
    FileBytes file = write_tflite(testing::random_quantized_model(rng, std::move(graph)));
    if (file.size() < 6000) good.push_back(std::move(file));
  }
  int accepted = 0;
  int refused = 0;
  for (const FileBytes& file : good) {
    ASSERT_EQ(LLVMFuzzerTestOneInput(file.data(), file.size()), 1);
    for (int i = 0; i < 200; ++i) {
      const FileBytes bad = mutated(file, rng);
      (LLVMFuzzerTestOneInput(bad.data(), bad.size()) > 0 ? accepted : refused) += 1;
    }
  }
  EXPECT_GT(accepted, 500) << "the injuries are too rough to reach past the structure";
  EXPECT_GT(refused, 2000);
}

TEST(TfliteReaderFuzz, RandomBytesAreRefused) {
  Rng rng(2);
  for (int i = 0; i < 500; ++i) {
    FileBytes bytes(static_cast<std::size_t>(rng.uniform_int(0, 200)));
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(rng.bits());
    if (bytes.size() >= 8 && rng.chance(0.9)) std::memcpy(&bytes[4], "TFL3", 4);
    EXPECT_EQ(LLVMFuzzerTestOneInput(bytes.data(), bytes.size()), 0);
  }
}

TEST(TfliteReaderFuzz, EveryCutOfAFileIsRefused) {
  const FileBytes file = testing::made_classifier().bytes();
  for (std::size_t size = 0; size < file.size(); ++size) {
    const FileBytes cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(LLVMFuzzerTestOneInput(cut.data(), cut.size()), 0) << size << " bytes";
  }
}

}  // namespace
}  // namespace thimble
