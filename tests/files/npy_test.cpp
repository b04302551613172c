#include "thimble/files/npy.hpp"

#include <gtest/gtest.h>

#include "thimble/core/error.hpp"
#include "thimble/core/rng.hpp"

namespace thimble {
namespace {

/// What numpy.save writes for numpy.array([[1, -1, 2]], dtype=int8).
std::string numpy_file(std::string descr = "|i1", std::string order = "False",
                       std::string shape = "(1, 3)", std::string body = "\x01\xff\x02") {
  std::string header =
      "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
  header.append(127 - 10 - header.size(), ' ');
  header += '\n';
  return std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + body;
}

NpyArray parsed(const std::string& file) {
  return parse_npy({reinterpret_cast<const std::uint8_t*>(file.data()), file.size()}, "x.npy");
}

std::string refusal(const std::string& file) {
  try {
    parsed(file);
  } catch (const DataError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(ParseNpy, ReadsWhatNumpyWrites) {
  const NpyArray array = parsed(numpy_file());
  EXPECT_EQ(array.type, "i1");
  EXPECT_EQ(array.shape, (std::vector<std::int64_t>{1, 3}));
  EXPECT_EQ(array.bytes, (std::vector<std::uint8_t>{1, 255, 2}));
  EXPECT_EQ(parsed(numpy_file("|i1", "False", "(3,)")).shape, (std::vector<std::int64_t>{3}));
}

TEST(ParseNpy, ComplainsInOneLineOfATypeOfSeveral) {
  EXPECT_EQ(refusal(numpy_file("i2\n\x01 and so on, at length")),
            "x.npy: type = i2\\n\\x01 and so on, at l: must be a plain number, such as int8");
}

TEST(ParseNpy, NamesWhatIsWrong) {
  EXPECT_EQ(refusal("hello, world"), "x.npy: is no .npy file");
  EXPECT_EQ(refusal(numpy_file().substr(0, 60)), "x.npy: is truncated in its header");
  EXPECT_EQ(refusal(numpy_file("|i1", "True")),
            "x.npy: fortran_order = True: save it in C order (numpy.ascontiguousarray)");
  EXPECT_EQ(refusal(numpy_file(">i2")), "x.npy: type = >i2: must be little-endian");
  EXPECT_EQ(refusal(numpy_file("|O")), "x.npy: type = |O: must be a plain number, such as int8");
  EXPECT_EQ(refusal(numpy_file("|i1", "False", "(1, 4)")),
            "x.npy: has 3 bytes of values: not what its header says");
  EXPECT_EQ(refusal(numpy_file("|i1", "False", "(4294967296, 4294967296, 3)")),
            "x.npy: has 3 bytes of values: not what its header says");
}

TEST(ParseNpy, SurvivesDamage) {
  Rng rng(1);
  const std::string whole = numpy_file();
  for (int i = 0; i < 3000; ++i) {
    std::string damaged = whole.substr(0, static_cast<std::size_t>(rng.uniform_int(0, 131)));
    for (int k = 0; k < 3 && !damaged.empty(); ++k) {
      damaged[static_cast<std::size_t>(
          rng.uniform_int(0, static_cast<std::int64_t>(damaged.size()) - 1))] =
          static_cast<char>(rng.uniform_int(0, 255));
    }
    try {
      parsed(damaged);
    } catch (const DataError&) {  // the only thing that may be thrown
    }
  }
}

TEST(WriteNpy, IsReadBack) {
  const NpyArray array{.type = "f4", .shape = {2, 1, 3}, .bytes = std::vector<std::uint8_t>(24, 7)};
  const auto file = write_npy(array);
  EXPECT_EQ(parse_npy(file, "x.npy"), array);
  EXPECT_EQ((file.size() - 24) % 64, 0U);
}

}  // namespace
}  // namespace thimble
