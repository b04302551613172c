#include "thimble/data/reader.hpp"

#include <algorithm>

#include "thimble/data/cifar.hpp"
#include "thimble/data/idx.hpp"

namespace thimble {

std::span<const Reader> readers() {
  static constexpr Reader kReaders[] = {
      {"IDX", "train-images-idx3-ubyte[.gz], train-labels-idx1-ubyte[.gz], t10k-…", recognises_idx,
       read_idx},
      {"CIFAR-10 binary", "data_batch_1.bin …, test_batch.bin", recognises_cifar, read_cifar},
  };
  return kReaders;
}

const Reader* find_reader(const std::filesystem::path& folder) {
  const auto all = readers();
  const auto found =
      std::ranges::find_if(all, [&](const Reader& r) { return r.recognises(folder); });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace thimble
