#include "support/judges.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"

namespace thimble::testing {
namespace {

/// A folder of this process alone, gone at the end.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "thimble-judges-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) raise<DataError>("{}: cannot be made", name);
    path_ = name;
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::string file(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// Unlike `write_file`, does not wait for the disk.
void write_scratch(const std::string& path, const void* bytes, std::size_t size) {
  std::ofstream file(path, std::ios::binary);
  file.write(static_cast<const char*>(bytes), static_cast<std::streamsize>(size));
  if (!file.flush()) raise<DataError>("{}: cannot be written", path);
}

}  // namespace

std::optional<std::filesystem::path> judges_python() {
  const char* set = std::getenv("THIMBLE_JUDGES");
  const std::filesystem::path folder = set != nullptr ? set : THIMBLE_SOURCE_DIR "/build/judges";
  if (!std::filesystem::exists(folder / "stamp")) return std::nullopt;
  return folder / "bin/python";
}

std::vector<std::vector<std::int8_t>> judged(Judge judge, std::span<const JudgeCase> cases) {
  const ScratchFolder folder;
  std::string list;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::string model = folder.file(fmt::format("{}.tflite", i));
    const std::string inputs = folder.file(fmt::format("{}.in", i));
    write_scratch(model, cases[i].file.data(), cases[i].file.size());
    write_scratch(inputs, cases[i].inputs.data(), cases[i].inputs.size());
    list += fmt::format("{}\t{}\t{}\n", model, inputs, folder.file(fmt::format("{}.out", i)));
  }
  write_scratch(folder.file("list"), list.data(), list.size());
  const std::string command =
      fmt::format("'{}' '{}/tools/judges/run_tflite.py' --judge {} --batch-list '{}'",
                  judges_python().value().string(), THIMBLE_SOURCE_DIR,
                  judge == Judge::kTfliteMicro ? "tflm" : "litert", folder.file("list"));
  // Its exit status only tells that some case has no output, which the caller sees.
  static_cast<void>(std::system(command.c_str()));

  std::vector<std::vector<std::int8_t>> outputs(cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::string path = folder.file(fmt::format("{}.out", i));
    if (!std::filesystem::exists(path)) continue;
    const auto bytes = read_bytes(path);
    outputs[i].assign(bytes.begin(), bytes.end());
  }
  return outputs;
}

void PrintTo(const ArenaReport& report, std::ostream* out) {
  *out << fmt::format("{} = {} + {}, fits {}, with less {}", report.total, report.head, report.tail,
                      report.fits, report.fits_with_less);
}

std::vector<std::optional<ArenaReport>> judged_arenas(std::span<const ArenaCase> cases) {
  const ScratchFolder folder;
  std::string list;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::string model = folder.file(fmt::format("{}.tflite", i));
    write_scratch(model, cases[i].file.data(), cases[i].file.size());
    list += fmt::format("{}\t{}\n", model, cases[i].smallest);
  }
  write_scratch(folder.file("list"), list.data(), list.size());
  const std::string command = fmt::format("'{}' '{}/tools/judges/arena_tflite.py' '{}' > '{}'",
                                          judges_python().value().string(), THIMBLE_SOURCE_DIR,
                                          folder.file("list"), folder.file("reports"));
  // Its exit status only tells that some case is refused.
  static_cast<void>(std::system(command.c_str()));

  std::vector<std::optional<ArenaReport>> reports(cases.size());
  std::ifstream lines(folder.file("reports"));
  std::string line;
  for (std::size_t i = 0; i < cases.size() && std::getline(lines, line); ++i) {
    std::istringstream fields(line);
    ArenaReport report;
    fields >> report.total >> report.head >> report.tail >> report.fits >> report.fits_with_less;
    if (fields) reports[i] = report;
  }
  return reports;
}

}  // namespace thimble::testing
