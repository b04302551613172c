#include "data_settings.hpp"

#include <charconv>

#include "terminal.hpp"

namespace thimble::cli {
namespace {

constexpr int kMostSide = 4096;
constexpr int kMostSteps = 1 << 22;
constexpr double kMostShare = 0.9;

/// Numbers of 1 to `kMostSteps` between `x`es: `48x48`. Nothing when the text is anything else.
std::optional<std::vector<int>> parse_lengths(std::string_view text) {
  std::vector<int> lengths;
  while (true) {
    int length = 0;
    const auto [stop, status] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (status != std::errc{} || length < 1 || length > kMostSteps) return std::nullopt;
    lengths.push_back(length);
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    if (text.empty()) return lengths;
    if (text.front() != 'x') return std::nullopt;
    text.remove_prefix(1);
  }
}

std::optional<Extent> parse_size(std::string_view text) {
  const auto lengths = parse_lengths(text);
  if (!lengths || lengths->size() != 2) return std::nullopt;
  if ((*lengths)[0] > kMostSide || (*lengths)[1] > kMostSide) return std::nullopt;
  return Extent{.height = (*lengths)[0], .width = (*lengths)[1]};
}

std::optional<Shape> parse_sample_shape(std::string_view text) {
  const auto lengths = parse_lengths(text);
  if (!lengths || lengths->size() != 3) return std::nullopt;
  return Shape{.height = (*lengths)[0], .width = (*lengths)[1], .channels = (*lengths)[2]};
}

std::optional<int> read_steps(const Settings& settings, std::string_view name) {
  if (!settings.has(name)) return std::nullopt;
  return static_cast<int>(settings.integer(name, 1, kMostSteps));
}

}  // namespace

DatasetOptions read_dataset_options(const Settings& settings) {
  DatasetOptions options;
  if (settings.has("seed")) {
    options.seed = static_cast<std::uint64_t>(settings.integer("seed", 0, INT64_MAX));
  }
  options.validation_share = settings.number("validation-share", 0, kMostShare);
  options.test_share = settings.number("test-share", 0.001, kMostShare);
  if (options.validation_share + options.test_share > kMostShare) {
    settings.reject("validation-share", fmt::format("with --test-share {:g}, at most {} together",
                                                    options.test_share, kMostShare));
  }
  options.mix_groups = settings.on("mix-groups");
  ReadOptions& read = options.read;
  read.strict = settings.on("strict");
  read.twelve_words = settings.on("twelve-words");
  read.image_size = settings.parsed("image-size", parse_size,
                                    "must be height x width, each 1 to 4096, as in 48x48");
  read.shape = settings.parsed("shape", parse_sample_shape,
                               "must be height x width x channels, as in 8x8x1");
  if (settings.has("sample-rate")) {
    read.sample_rate = static_cast<int>(settings.integer("sample-rate", 100, 1'000'000));
  }
  read.clip = read_steps(settings, "clip");
  read.window = read_steps(settings, "window-length");
  read.stride = read_steps(settings, "window-stride");
  if (settings.has("channels")) {
    const std::string& channels = settings.text("channels");
    if (channels != "grey" && channels != "rgb") settings.reject("channels", "must be grey or rgb");
    read.colour = channels == "grey" ? Colour::kGrey : Colour::kRgb;
  }
  const std::string& sound = settings.text("sound");
  if (sound != "int16" && sound != "float") settings.reject("sound", "must be int16 or float");
  read.sound = sound == "int16" ? SoundFormat::kInt16 : SoundFormat::kFloat;
  return options;
}

Dataset read_dataset(const std::string& name_or_path, DatasetOptions options,
                     const Settings& settings) {
  options.cache.folder = cache_folder();
  ProgressLine line(settings.on("quiet"));
  options.progress = [&](const ReadingProgress& at) {
    line.show(at.of > 0 ? fmt::format("data: {} of {} files {}", at.done, at.of, at.doing)
                        : fmt::format("data: waiting: the set is {}", at.doing));
  };
  options.warn = [&](const std::string& text) { line.note(text); };
  return load_dataset(name_or_path, options);
}

}  // namespace thimble::cli
