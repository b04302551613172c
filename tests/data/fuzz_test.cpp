#include "data/fuzz_seeds.hpp"
#include "thimble/core/rng.hpp"

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
  Rng rng(1);
  for (const fixtures::FuzzSeed& seed : fixtures::fuzz_seeds()) {
    SCOPED_TRACE(seed.target + ": " + seed.name);
    ASSERT_EQ(seed.run(seed.file), 1);
    int accepted = 0;
    int refused = 0;
    for (int i = 0; i < 2000; ++i) {
      (seed.run(mutated(seed.file, rng)) > 0 ? accepted : refused) += 1;
    }
    EXPECT_GT(accepted, 0) << "the mutations are too rough to reach past the header";
    EXPECT_GT(refused, 100);
  }
}

}  // namespace
}  // namespace thimble
