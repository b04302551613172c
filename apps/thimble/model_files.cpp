#include "model_files.hpp"

#include <unistd.h>

#include <sstream>

#include "thimble/core/file.hpp"
#include "thimble/frontend/c_tables.hpp"

namespace thimble::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLabelsFile = "labels.txt";
constexpr const char* kFeaturesFile = "features.json";
constexpr const char* kTables = "model_frontend";
constexpr const char* kTablesHeader = "model_frontend.h";
constexpr const char* kTablesSource = "model_frontend.c";

}  // namespace

std::vector<CompanionFile> companions(const NetworkData& data) {
  std::vector<CompanionFile> files;
  std::string names;
  for (const std::string& name : data.dataset.class_names) names += name + '\n';
  if (!names.empty()) files.push_back({.name = kLabelsFile, .text = names});
  if (!data.features) return files;
  const frontend::CTables tables = frontend::c_tables(*data.features, kTables);
  files.push_back({.name = kFeaturesFile, .text = to_json(*data.features).dump(2) + "\n"});
  files.push_back({.name = kTablesHeader, .text = tables.header});
  files.push_back({.name = kTablesSource, .text = tables.source});
  return files;
}

fs::path read_out_file(const Settings& settings) {
  fs::path out = settings.text("out");
  const fs::path folder = out.has_parent_path() ? out.parent_path() : fs::path(".");
  std::error_code ignored;
  if (fs::is_directory(out, ignored)) settings.reject("out", "is a folder: a file expected");
  if (!fs::is_directory(folder, ignored)) {
    settings.reject("out", fmt::format("there is no folder {}", folder.string()));
  }
  if (::access(folder.c_str(), W_OK) != 0) {
    settings.reject("out", fmt::format("nothing can be written to {}", folder.string()));
  }
  return out;
}

void copy_companions(const fs::path& from, const fs::path& to) {
  for (const char* name : {kLabelsFile, kFeaturesFile, kTablesHeader, kTablesSource}) {
    if (path_exists(from / name)) write_file(to / name, read_bytes(from / name));
  }
}

frontend::Settings read_front_end(const Settings& settings, const fs::path& model) {
  if (settings.has("features")) {
    const auto named = named_front_end(settings);
    if (!named) settings.reject("features", "must be the name of a preset or a .json file");
    return *named;
  }
  const fs::path beside = model.parent_path() / kFeaturesFile;
  if (!path_exists(beside)) {
    raise<ConfigError>("{}: {} is not there: give its front end by --features", model.string(),
                       beside.string());
  }
  return frontend::parse_settings(read_text(beside), beside.string());
}

std::vector<std::string> read_class_names(const Settings& settings, const fs::path& model,
                                          std::size_t classes) {
  const bool given = settings.has("names");
  const fs::path path =
      given ? fs::path(settings.text("names")) : model.parent_path() / kLabelsFile;
  std::vector<std::string> names;
  if (!given && !path_exists(path)) {
    for (std::size_t i = 0; i < classes; ++i) names.push_back(std::to_string(i));
    return names;
  }
  std::istringstream lines(read_text(path));
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) names.push_back(line);
  }
  if (names.size() != classes) {
    raise<DataError>("{}: names = {}: the network has {} classes", path.string(), names.size(),
                     classes);
  }
  return names;
}

}  // namespace thimble::cli
