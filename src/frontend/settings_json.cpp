#include "settings_names.hpp"
#include "thimble/frontend/settings.hpp"

namespace thimble::frontend {
namespace {

constexpr int kAnyInt = std::numeric_limits<int>::max();

int read_int(const JsonField& object, std::string_view key) {
  return static_cast<int>(object.at(key).integer(-kAnyInt, kAnyInt));
}

double read_number(const JsonField& object, std::string_view key, double fallback) {
  return object.has(key) ? object.at(key).number() : fallback;
}

template <class E, std::size_t N>
E read_choice(const JsonField& field, const Names<E, N>& names) {
  const std::string text = field.text();
  std::string choices;
  for (const auto& [value, name] : names) {
    if (name == text) return value;
    choices += choices.empty() ? "must be " : name == names.back().second ? " or " : ", ";
    choices += name;
  }
  field.reject(choices);
}

template <class E, std::size_t N>
E read_choice(const JsonField& object, std::string_view key, const Names<E, N>& names, E fallback) {
  return object.has(key) ? read_choice(object.at(key), names) : fallback;
}

MelSettings read_mel(const JsonField& object) {
  object.only({"bands", "low_hz", "high_hz", "scale", "slope", "unit_area"});
  return {.bands = read_int(object, "bands"),
          .low_hz = object.at("low_hz").number(),
          .high_hz = object.at("high_hz").number(),
          .scale = read_choice(object.at("scale"), kMelScales),
          .slope = read_choice(object, "slope", kMelSlopes, MelSlope::kMel),
          .unit_area = object.has("unit_area") && object.at("unit_area").boolean()};
}

LogSettings read_log(const JsonField& object) {
  object.only({"kind", "offset", "floor"});
  const LogKind kind = read_choice(object.at("kind"), kLogKinds);
  if (kind == LogKind::kNone) object.only({"kind"});
  return {.kind = kind,
          .offset = read_number(object, "offset", 0),
          .floor = read_number(object, "floor", 0)};
}

Quantisation read_quantisation(const JsonField& object) {
  object.only({"scale", "zero_point", "rounding"});
  return {.scale = object.at("scale").number(),
          .zero_point = read_int(object, "zero_point"),
          .rounding = read_choice(object, "rounding", kRoundings, Rounding::kNearest)};
}

/// Refuses, by name, what the kind has no use for.
void refuse_unused(const JsonField& object, Kind kind) {
  switch (kind) {
    case Kind::kRaw:
      return object.only({"kind", "sample_rate", "clip_length", "window_length", "hop_length",
                          "level", "quantisation"});
    case Kind::kStft:
      return object.only({"kind", "sample_rate", "clip_length", "window_length", "hop_length",
                          "level", "quantisation", "fft_size", "window", "spectrum", "log"});
    case Kind::kLogMel:
      return object.only({"kind", "sample_rate", "clip_length", "window_length", "hop_length",
                          "level", "quantisation", "fft_size", "window", "spectrum", "log", "mel"});
    case Kind::kMfcc:
      return object.only({"kind", "sample_rate", "clip_length", "window_length", "hop_length",
                          "level", "quantisation", "fft_size", "window", "spectrum", "log", "mel",
                          "dct_coefficients"});
  }
}

}  // namespace

Settings parse_settings(std::string_view json, std::string_view place) {
  const Json document = parse_json(json, place);
  const JsonField object(document, std::string(place));
  Settings s{.kind = read_choice(object.at("kind"), kKinds)};
  refuse_unused(object, s.kind);
  s.sample_rate = read_int(object, "sample_rate");
  s.clip_length = read_int(object, "clip_length");
  s.window_length = read_int(object, "window_length");
  s.hop_length = read_int(object, "hop_length");
  s.level = read_choice(object, "level", kLevels, Level::kFullScale);
  s.quantisation = read_quantisation(object.at("quantisation"));
  if (s.kind != Kind::kRaw) {
    s.fft_size = read_int(object, "fft_size");
    s.window = read_choice(object, "window", kWindows, Window::kHann);
    s.spectrum = read_choice(object.at("spectrum"), kSpectra);
    s.log = read_log(object.at("log"));
  }
  if (s.kind == Kind::kLogMel || s.kind == Kind::kMfcc) s.mel = read_mel(object.at("mel"));
  if (s.kind == Kind::kMfcc) s.dct_coefficients = read_int(object, "dct_coefficients");
  check(s, place);
  return s;
}

OrderedJson to_json(const Settings& s) {
  OrderedJson json{{"kind", name_of(kKinds, s.kind)}, {"sample_rate", s.sample_rate},
                   {"clip_length", s.clip_length},    {"window_length", s.window_length},
                   {"hop_length", s.hop_length},      {"level", name_of(kLevels, s.level)}};
  if (s.kind != Kind::kRaw) {
    json["fft_size"] = s.fft_size;
    json["window"] = name_of(kWindows, s.window);
    json["spectrum"] = name_of(kSpectra, s.spectrum);
  }
  if (s.kind == Kind::kLogMel || s.kind == Kind::kMfcc) {
    json["mel"] = OrderedJson{{"bands", s.mel.bands},
                              {"low_hz", s.mel.low_hz},
                              {"high_hz", s.mel.high_hz},
                              {"scale", name_of(kMelScales, s.mel.scale)},
                              {"slope", name_of(kMelSlopes, s.mel.slope)},
                              {"unit_area", s.mel.unit_area}};
  }
  if (s.kind != Kind::kRaw) {
    json["log"] = OrderedJson{{"kind", name_of(kLogKinds, s.log.kind)}};
    if (s.log.kind != LogKind::kNone) {
      json["log"]["offset"] = s.log.offset;
      json["log"]["floor"] = s.log.floor;
    }
  }
  if (s.kind == Kind::kMfcc) json["dct_coefficients"] = s.dct_coefficients;
  json["quantisation"] = OrderedJson{{"scale", s.quantisation.scale},
                                     {"zero_point", s.quantisation.zero_point},
                                     {"rounding", name_of(kRoundings, s.quantisation.rounding)}};
  return json;
}

}  // namespace thimble::frontend
