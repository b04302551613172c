#include "augmentation_setting.hpp"

#include <algorithm>

namespace thimble::cli {
namespace {

constexpr std::string_view kOptions[] = {"augment", "final-augment"};
constexpr int kMostVersions = 100;

AugmentationPolicy read_policy(const Settings& settings, std::string_view option,
                               const Dataset& dataset, DataKind kind) {
  const bool chosen = settings.text(option) == "auto";
  const AugmentationChoice choice =
      chosen ? parse_augmentation(automatic_augmentation(settings, option, kind))
             : read_augmentation(settings, option);
  try {
    return augmentation_policy(choice, dataset.augmentation, kind, dataset.shape());
  } catch (const ConfigError& error) {
    settings.reject(option, error.what());
  }
}

}  // namespace

std::string automatic_augmentation(const Settings& settings, std::string_view option,
                                   DataKind kind) {
  const bool finalists = option == "final-augment";
  const bool alone = !settings.has("final-augment");
  const bool windows = settings.has("every");  // of recordings, which have no other versions
  if (kind == DataKind::kFeatures && !windows && (finalists || alone)) return "full";
  return finalists ? "mirror" : "none";
}

AugmentationChoice read_augmentation(const Settings& settings, std::string_view option) {
  try {
    return parse_augmentation(settings.text(option));
  } catch (const ConfigError& error) {
    settings.reject(option, error.what());
  }
}

void check_augmentation(const Settings& settings, const Dataset& dataset, DataKind kind) {
  for (const std::string_view option : kOptions) {
    if (settings.has(option)) read_policy(settings, option, dataset, kind);
  }
}

features::VersionOptions read_versions(const Settings& settings, const Dataset& dataset) {
  features::VersionOptions versions;
  for (const std::string_view option : kOptions) {
    if (!settings.has(option)) continue;
    const WaveformPolicy waveform =
        read_policy(settings, option, dataset, DataKind::kFeatures).waveform;
    const bool known = std::ranges::find(versions.waveforms, waveform) != versions.waveforms.end();
    if (waveform != WaveformPolicy{} && !known) versions.waveforms.push_back(waveform);
  }
  if (settings.has("sound-variants")) {
    versions.count = static_cast<int>(settings.integer("sound-variants", 1, kMostVersions));
  }
  if (settings.has("seed")) {
    versions.seed = static_cast<std::uint64_t>(settings.integer("seed", 0, INT64_MAX));
  }
  return versions;
}

}  // namespace thimble::cli
