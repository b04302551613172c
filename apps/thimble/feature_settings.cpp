#include "feature_settings.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>

#include "augmentation_setting.hpp"
#include "data_settings.hpp"
#include "run_setup.hpp"
#include "terminal.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/text.hpp"
#include "thimble/features/automatic.hpp"
#include "thimble/features/features.hpp"
#include "thimble/frontend/cost.hpp"
#include "thimble/frontend/presets.hpp"

namespace thimble::cli {
namespace {

using frontend::Kind;

constexpr std::string_view kOption = "features";
constexpr std::string_view kEvery = "every";

/// sizeof(thb_frontend) and sizeof(thb_frontend_settings) where a pointer has four bytes; the
/// latter and what aligns it to 4 behind tables of 16 bits.
constexpr Bytes kFrontEndBytes{52};
constexpr Bytes kSettingsBytes{68 + 2};

/// --features that stand for a kind, whose settings hang on the data.
constexpr std::array<std::pair<std::string_view, Kind>, 4> kKinds = {{{"auto", Kind::kMfcc},
                                                                      {"mfcc", Kind::kMfcc},
                                                                      {"log_mel", Kind::kLogMel},
                                                                      {"raw", Kind::kRaw}}};

[[noreturn]] void reject_unknown(const Settings& settings) {
  std::vector<std::string> names{"none"};
  for (const auto& [name, kind] : kKinds) names.emplace_back(name);
  for (const frontend::Preset& preset : frontend::presets()) names.push_back(preset.name);
  settings.reject(kOption, fmt::format("must be {}, or a .json file{}", fmt::join(names, ", "),
                                       did_you_mean(settings.text(kOption), names)));
}

/// Nothing for a front end that is named, and for `none`.
std::optional<Kind> kind_of(std::string_view name) {
  for (const auto& [known, kind] : kKinds) {
    if (known == name) return kind;
  }
  return std::nullopt;
}

/// What was given beside a front end must be what that one takes.
void check_agrees(const Settings& settings, std::string_view option, int given, int taken) {
  if (!settings.has(option) || given == taken) return;
  settings.reject(option, fmt::format("the front end {} takes {}: leave out one of the two",
                                      settings.text(kOption), taken));
}

/// Recordings that are cut into windows are as long as they are.
DatasetOptions options_for(DatasetOptions options, const frontend::Settings& features,
                           const Settings& settings) {
  options.read.sample_rate = features.sample_rate;
  if (!settings.has(kEvery)) options.read.clip = features.clip_length;
  return options;
}

Dataset load(const std::string& name_or_path, const DatasetOptions& options,
             const Settings& settings) {
  Dataset dataset = read_dataset(name_or_path, options, settings);
  if (dataset.findings.broken > 0 && !settings.on("quiet")) {
    say(fmt::format("data: {} broken files were left out, such as {} (thimble datasets lists them)",
                    dataset.findings.broken, dataset.findings.broken_files.front()));
  }
  return dataset;
}

/// The front end of whole recordings; a device that hears windows of them has one for a window.
frontend::Settings of_recordings(frontend::Settings features, const Dataset& dataset,
                                 const Settings& settings) {
  const std::int64_t length = dataset.shape().elements();
  if (length < features.clip_length) {
    settings.reject(kEvery, fmt::format("recordings of {} have {} samples, a window {}: give a "
                                        "longer --clip",
                                        dataset.name, length, features.clip_length));
  }
  if (features.level == frontend::Level::kClipMaximum) {
    settings.reject(kEvery,
                    "the front end divides by the maximum of a clip, which windows do not "
                    "share: choose one of level full_scale");
  }
  features.clip_length = static_cast<int>(length);
  return features;
}

/// The windows of --every.
features::WindowOptions windows_of(const frontend::Settings& features, const Settings& settings) {
  return {.frames = features.frames(),
          .every = static_cast<int>(settings.integer(kEvery, 1, frontend::kLongestClip))};
}

NetworkData with_front_end(Dataset dataset, const frontend::Settings& features,
                           const Settings& settings) {
  const features::VersionOptions versions = read_versions(settings, dataset);
  if (!settings.has(kEvery)) {
    return {.dataset =
                features::with_features(std::move(dataset), features, number_of_cores(), versions),
            .features = features};
  }
  if (!versions.waveforms.empty()) {
    settings.reject(kEvery,
                    "windows have no versions with noise or of another speed: leave these "
                    "out of --augment and --final-augment");
  }
  const features::WindowOptions windows = windows_of(features, settings);
  const frontend::Settings whole = of_recordings(features, dataset, settings);
  Dataset featured = features::with_features(std::move(dataset), whole, number_of_cores());
  return {.dataset = features::windowed(std::move(featured), windows),
          .features = features,
          .windows = windows};
}

/// Windows need a front end that says how long they are.
void check_every(const Settings& settings, bool named) {
  if (!settings.has(kEvery) || named) return;
  settings.reject(kEvery,
                  "only the clip of a front end says how long a window is: give --features "
                  "a preset or a .json file");
}

NetworkData as_it_is(Dataset dataset, const Settings& settings) {
  check_augmentation(settings, dataset, data_kind(dataset.train));
  return {.dataset = std::move(dataset)};
}

/// `variants: 3 of each clip, noise at 5..20 dB of 2 recordings, speed 0.9..1.1`.
std::string describe(const FeatureVersions& versions, std::size_t recordings) {
  std::string text = fmt::format("variants: {} of each clip", versions.count);
  const WaveformPolicy& waveform = versions.waveform;
  if (waveform.noise) {
    text += fmt::format(", noise at {:g}..{:g} dB ", waveform.noise->low, waveform.noise->high);
    text += recordings > 0 ? fmt::format("of {} recordings", recordings) : "that is made";
  }
  if (waveform.speed > 0) {
    text += fmt::format(", speed {:g}..{:g}", 1 - waveform.speed, 1 + waveform.speed);
  }
  return text;
}

double milliseconds(int samples, const frontend::Settings& s) {
  return 1000.0 * samples / s.sample_rate;
}

}  // namespace

std::optional<frontend::Settings> named_front_end(const Settings& settings) {
  const std::string& name = settings.text(kOption);
  if (std::filesystem::path(name).extension() == ".json") {
    return frontend::parse_settings(read_text(name), name);
  }
  for (const frontend::Preset& preset : frontend::presets()) {
    if (preset.name == name) return preset.settings;
  }
  if (name != "none" && !kind_of(name)) reject_unknown(settings);
  return std::nullopt;
}

NetworkData load_network_data(const std::string& name_or_path, const Settings& settings) {
  const std::optional<frontend::Settings> named = named_front_end(settings);
  DatasetOptions options = read_dataset_options(settings);
  check_every(settings, named.has_value());
  if (named) {
    check_agrees(settings, "sample-rate", options.read.sample_rate, named->sample_rate);
    if (!settings.has(kEvery)) {
      check_agrees(settings, "clip", options.read.clip.value_or(0), named->clip_length);
    }
    options = options_for(options, *named, settings);
  }
  Dataset dataset = load(name_or_path, options, settings);
  const std::string& choice = settings.text(kOption);
  const bool sound = !dataset.train.sound.empty();
  if (choice == "none" || (choice == "auto" && !sound))
    return as_it_is(std::move(dataset), settings);
  if (!sound) {
    settings.reject(kOption, fmt::format("{} holds no sound in 16 bits: leave it out or give none",
                                         dataset.name));
  }
  if (named) return with_front_end(std::move(dataset), *named, settings);
  const auto clip = static_cast<int>(dataset.shape().elements());
  const auto automatic =
      features::automatic(kind_of(choice).value(), options.read.sample_rate, clip);
  const auto fitted = features::fitted(automatic, dataset.train);
  return with_front_end(std::move(dataset), fitted, settings);
}

NetworkData load_network_data(const std::string& name_or_path, const Settings& settings,
                              const std::optional<frontend::Settings>& features) {
  const DatasetOptions options = read_dataset_options(settings);
  if (!features) return as_it_is(load(name_or_path, options, settings), settings);
  return with_front_end(load(name_or_path, options_for(options, *features, settings), settings),
                        *features, settings);
}

std::string describe(const frontend::Settings& s) {
  const OrderedJson json = to_json(s);
  std::string text =
      fmt::format("{} {}x{}, {:g} ms each {:g} ms", json.at("kind").get<std::string>(), s.frames(),
                  s.width(), milliseconds(s.window_length, s), milliseconds(s.hop_length, s));
  if (s.kind == Kind::kMfcc || s.kind == Kind::kLogMel) {
    text +=
        fmt::format(", {} mel bands in {:g}..{:g} Hz", s.mel.bands, s.mel.low_hz, s.mel.high_hz);
  }
  return text + fmt::format(", int8 = v / {:.4g} {} {}", s.quantisation.scale,
                            s.quantisation.zero_point < 0 ? "-" : "+",
                            std::abs(s.quantisation.zero_point));
}

std::vector<std::string> describe(const NetworkData& data) {
  const Dataset& set = data.dataset;
  std::vector<std::string> lines{fmt::format(
      "data: {} ({}), {} classes; split: {} training, {} validation, {} test samples", set.name,
      set.kind, set.classes, set.train.size(), set.validation.size(), set.test.size())};
  if (!data.features) {
    lines.push_back(fmt::format("features: none, samples of {}", to_string(set.shape())));
    return lines;
  }
  const frontend::Cost cost = frontend::cost(*data.features);
  lines.push_back("features: " + describe(*data.features));
  if (data.windows) {
    lines.push_back(fmt::format("windows: {} frames of a recording, {} from one to the next",
                                data.windows->frames, data.windows->every));
  }
  lines.push_back(fmt::format(
      "front end: RAM {} and {} of scratch, flash {} of tables and {} of code, {} multiplications",
      format(cost.state), format(cost.scratch), format(cost.tables), format(cost.code),
      format(Macs(cost.multiplies_per_clip))));
  for (const FeatureVersions& versions : set.train.versions) {
    lines.push_back(describe(versions, set.noise.size()));
  }
  return lines;
}

Usage front_end_usage(const frontend::Settings& features, const Settings& settings) {
  const frontend::Cost cost = frontend::cost(features);
  const std::int64_t macs = settings.has(kEvery)
                                ? cost.multiplies_per_frame * windows_of(features, settings).every +
                                      cost.multiplies_per_read
                                : cost.multiplies_per_clip;
  return {.ram = cost.state + cost.scratch + kFrontEndBytes,
          .flash = cost.tables + cost.code + kSettingsBytes,
          .macs = Macs(macs)};
}

}  // namespace thimble::cli
