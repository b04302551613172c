#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "known_datasets.hpp"

namespace thimble {
namespace {

constexpr Shape kOneSecond{.height = 1, .width = 16'000, .channels = 1};

/// Version 0.02, whose lists of validation and test clips are beside the words.
KnownDataset speech_commands() {
  return {
      .info = {.name = "speech-commands",
               .summary = "ten spoken words, silence and unknown",
               .shape = kOneSecond,
               .classes = 12,
               .folders = {data_folder() / "speech-commands",
                           data_folder() / "speech_commands_v0.02"},
               .found = {},
               .home = "arxiv.org/abs/1804.03209",
               .download =
                   "speech_commands_v0.02.tar.gz, 2.4 GB, from download.tensorflow.org/data",
               .how_to_get = "unpack it in DATA/speech-commands: a folder a word, and the lists",
               .licence = "CC BY 4.0; Google",
               .features = "micronets-kws"},
      .kind = "audio",
      .file_classes = {},
      .normalisation = {},
      .augmentation = {},
      .read = {.twelve_words = true}};
}

KnownDataset all_speech_commands() {
  KnownDataset set = speech_commands();
  set.info.name = "speech-commands-35";
  set.info.summary = "all 35 spoken words";
  set.info.classes = 35;
  set.info.train_size = 94'824;
  set.info.test_size = 11'005;
  set.read = {};
  return set;
}

/// As MicroNets (Banbury et al. 2021, section 4.3) cuts the clips: 64 frames of 1,024 samples, 512
/// apart, every 20 frames.
KnownDataset machine(const std::string& folder, int ids, const std::string& size) {
  constexpr int kClip = 1024 + 63 * 512;
  std::string name = folder;
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return {.info = {.name = "dcase2020-" + name,
                   .summary = fmt::format(
                       "which of {} machines is it, and is it broken? ({} of DCASE 2020, task 2)",
                       ids, folder),
                   .shape = {.height = 1, .width = kClip, .channels = 1},
                   .classes = ids,
                   .folders = {data_folder() / "dcase2020" / folder},
                   .found = {},
                   .home = "zenodo.org/record/3678171",
                   .download = fmt::format("dev_data_{}.zip{}", folder, size),
                   .how_to_get = fmt::format(
                       "unpack it in DATA/dcase2020, which gives {0}/train and {0}/test", folder),
                   .licence = "stated on its page; of MIMII (Hitachi) and ToyADMOS (NTT)",
                   .features = "mlperf-tiny-ad"},
          .kind = "machines",
          .file_classes = {},
          .normalisation = {},
          .augmentation = {},
          .read = {.clip = kClip, .stride = 20 * 512}};
}

}  // namespace

std::vector<KnownDataset> known_sound_sets() {
  return {speech_commands(),
          all_speech_commands(),
          machine("ToyCar", 4, ", 1.8 GB"),
          machine("ToyConveyor", 3, ""),
          machine("fan", 4, ", 1.4 GB"),
          machine("pump", 4, ", 1.0 GB"),
          machine("slider", 4, ""),
          machine("valve", 4, "")};
}

}  // namespace thimble
