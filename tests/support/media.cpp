#include "support/media.hpp"

#include <png.h>
#include <sndfile.h>
#include <turbojpeg.h>

namespace thimble::fixtures {

ByteVector png(int height, int width, int channels, const ByteVector& pixels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.height = static_cast<png_uint_32>(height);
  image.width = static_cast<png_uint_32>(width);
  image.format = channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  png_alloc_size_t size = 0;
  EXPECT_TRUE(png_image_write_get_memory_size(image, size, 0, pixels.data(), 0, nullptr));
  ByteVector file(size);
  EXPECT_TRUE(png_image_write_to_memory(&image, file.data(), &size, 0, pixels.data(), 0, nullptr));
  file.resize(size);
  return file;
}

ByteVector jpeg(int height, int width, int channels, const ByteVector& pixels) {
  tjhandle handle = tjInitCompress();
  unsigned char* out = nullptr;
  unsigned long size = 0;
  EXPECT_EQ(
      tjCompress2(handle, pixels.data(), width, 0, height, channels == 3 ? TJPF_RGB : TJPF_GRAY,
                  &out, &size, channels == 3 ? TJSAMP_444 : TJSAMP_GRAY, 95, 0),
      0);
  ByteVector file(out, out + size);
  tjFree(out);
  tjDestroy(handle);
  return file;
}

ByteVector bmp(int height, int width, const ByteVector& rgb) {
  const int row = (3 * width + 3) / 4 * 4;
  ByteVector file;
  append(file, "BM");
  append(file, static_cast<std::uint64_t>(54 + row * height), 4);
  append(file, 0, 4);
  append(file, 54, 4);
  append(file, 40, 4);
  append(file, static_cast<std::uint64_t>(width), 4);
  append(file, static_cast<std::uint64_t>(height), 4);
  append(file, 1, 2);
  append(file, 24, 2);
  file.resize(54);
  for (int y = height - 1; y >= 0; --y) {
    const std::size_t end = file.size() + static_cast<std::size_t>(row);
    for (int x = 0; x < width; ++x) {
      const auto at = static_cast<std::size_t>(3 * (y * width + x));
      for (const std::size_t c : {2, 1, 0}) file.push_back(rgb[at + c]);
    }
    file.resize(end);
  }
  return file;
}

ByteVector pgm(int height, int width, const ByteVector& pixels) {
  ByteVector file =
      bytes("P5 # a comment\n" + std::to_string(width) + ' ' + std::to_string(height) + "\n255\n");
  file.insert(file.end(), pixels.begin(), pixels.end());
  return file;
}

ByteVector wav(const std::vector<std::int16_t>& samples, int rate, int channels) {
  ByteVector file;
  append(file, "RIFF");
  append(file, 36 + 2 * samples.size(), 4);
  append(file, "WAVEfmt ");
  append(file, 16, 4);
  append(file, 1, 2);
  append(file, static_cast<std::uint64_t>(channels), 2);
  append(file, static_cast<std::uint64_t>(rate), 4);
  append(file, static_cast<std::uint64_t>(2 * channels * rate), 4);
  append(file, static_cast<std::uint64_t>(2 * channels), 2);
  append(file, 16, 2);
  append(file, "data");
  append(file, 2 * samples.size(), 4);
  for (const std::int16_t sample : samples) append(file, static_cast<std::uint16_t>(sample), 2);
  return file;
}

ByteVector flac(const std::vector<std::int16_t>& samples, int rate, int channels) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.flac";
  SF_INFO info{};
  info.samplerate = rate;
  info.channels = channels;
  info.format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
  SNDFILE* file = sf_open(path.c_str(), SFM_WRITE, &info);
  EXPECT_NE(file, nullptr);
  EXPECT_EQ(sf_write_short(file, samples.data(), std::ssize(samples)), std::ssize(samples));
  sf_close(file);
  return read_bytes(path);
}

/// Each in so many bytes.
void append_numbers(ByteVector& out, std::initializer_list<std::pair<std::uint64_t, int>> numbers) {
  for (const auto& [value, size] : numbers) append(out, value, size);
}

ByteVector zip(const std::vector<std::pair<std::string, ByteVector>>& files) {
  ByteVector out;
  ByteVector directory;
  for (const auto& [name, content] : files) {
    const auto sum = crc32_z(0, content.data(), content.size());
    const std::size_t begin = out.size();
    append(out, "PK\3\4");
    append_numbers(out, {{20, 2},
                         {0, 2},
                         {0, 2},
                         {0, 4},
                         {sum, 4},
                         {content.size(), 4},
                         {content.size(), 4},
                         {name.size(), 2},
                         {0, 2}});
    append(out, name);
    out.insert(out.end(), content.begin(), content.end());
    append(directory, "PK\1\2");
    append_numbers(directory, {{20, 2},
                               {20, 2},
                               {0, 2},
                               {0, 2},
                               {0, 4},
                               {sum, 4},
                               {content.size(), 4},
                               {content.size(), 4},
                               {name.size(), 2},
                               {0, 2},
                               {0, 2},
                               {0, 2},
                               {0, 2},
                               {0, 4},
                               {begin, 4}});
    append(directory, name);
  }
  const std::size_t begin = out.size();
  out.insert(out.end(), directory.begin(), directory.end());
  append(out, "PK\5\6");
  append_numbers(out, {{0, 2},
                       {0, 2},
                       {files.size(), 2},
                       {files.size(), 2},
                       {directory.size(), 4},
                       {begin, 4},
                       {0, 2}});
  return out;
}

}  // namespace thimble::fixtures
