#include "thimble/frontend/c_tables.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

#include "thimble/core/error.hpp"
#include "thimble/frontend/fixed_tables.hpp"

namespace thimble::frontend {
namespace {

void check_name(std::string_view name) {
  const auto sound = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) != 0 ||
      !std::ranges::all_of(name, sound)) {
    raise<ConfigError>(
        "front end: name = \"{}\": must be letters, digits and underscores, no digit first", name);
  }
}

std::string upper(std::string_view name) {
  std::string text(name);
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

/// `static const TYPE NAME[n] = {…};`, at most 100 columns wide; nothing for an empty table.
template <class T>
std::string array(std::string_view type, std::string_view name, const std::vector<T>& values) {
  if (values.empty()) return "";
  std::string text = fmt::format("static const {} {}[{}] = {{", type, name, values.size());
  std::size_t column = 100;
  for (const T value : values) {
    const std::string item = fmt::format("{},", value);
    if (column + 1 + item.size() > 100) {
      text += "\n   ";
      column = 3;
    }
    text += " " + item;
    column += 1 + item.size();
  }
  return text + "\n};\n\n";
}

template <class T>
std::string pointer(std::string_view name, const std::vector<T>& values) {
  return values.empty() ? "0" : std::string(name);
}

std::string header_of(const thb_frontend_settings& device, const Settings& settings,
                      std::string_view name) {
  const std::string macro = upper(name);
  return fmt::format(
      R"(/* A front end, written by thimble:
 * {1}
 */
#ifndef THB_TABLES_{2}_H
#define THB_TABLES_{2}_H

#include "thb_frontend.h"

#define {2}_STATE_BYTES {3}u
#define {2}_SCRATCH_BYTES {4}u
#define {2}_FRAMES {5}u
#define {2}_WIDTH {6}u

#ifdef __cplusplus
extern "C" {{
#endif

extern const thb_frontend_settings {0};

#ifdef __cplusplus
}}
#endif

#endif
)",
      name, to_json(settings).dump(), macro, thb_frontend_state_bytes(&device),
      thb_frontend_scratch_bytes(&device), device.frames, device.width);
}

std::string source_of(const thb_frontend_settings& d, const FixedTables& t, std::string_view name) {
  const char* kinds[] = {"THB_RAW", "THB_STFT", "THB_LOG_MEL", "THB_MFCC"};
  std::string text = fmt::format("#include \"{}.h\"\n\n", name);
  text += array("int16_t", "kSine", t.sine);
  text += array("uint16_t", "kWindow", t.window);
  text += array("uint16_t", "kFirstBin", t.first_bin);
  text += array("uint16_t", "kRise", t.rise);
  text += array("int16_t", "kLogGain", t.log_gain);
  text += array("int16_t", "kDct", t.dct);
  text += fmt::format("const thb_frontend_settings {} = {{\n", name);
  const auto member = [&](std::string_view field, const auto& value) {
    text += fmt::format("    .{} = {},\n", field, value);
  };
  member("kind", kinds[d.kind]);
  member("power", int{d.power});
  member("logarithmic", int{d.logarithmic});
  member("clip_maximum", int{d.clip_maximum});
  member("truncate", int{d.truncate});
  member("zero_point", int{d.zero_point});
  member("window_length", d.window_length);
  member("hop_length", d.hop_length);
  member("clip_length", d.clip_length);
  member("frames", d.frames);
  member("width", d.width);
  member("bands", d.bands);
  member("fft", fmt::format("{{.sine = {}, .log2_size = {}}}", pointer("kSine", t.sine),
                            int{d.fft.log2_size}));
  member("window", pointer("kWindow", t.window));
  member("first_bin", pointer("kFirstBin", t.first_bin));
  member("rise", pointer("kRise", t.rise));
  member("log_gain", pointer("kLogGain", t.log_gain));
  member("dct", pointer("kDct", t.dct));
  member("log_offset", d.log_offset);
  member("log_floor", d.log_floor);
  member("factor",
         fmt::format("{{.mantissa = {}, .exponent = {}}}", d.factor.mantissa, d.factor.exponent));
  return text + "};\n";
}

}  // namespace

CTables c_tables(const Settings& settings, std::string_view name) {
  check_name(name);
  const FixedTables tables = fixed_tables(settings);
  const thb_frontend_settings device = device_settings(tables);
  return {.header = header_of(device, settings, name), .source = source_of(device, tables, name)};
}

}  // namespace thimble::frontend
