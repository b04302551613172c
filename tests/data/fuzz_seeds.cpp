#include "data/fuzz_seeds.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "data/fuzz_targets.hpp"
#include "sample_file.hpp"
#include "support/media.hpp"
#include "thimble/files/npy.hpp"

namespace thimble::fixtures {

namespace {

ByteVector sample_file() {
  const TemporaryFolder folder;
  const auto path = folder.path() / "samples";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT, 0600);
  RawDataset set;
  set.train = {.shape = {.height = 1, .width = 2, .channels = 1},
               .pixels = {1, 2, 3, 4},
               .labels = {0, 1},
               .sound = {},
               .values = {},
               .names = {"a", "b"}};
  set.class_names = {"no", "yes"};
  set.groups = {1, 2};
  set.findings.notes = {"odd"};
  SampleFileWriter(descriptor, "samples").finish(set, kFuzzIdentity);
  ::close(descriptor);
  return read_bytes(path);
}

}  // namespace

std::vector<FuzzSeed> fuzz_seeds() {
  const ByteVector images = idx({2, 3, 2}, ByteVector(12, 7));
  // Images 2×3×2 (16 + 12 bytes), then their labels (8 + 2); 189/256 of 38 bytes are 28.
  ByteVector pair = {189};
  for (const ByteVector& file : {images, idx({2}, {1, 9})}) {
    pair.insert(pair.end(), file.begin(), file.end());
  }
  const ByteVector npy =
      write_npy({.type = "i2", .shape = {2, 3}, .bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}});
  const ByteVector table =
      bytes("time,x,label,subject,split\n0.5,1e-3,run,ann,train\n1,-2,\"to \"\"sit\"\"\",,test\n");
  const ByteVector coco = bytes(
      R"({"info": {"year": 2017}, "images": [{"id": 1, "width": 9, "height": 8, "file_name": "a.jpg"}],)"
      R"( "annotations": [{"image_id": 1, "category_id": 1, "area": 7.5, "bbox": [1, 2, 3, 4],)"
      R"( "segmentation": [[1, 2, 3]]}], "categories": [{"id": 1, "name": "person"}]})");
  // A header of 32 bytes, marks of 12: 187/256 of 44 bytes are 32.
  ByteVector record = {187};
  append(record, std::string("x 2 360\nx.dat 16 2(1)\nx.dat 16 \n"));
  for (const int word : {1 << 10 | 5, 63 << 10 | 1, 0x4E, 5 << 10 | 9, 28 << 10, 0}) {
    append(record, static_cast<std::uint64_t>(word), 2);
  }
  const ByteVector pixels(36, 100);
  const std::vector<std::int16_t> sound = {1, -2, 300, -4000, 30'000, -30'000, 0, 5};
  return {{"idx", "images", images, fuzz_idx},
          {"idx_pair", "pair", pair, fuzz_idx_pair},
          {"cifar", "records", ByteVector(2 * 3073, 3), fuzz_cifar},
          {"npy", "array", npy, fuzz_npy},
          {"zip", "archive", zip({{"x.npy", npy}, {"empty", {}}}), fuzz_zip},
          {"wav", "mono.wav", wav(sound), fuzz_wav},
          {"wav", "stereo.wav", wav(sound, 44'100, 2), fuzz_wav},
          {"wav", "mono.flac", flac(sound), fuzz_wav},
          {"csv", "titled", table, fuzz_csv},
          {"csv", "untitled", bytes("1;2;0\n3;4;1\n"), fuzz_csv},
          {"samples", "two", sample_file(), fuzz_samples},
          {"coco", "one", coco, fuzz_coco},
          {"wfdb", "record", record, fuzz_wfdb},
          {"image", "a.png", png(3, 4, 3, pixels), fuzz_image},
          {"image", "a.jpg", jpeg(3, 4, 3, pixels), fuzz_image},
          {"image", "a.bmp", bmp(3, 4, pixels), fuzz_image},
          {"image", "a.pgm", pgm(6, 6, pixels), fuzz_image},
          {"image", "a.ppm", bytes("P3 1 2 9 # x\n1 2 3 4 5 9"), fuzz_image}};
}

}  // namespace thimble::fixtures
