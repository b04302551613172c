#include "thimble/core/units.hpp"

#include <gtest/gtest.h>

#include <concepts>

namespace thimble {
namespace {

template <class A, class B>
concept Addable = requires(A a, B b) {
  a + b;
};
static_assert(Addable<Bytes, Bytes>);
static_assert(!Addable<Bytes, Macs>, "bytes and MACs do not add");
static_assert(!Addable<Bytes, int>, "a bare number has no unit");
static_assert(64_KiB == Bytes(65536) && 30_MMAC == Macs(30'000'000));

TEST(ParseBytes, KnowsBinaryAndDecimalUnitsInAnyCase) {
  EXPECT_EQ(parse_bytes("64KiB"), Bytes(65536));
  EXPECT_EQ(parse_bytes("64KB"), Bytes(64000));
  EXPECT_EQ(parse_bytes("64kb"), Bytes(64000));
  EXPECT_EQ(parse_bytes("1.5 MiB"), Bytes(1572864));
  EXPECT_EQ(parse_bytes("65536"), Bytes(65536));
  EXPECT_EQ(parse_bytes("0B"), Bytes(0));
}

TEST(ParseBytes, RefusesWhatIsNoSize) {
  for (const char* text : {"", "KiB", "-1", "64 bananas", "1.5", "0.3KB1", "1e40", "nan", "inf"}) {
    EXPECT_FALSE(parse_bytes(text)) << text;
  }
}

TEST(ParseMacs, TakesTheSuffixWithOrWithoutItsName) {
  EXPECT_EQ(parse_macs("1.1M"), Macs(1'100'000));
  EXPECT_EQ(parse_macs("2GMACs"), Macs(2'000'000'000));
  EXPECT_EQ(parse_macs("812345"), Macs(812'345));
  EXPECT_FALSE(parse_macs("1.1Mi"));
}

TEST(ParseDuration, WantsAUnit) {
  using std::chrono::microseconds;
  EXPECT_EQ(parse_duration("50ms"), microseconds(50'000));
  EXPECT_EQ(parse_duration("20m"), microseconds(1'200'000'000));
  EXPECT_EQ(parse_duration("1.5h"), microseconds(5'400'000'000));
  EXPECT_FALSE(parse_duration("20"));
  EXPECT_FALSE(parse_duration("soon"));
}

TEST(Format, IsForPeople) {
  EXPECT_EQ(format(Bytes(512)), "512 B");
  EXPECT_EQ(format(Bytes(12880)), "12.6 KiB");  // 12880 / 1024 = 12.578
  EXPECT_EQ(format(Macs(812'345)), "812 k");
  EXPECT_EQ(format(Macs(1'100'000)), "1.10 M");
  EXPECT_EQ(format(std::chrono::seconds(372)), "6m 12s");
  EXPECT_EQ(format(std::chrono::seconds(3780)), "1h 03m");
}

}  // namespace
}  // namespace thimble
