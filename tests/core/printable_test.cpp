#include "thimble/core/printable.hpp"

#include <gtest/gtest.h>

namespace thimble {
namespace {

TEST(Printable, IsOneLineOfUtf8AndTellsNamesApart) {
  EXPECT_EQ(printable("größe 日本 😀"), "größe 日本 😀");
  EXPECT_EQ(printable("a\nb\tc\x01\x7f"), "a\\nb\\tc\\x01\\x7f");
  EXPECT_EQ(printable("\xFF\xC0\x80\xED\xA0\x80"), "\\xff\\xc0\\x80\\xed\\xa0\\x80");
  EXPECT_EQ(printable("\xE6\x97"), "\\xe6\\x97") << "cut off in a character";
  EXPECT_EQ(printable("\xC2\x85"), "\\xc2\\x85") << "a control character of two bytes";
  EXPECT_NE(printable("a\\n"), printable("a\n"));
}

}  // namespace
}  // namespace thimble
