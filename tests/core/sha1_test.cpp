#include "thimble/core/sha1.hpp"

#include <gmock/gmock.h>

namespace thimble {
namespace {

using ::testing::ElementsAre;

TEST(Sha1, GivesThePublishedSums) {
  // FIPS 180-2, appendix A: one block, two blocks; and the empty text.
  EXPECT_THAT(sha1("abc"), ElementsAre(0xa9993e36, 0x4706816a, 0xba3e2571, 0x7850c26c, 0x9cd0d89d));
  EXPECT_THAT(sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              ElementsAre(0x84983e44, 0x1c3bd26e, 0xbaae4aa1, 0xf95129e5, 0xe54670f1));
  EXPECT_THAT(sha1(""), ElementsAre(0xda39a3ee, 0x5e6b4b0d, 0x3255bfef, 0x95601890, 0xafd80709));
}

}  // namespace
}  // namespace thimble
