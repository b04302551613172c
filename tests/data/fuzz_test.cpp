#include "data/fixtures.hpp"
#include "thimble/core/rng.hpp"
#include "thimble/data/npy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace thimble {
namespace {

using fixtures::ByteVector;

/// One to four small injuries: a changed byte or bit, a cut, an insertion, a header field of all
/// ones.
ByteVector mutated(ByteVector bytes, Rng& rng) {
  const auto place = [&] {
    return static_cast<std::size_t>(
        rng.uniform_int(0, static_cast<std::int64_t>(bytes.size()) - 1));
  };
  for (auto injuries = rng.uniform_int(1, 4); injuries > 0 && !bytes.empty(); --injuries) {
    switch (rng.uniform_int(0, 4)) {
      case 0:
        bytes[place()] = static_cast<std::uint8_t>(rng.bits());
        break;
      case 1:
        bytes[place()] ^= static_cast<std::uint8_t>(1 << rng.uniform_int(0, 7));
        break;
      case 2:
        bytes.resize(place());
        break;
      case 3:
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(place()),
                     static_cast<std::uint8_t>(rng.bits()));
        break;
      default:
        for (std::size_t i = std::min<std::size_t>(place(), 20), n = 0; n < 4 && i < bytes.size();
             ++i, ++n) {
          bytes[i] = 0xff;
        }
    }
  }
  return bytes;
}

TEST(Fuzz, NoInjuryToAFileDoesMoreThanAnError) {
  // Images 2×3×2 (16 + 12 bytes), then their labels (8 + 2); 189/256 of 38 bytes are 28.
  ByteVector pair = {189};
  for (const ByteVector& file :
       {fixtures::idx({2, 3, 2}, ByteVector(12, 7)), fixtures::idx({2}, {1, 9})}) {
    pair.insert(pair.end(), file.begin(), file.end());
  }
  ByteVector records(1 + 2 * 3073, 3);
  ByteVector array = {0};
  const ByteVector npy =
      write_npy({.type = "i2", .shape = {2, 3}, .bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}});
  array.insert(array.end(), npy.begin(), npy.end());
  Rng rng(1);
  int accepted = 0;
  int refused = 0;
  for (const ByteVector& good : {pair, records, array}) {
    ASSERT_EQ(LLVMFuzzerTestOneInput(good.data(), good.size()), 1);
    for (int i = 0; i < 4000; ++i) {
      const ByteVector bad = mutated(good, rng);
      (LLVMFuzzerTestOneInput(bad.data(), bad.size()) > 0 ? accepted : refused) += 1;
    }
  }
  EXPECT_GT(accepted, 100) << "the mutations are too rough to reach past the header";
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace thimble
