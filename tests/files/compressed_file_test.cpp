#include "thimble/files/compressed_file.hpp"

#include "support/fixtures.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/rng.hpp"

namespace thimble {
namespace {

using fixtures::ByteVector;
using fixtures::error_of;
using fixtures::gzip;
using fixtures::TemporaryFolder;
using testing::HasSubstr;

/// Three megabytes that hardly compress, so that they need several reads.
ByteVector noise() {
  Rng rng(5);
  ByteVector bytes(3'000'000);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng.bits());
  return bytes;
}

TEST(CompressedFile, ReadsGzipAndPlainBytesAlike) {
  const TemporaryFolder folder;
  for (const ByteVector& bytes : {ByteVector{}, ByteVector{1, 2, 3}, noise()}) {
    EXPECT_EQ(read_compressed(folder.write("plain", bytes)), bytes);
    EXPECT_EQ(read_compressed(folder.write("packed", gzip(bytes))), bytes);
  }
}

TEST(CompressedFile, NoticesEveryTruncation) {
  const TemporaryFolder folder;
  const ByteVector whole = gzip({1, 2, 3, 4, 5, 6, 7, 8});
  // A single byte 1f is no gzip file yet, but a plain one.
  for (std::size_t size = 2; size < whole.size(); ++size) {
    const auto path =
        folder.write("cut.gz", ByteVector(whole.begin(), whole.begin() + std::ptrdiff_t(size)));
    EXPECT_THAT(error_of<DataError>([&] { read_compressed(path); }), HasSubstr("cut.gz: is "))
        << size;
  }
}

TEST(CompressedFile, NoticesAWrongChecksum) {
  const TemporaryFolder folder;
  ByteVector bytes = gzip(noise());
  bytes[bytes.size() - 8] ^= 1;
  EXPECT_THAT(error_of<DataError>([&] { read_compressed(folder.write("bad.gz", bytes)); }),
              HasSubstr("bad.gz: is damaged"));
}

TEST(CompressedFile, NamesWhatCannotBeRead) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of<DataError>([&] { read_compressed(folder.path() / "absent"); }),
              HasSubstr("absent: cannot be read: No such file"));
  EXPECT_THAT(error_of<DataError>([&] { read_compressed(folder.path()); }),
              HasSubstr("is a folder"));
}

}  // namespace
}  // namespace thimble
