#include "thimble/samples/augmentation_choice.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <optional>
#include <span>

#include "thimble/core/error.hpp"
#include "thimble/core/printable.hpp"
#include "thimble/core/text.hpp"

namespace thimble {
namespace {

using Policy = AugmentationPolicy;

constexpr unsigned of(DataKind kind) { return 1U << static_cast<unsigned>(kind); }
constexpr unsigned kImage = of(DataKind::kImages);
constexpr unsigned kFlat = kImage | of(DataKind::kArrays);
constexpr unsigned kFeature = of(DataKind::kFeatures);
constexpr unsigned kTimed = of(DataKind::kSeries) | of(DataKind::kWaveform);
constexpr unsigned kNumeric = kTimed | of(DataKind::kArrays);
constexpr unsigned kAll = kFlat | kTimed | kFeature;

/// A variation as it is named. `low` and `high` bound its number.
struct Named {
  std::string_view name;
  unsigned kinds;
  double usual;
  double low;
  double high;
  bool whole;
  void (*set)(Policy& policy, double value);
};

void set_colours(Policy& policy, double value) {
  policy.brightness = policy.contrast = policy.saturation = value;
}

/// Of ranges (noise) and of what hangs on the shape (cutout) the usual value is elsewhere.
constexpr Named kNamed[] = {
    {"shift", kFlat, 2, 0, 4096, true,
     [](Policy& p, double x) {
       p.shift = static_cast<int>(x);
       p.shift_share = 0;
     }},
    {"shift", kTimed | kFeature, 0.1, 0, 0.9, false, [](Policy& p, double x) { p.time_shift = x; }},
    {"flip", kFlat, 1, 0, 1, true, [](Policy& p, double x) { p.flip_horizontal = x != 0; }},
    {"rotate", kImage, 12, 0, 180, false,
     [](Policy& p, double x) {
       p.rotate_probability = x > 0 ? 1 : 0;
       p.rotate_radians = x * std::numbers::pi / 180;
     }},
    {"crop", kImage, 0.2, 0, 0.9, false, [](Policy& p, double x) { p.crop = x; }},
    {"colour", kImage, 0.2, 0, 1, false, set_colours},
    {"brightness", kImage, 0.2, 0, 1, false, [](Policy& p, double x) { p.brightness = x; }},
    {"contrast", kImage, 0.2, 0, 1, false, [](Policy& p, double x) { p.contrast = x; }},
    {"saturation", kImage, 0.2, 0, 1, false, [](Policy& p, double x) { p.saturation = x; }},
    {"cutout", kFlat, 0, 0, 4096, true,
     [](Policy& p, double x) { p.cutout = static_cast<int>(x); }},
    {"noise", kFeature, 0, -40, 80, false,
     [](Policy& p, double x) {
       p.waveform.noise = DecibelRange{x, x};
     }},
    {"speed", kFeature, 0.1, 0, 0.5, false, [](Policy& p, double x) { p.waveform.speed = x; }},
    {"specaugment", kFeature, 0.2, 0, 0.9, false, [](Policy& p, double x) { p.masks = x; }},
    {"jitter", kNumeric, 0.05, 0, 10, false, [](Policy& p, double x) { p.jitter = x; }},
    {"scaling", kNumeric, 0.1, 0, 1, false, [](Policy& p, double x) { p.scaling = x; }},
    {"warp", kTimed, 0.2, 0, 1, false, [](Policy& p, double x) { p.warp = x; }},
    {"mixup", kAll, 0.2, 0, 10, false, [](Policy& p, double x) { p.mixup = x; }},
};
constexpr DecibelRange kUsualNoise{.low = 5, .high = 20};

/// The names that some kind of `kinds` has, each once.
std::vector<std::string> names_of(unsigned kinds) {
  std::vector<std::string> names;
  for (const Named& named : kNamed) {
    if ((named.kinds & kinds) == 0) continue;
    if (std::ranges::find(names, named.name) == names.end()) names.emplace_back(named.name);
  }
  return names;
}

std::string_view what_is(DataKind kind) {
  switch (kind) {
    case DataKind::kImages:
      return "images";
    case DataKind::kArrays:
      return "arrays";
    case DataKind::kSeries:
      return "series";
    case DataKind::kWaveform:
      return "sound without a front end";
    case DataKind::kFeatures:
      break;
  }
  return "sound";
}

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

/// `8` or `5..20`; nothing for anything else.
std::optional<std::vector<double>> parse_numbers(std::string_view text) {
  const std::size_t dots = text.find("..");
  const auto first = parse_number(text.substr(0, dots));
  if (!first) return std::nullopt;
  if (dots == std::string_view::npos) return std::vector{*first};
  const auto second = parse_number(text.substr(dots + 2));
  if (!second || *second < *first) return std::nullopt;
  return std::vector{*first, *second};
}

std::optional<Augmentation> parse_own(std::string_view word) {
  if (word == "none") return Augmentation::kNone;
  if (word == "mirror") return Augmentation::kMirror;
  if (word == "full") return Augmentation::kFull;
  return std::nullopt;
}

ChosenVariation parse_variation(std::string_view item) {
  const std::size_t equals = item.find('=');
  ChosenVariation chosen{.name = std::string(item.substr(0, equals)), .numbers = {}};
  if (parse_own(chosen.name)) raise<ConfigError>("{}: may only be the first", chosen.name);
  std::vector<std::string> names = names_of(kAll);
  if (std::ranges::find(names, chosen.name) == names.end()) {
    const std::string shown = printable(chosen.name);
    names.insert(names.begin(), {"none", "mirror", "full"});
    raise<ConfigError>("{}: no such variation{}: {}", shown.empty() ? "nothing" : shown,
                       did_you_mean(chosen.name, names), fmt::join(names, ", "));
  }
  if (equals == std::string_view::npos) return chosen;
  const std::string_view value = item.substr(equals + 1);
  if (value == "off") {
    chosen.off = true;
  } else if (const auto numbers = parse_numbers(value)) {
    chosen.numbers = *numbers;
  } else {
    raise<ConfigError>("{}: must be a number, a range such as 5..20, or off", chosen.name);
  }
  return chosen;
}

void check_number(const Named& named, double value) {
  if (value >= named.low && value <= named.high && (!named.whole || value == std::floor(value))) {
    return;
  }
  raise<ConfigError>("{}: must be {} in {:g}..{:g}", named.name,
                     named.whole ? "a whole number" : "a number", named.low, named.high);
}

void set_noise(const Named& named, const ChosenVariation& chosen, Policy& policy) {
  for (const double number : chosen.numbers) check_number(named, number);
  policy.waveform.noise = kUsualNoise;
  if (!chosen.numbers.empty()) {
    policy.waveform.noise = DecibelRange{chosen.numbers.front(), chosen.numbers.back()};
  }
  if (chosen.off) policy.waveform.noise.reset();
}

void set_variation(const ChosenVariation& chosen, DataKind kind, Shape shape, Policy& policy) {
  const auto* named = std::ranges::find_if(kNamed, [&](const Named& row) {
    return row.name == chosen.name && (row.kinds & of(kind)) != 0;
  });
  if (named == std::end(kNamed)) {
    const std::vector<std::string> names = names_of(of(kind));
    raise<ConfigError>("{}: is nothing for {}{}: there are {}", chosen.name, what_is(kind),
                       did_you_mean(chosen.name, names), fmt::join(names, ", "));
  }
  if (chosen.name == "noise") return set_noise(*named, chosen, policy);
  double value = named->usual;
  if (chosen.name == "cutout") value = std::max(1, std::min(shape.height, shape.width) / 4);
  if (chosen.numbers.size() == 2) {
    raise<ConfigError>("{}: must be one number, no range", chosen.name);
  }
  if (!chosen.numbers.empty()) value = chosen.numbers.front();
  check_number(*named, value);
  named->set(policy, chosen.off ? 0 : value);
}

/// What a policy of the set's own has for this form of its data.
Policy fitting(Policy own, DataKind kind) {
  if (kind != DataKind::kFeatures) {
    own.waveform = {};
    own.masks = 0;
  }
  return own;
}

}  // namespace

DataKind data_kind(const Samples& samples) {
  if (!samples.features.empty()) return DataKind::kFeatures;
  if (!samples.sound.empty()) return DataKind::kWaveform;
  if (samples.values.empty()) return DataKind::kImages;
  return samples.shape.height == 1 ? DataKind::kSeries : DataKind::kArrays;
}

AugmentationPolicy usual_augmentation(DataKind kind, Shape shape) {
  switch (kind) {
    case DataKind::kImages:
      return {.shift_share = 0.07, .crop = 0.1};
    case DataKind::kSeries:
      // A single row has no time, and what its numbers are only its owner knows.
      return shape.width > 1 ? AugmentationPolicy{.scaling = 0.1, .jitter = 0.05}
                             : AugmentationPolicy{};
    case DataKind::kWaveform:
    case DataKind::kFeatures:
      return {.time_shift = 0.1, .masks = 0.2, .waveform = {.noise = kUsualNoise, .speed = 0.1}};
    case DataKind::kArrays:
      break;
  }
  return {};
}

AugmentationChoice parse_augmentation(std::string_view text) {
  AugmentationChoice choice;
  bool first = true;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view item = text.substr(0, comma);
    if (const auto own = parse_own(item); own && first) {
      choice.base = *own;
    } else {
      choice.variations.push_back(parse_variation(item));
    }
    if (comma == std::string_view::npos) return choice;
    text.remove_prefix(comma + 1);
    first = false;
  }
}

AugmentationPolicy augmentation_policy(const AugmentationChoice& choice,
                                       const AugmentationPolicy& own, DataKind kind, Shape shape) {
  AugmentationPolicy policy;
  if (choice.base == Augmentation::kFull) policy = fitting(own, kind);
  if (choice.base == Augmentation::kMirror) policy.flip_horizontal = own.flip_horizontal;
  for (const ChosenVariation& chosen : choice.variations) {
    set_variation(chosen, kind, shape, policy);
  }
  return policy;
}

}  // namespace thimble
