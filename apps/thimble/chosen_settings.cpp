#include "chosen_settings.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

#include "augmentation_setting.hpp"
#include "thimble/footprint/device.hpp"

namespace thimble::cli {
namespace {

constexpr std::string_view kAuto = "auto";

constexpr double kCandidateSteps = 844;
constexpr double kFinalSteps = 15 * kCandidateSteps;
constexpr std::size_t kBatches = 64;  // of an epoch

/// More weights than so many for each sample learn it by heart: a rule of thumb.
constexpr std::size_t kParamsOfASample = 100;

/// What suits batches of 128. A step of a smaller batch sees fewer samples and must be as much
/// shorter (Goyal et al. 2017).
constexpr double kRateOfSgd = 0.1;
constexpr double kRateOfAdam = 0.001;
constexpr double kUsualBatch = 128;

/// Cycles of a Cortex-M4 for a multiplication of int8, with all that goes with it: MicroNets' table
/// has 15.3 million in 0.426 s at 180 MHz (KWS-M). Smaller networks take more.
constexpr double kCyclesOfAMac = 5;

int usual_batch(std::size_t training) {
  return static_cast<int>(std::bit_floor(std::clamp<std::size_t>(training / kBatches, 16, 128)));
}

std::string epochs_of(double steps, int batch, std::size_t training, int least, int most) {
  const double epochs = std::round(steps * batch / static_cast<double>(training));
  return fmt::format("{:.0f}", std::clamp<double>(epochs, least, most));
}

/// The batch that was given, or the usual one where what was given is no number: whoever reads it
/// says so.
int batch_of(const Settings& settings, std::size_t training) {
  try {
    return static_cast<int>(settings.integer("batch", 1, 65'536));
  } catch (const ConfigError&) {
    return usual_batch(training);
  }
}

}  // namespace

DataTraits traits_of(const NetworkData& data) {
  DataTraits traits{.training = data.dataset.train.size(),
                    .shape = data.dataset.shape(),
                    .kind = data_kind(data.dataset.train),
                    .seconds = {}};
  if (data.features) {
    const frontend::Settings& features = *data.features;
    const int heard =
        data.windows ? data.windows->every * features.hop_length : features.clip_length;
    traits.seconds = static_cast<double>(heard) / features.sample_rate;
  }
  return traits;
}

void choose_for(Settings& settings, const DataTraits& data) {
  const auto choose = [&](std::string_view name, const std::string& value, const std::string& why) {
    if (settings.has(name) && settings.text(name) == kAuto) settings.choose(name, value, why);
  };
  const std::string why = fmt::format("chosen for {} training samples", data.training);
  choose("batch", std::to_string(usual_batch(data.training)), why);
  choose("enough-params", std::to_string(kParamsOfASample * data.training), why);
  const int batch = batch_of(settings, data.training);
  const std::string candidate = epochs_of(kCandidateSteps, batch, data.training, 2, 50);
  const std::string alone = epochs_of(kFinalSteps, batch, data.training, 30, 200);
  choose("epochs", settings.has("final-epochs") ? candidate : alone, why);
  choose("final-epochs", alone, why);
  const bool adam = settings.text("optimiser") == "adamw";
  const double rate = (adam ? kRateOfAdam : kRateOfSgd) * std::min(1.0, batch / kUsualBatch);
  choose("learning-rate", fmt::format("{:g}", rate),
         fmt::format("chosen for batches of {}", batch));
  const std::string kind =
      fmt::format("chosen for {}", data.kind == DataKind::kFeatures ? "sound" : "what is no sound");
  choose("augment", automatic_augmentation(settings, "augment", data.kind), kind);
  choose("final-augment", automatic_augmentation(settings, "final-augment", data.kind), kind);
  const bool rows = data.shape.height == 1 && data.shape.width == 1;
  choose("space", rows ? "mlp" : "munas",
         fmt::format("chosen for samples of {}", to_string(data.shape)));
  if (settings.has("macs") || !data.seconds || !settings.has("device")) return;
  const auto boards = builtin_devices();
  const Device device = find_device(settings.text("device"), boards);
  settings.choose("macs",
                  fmt::format("{:.0f}", *data.seconds * device.clock_mhz * 1e6 / kCyclesOfAMac),
                  fmt::format("what {} computes in {:g} s", device.name, *data.seconds));
}

}  // namespace thimble::cli
