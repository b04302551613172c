#include "thimble/files/image.hpp"

#include <cmath>
#include <cstdlib>

#include "support/media.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/rng.hpp"

namespace thimble {
namespace {

using fixtures::bmp;
using fixtures::bytes;
using fixtures::ByteVector;
using fixtures::error_of;
using fixtures::jpeg;
using fixtures::pgm;
using fixtures::png;
using testing::ElementsAre;
using testing::HasSubstr;

ByteVector random_pixels(int count, std::uint64_t seed) {
  Rng rng(seed);
  ByteVector pixels(static_cast<std::size_t>(count));
  for (auto& pixel : pixels) pixel = static_cast<std::uint8_t>(rng.bits());
  return pixels;
}

Image random_image(int height, int width, int channels, std::uint64_t seed) {
  return {.shape = {.height = height, .width = width, .channels = channels},
          .pixels = random_pixels(height * width * channels, seed)};
}

TEST(DecodeImage, GivesThePixelsThatALosslessFileWasWrittenWith) {
  for (const int channels : {1, 3}) {
    const Image image = random_image(5, 7, channels, 1);
    const ByteVector file = png(5, 7, channels, image.pixels);
    EXPECT_EQ(image_shape(file, "a"), image.shape);
    EXPECT_EQ(decode_image(file, "a"), image);
  }
  const Image colour = random_image(5, 7, 3, 2);
  EXPECT_EQ(decode_image(bmp(5, 7, colour.pixels), "a"), colour);
  const Image grey = random_image(4, 3, 1, 3);
  EXPECT_EQ(decode_image(pgm(4, 3, grey.pixels), "a"), grey);
}

TEST(DecodeImage, GivesAboutThePixelsOfAJpeg) {
  for (const int channels : {1, 3}) {
    const ByteVector flat(static_cast<std::size_t>(16 * 24 * channels), 120);
    const Image image = decode_image(jpeg(16, 24, channels, flat), "a");
    EXPECT_EQ(image.shape, (Shape{.height = 16, .width = 24, .channels = channels}));
    for (const std::uint8_t pixel : image.pixels) ASSERT_NEAR(pixel, 120, 2);
  }
}

TEST(DecodeImage, ReadsTheVariantsOfNetpbm) {
  EXPECT_THAT(decode_image(bytes("P2\n2 2 # wide, high\n15\n0 5 10 15"), "a").pixels,
              ElementsAre(0, 85, 170, 255));
  EXPECT_THAT(decode_image(bytes("P3 1 1 255 1 2 3\n"), "a").pixels, ElementsAre(1, 2, 3));
  // 16 bits, the high byte first: 0x8000 of 0xFFFF is 127.5, rounded to nearest 128.
  ByteVector deep = bytes("P5 2 1 65535\n");
  for (const int byte : {0x80, 0x00, 0xFF, 0xFF}) deep.push_back(static_cast<std::uint8_t>(byte));
  EXPECT_THAT(decode_image(deep, "a").pixels, ElementsAre(128, 255));
  EXPECT_EQ(error_of<DataError>([] { decode_image(bytes("P2 2 2 9 1 2 10 4"), "a"); }),
            "a: value 2 = 10: at most 9, says the header");
  EXPECT_EQ(error_of<DataError>([] { decode_image(bytes("P5 2 2 255\nabc"), "a"); }),
            "a: is cut off: 4 values expected");
}

TEST(DecodeImage, ReadsBitmapsOfFewColours) {
  // 3×1 of 1 bit: two greys, the pixels 1 0 1.
  ByteVector file = bmp(1, 1, {0, 0, 0});
  file.resize(54);
  file[10] = 62;
  file[18] = 3;
  file[28] = 1;
  for (const int byte : {10, 10, 10, 0, 200, 200, 200, 0, 0b10100000, 0, 0, 0}) {
    file.push_back(static_cast<std::uint8_t>(byte));
  }
  EXPECT_THAT(decode_image(file, "a").pixels, ElementsAre(200, 10, 200));
  file[54 + 4] = 7;  // blue of the second colour: no grey any more
  EXPECT_THAT(decode_image(file, "a").pixels, ElementsAre(200, 200, 7, 10, 10, 10, 200, 200, 7));
  file[30] = 1;
  EXPECT_THAT(error_of<DataError>([&] { decode_image(file, "a"); }), HasSubstr("compression 1"));
}

TEST(DecodeImage, RefusesWhatIsCutOffAnywhere) {
  const Image image = random_image(9, 9, 3, 4);
  const ByteVector files[] = {
      png(9, 9, 3, image.pixels), bmp(9, 9, image.pixels), jpeg(9, 9, 3, image.pixels),
      pgm(9, 9, ByteVector(image.pixels.begin(), image.pixels.begin() + 81))};
  for (const ByteVector& file : files) {
    // Behind the pixels a PNG has 20 bytes of checksums and its end, a JPEG 2.
    for (std::size_t size = 0; size + 24 < file.size(); ++size) {
      const std::string error =
          error_of<DataError>([&] { decode_image(std::span(file).first(size), "a.png"); });
      ASSERT_TRUE(error.starts_with("a.png: ") && error.find('\n') == std::string::npos) << error;
    }
  }
}

TEST(DecodeImage, RefusesBombsByTheirHeader) {
  const ByteVector pixels(16 * 16 * 3, 5);
  // The header of a PNG: width and height at byte 16, its checksum at 29.
  ByteVector bomb = png(16, 16, 3, pixels);
  for (const std::size_t at : {17, 21}) bomb[at] = 1;  // 65552 × 65552
  const auto sum = crc32_z(0, bomb.data() + 12, 17);
  for (std::size_t i = 0; i < 4; ++i) bomb[29 + i] = static_cast<std::uint8_t>(sum >> (24 - 8 * i));
  EXPECT_EQ(error_of<DataError>([&] { decode_image(bomb, "a.png"); }),
            "a.png: image = 65552×65552 pixels: 1 to 67108864 in all are read");
  bomb = jpeg(16, 16, 3, pixels);
  // The frame, FF C0, size, 08, then height and width.
  for (std::size_t i = 0; i + 8 < bomb.size(); ++i) {
    if (bomb[i] != 0xFF || bomb[i + 1] != 0xC0) continue;
    bomb[i + 5] = bomb[i + 7] = 0xFF;
    break;
  }
  EXPECT_EQ(error_of<DataError>([&] { decode_image(bomb, "a.jpg"); }),
            "a.jpg: image = 65296×65296 pixels: 1 to 67108864 in all are read");
  EXPECT_THAT(error_of<DataError>([] { decode_image(bytes("P5 99999 99999 255\n"), "a"); }),
              HasSubstr("image = 99999×99999 pixels"));
}

TEST(WithChannels, WeighsColoursAsTelevisionDoes) {
  const Image image{.shape = {.height = 1, .width = 4, .channels = 3},
                    .pixels = {255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9}};
  // 0.299 · 255 = 76.2, 0.587 · 255 = 149.7, 0.114 · 255 = 29.07.
  EXPECT_THAT(with_channels(image, 1).pixels, ElementsAre(76, 150, 29, 9));
  EXPECT_THAT(with_channels(with_channels(image, 1), 3).pixels,
              ElementsAre(76, 76, 76, 150, 150, 150, 29, 29, 29, 9, 9, 9));
}

/// What `resized` gives at one place, in exact halves: by going over every pixel there is.
double brute_force(const Image& image, Extent size, int y, int x, int c) {
  const auto weight = [](int from, int to, int out, int in) {
    if (from == to) return out == in ? 1.0 : 0.0;
    if (to < from) {  // the share of [out, out + 1) · from / to that [in, in + 1) covers
      const double scale = static_cast<double>(from) / to;
      const double overlap =
          std::min((out + 1) * scale, in + 1.0) - std::max(out * scale, in + 0.0);
      return std::max(overlap, 0.0) / scale;
    }
    const double at = std::min(std::max((out + 0.5) * from / to - 0.5, 0.0), from - 1.0);
    return std::max(0.0, 1 - std::abs(at - in));
  };
  const Shape shape = image.shape;
  double sum = 0;
  for (int v = 0; v < shape.height; ++v) {
    for (int u = 0; u < shape.width; ++u) {
      sum += weight(shape.height, size.height, y, v) * weight(shape.width, size.width, x, u) *
             image.pixels[static_cast<std::size_t>((v * shape.width + u) * shape.channels + c)];
    }
  }
  return sum;
}

TEST(Resized, IsTheAverageOfTheAreaOrLinearBetweenCentres) {
  Rng rng(5);
  for (int round = 0; round < 60; ++round) {
    const auto side = [&] { return static_cast<int>(rng.uniform_int(1, 13)); };
    const Image image = random_image(side(), side(), round % 2 ? 3 : 1, rng.bits());
    const Extent size{.height = side(), .width = side()};
    const Image out = resized(image, size);
    ASSERT_EQ(out.shape, (Shape{size.height, size.width, image.shape.channels}));
    std::size_t i = 0;
    for (int y = 0; y < size.height; ++y) {
      for (int x = 0; x < size.width; ++x) {
        for (int c = 0; c < image.shape.channels; ++c) {
          ASSERT_NEAR(out.pixels[i++], brute_force(image, size, y, x, c), 0.5 + 1e-9);
        }
      }
    }
  }
}

TEST(Resized, KeepsAnEvenImageAndHalvesByMeans) {
  const Image even{.shape = {.height = 5, .width = 5, .channels = 1}, .pixels = ByteVector(25, 77)};
  EXPECT_THAT(resized(even, {.height = 3, .width = 11}).pixels, testing::Each(77));
  const Image four{.shape = {.height = 2, .width = 2, .channels = 1}, .pixels = {0, 10, 20, 31}};
  EXPECT_THAT(resized(four, {.height = 1, .width = 1}).pixels, ElementsAre(15));  // 61 / 4 = 15.25
}

}  // namespace
}  // namespace thimble
