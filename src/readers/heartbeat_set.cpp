#include "thimble/readers/heartbeat_set.hpp"

#include <algorithm>
#include <array>

#include "labelled_files.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"
#include "thimble/files/file_tree.hpp"
#include "thimble/files/wfdb.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

struct BeatClass {
  const char* name;
  std::array<int, 5> codes;  // 0: none
};
constexpr std::array<BeatClass, 5> kBeatClasses = {{{"N", {1, 2, 3, 11, 34}},
                                                    {"S", {4, 7, 8, 9, 0}},
                                                    {"V", {5, 10, 0, 0, 0}},
                                                    {"F", {6, 0, 0, 0, 0}},
                                                    {"Q", {12, 13, 38, 0, 0}}}};

constexpr std::array kTrainingRecords = {"101", "106", "108", "109", "112", "114", "115", "116",
                                         "118", "119", "122", "124", "201", "203", "205", "207",
                                         "208", "209", "215", "220", "223", "230"};
constexpr std::array kTestRecords = {"100", "103", "105", "111", "113", "117", "121", "123",
                                     "200", "202", "210", "212", "213", "214", "219", "221",
                                     "222", "228", "231", "232", "233", "234"};

/// Nothing for a mark that is no beat.
std::optional<std::int32_t> beat_class(int code) {
  for (std::size_t label = 0; label < kBeatClasses.size(); ++label) {
    if (code != 0 &&
        std::ranges::find(kBeatClasses[label].codes, code) != kBeatClasses[label].codes.end()) {
      return static_cast<std::int32_t>(label);
    }
  }
  return std::nullopt;
}

/// The names of records that are marked.
std::vector<std::string> record_names(const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::path& name : folder_entries(folder)) {
    const std::string stem = name.stem().string();
    if (name.extension() == ".hea" && path_exists(folder / (stem + ".atr"))) names.push_back(stem);
  }
  return names;
}

bool holds(std::span<const char* const> names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

/// Whether the records are those that de Chazal et al. divide.
bool is_mit_bih(const std::vector<std::string>& records) {
  const auto there = [&](const char* name) {
    return std::ranges::find(records, name) != records.end();
  };
  return std::ranges::all_of(kTrainingRecords, there) && std::ranges::all_of(kTestRecords, there);
}

struct Beats {
  std::size_t window;
  RawDataset set{};
  std::size_t signals = 0;  // of the first record
  std::size_t at_the_ends = 0;

  void add(const fs::path& folder, const std::string& name, Split split, std::int32_t group) {
    const fs::path head = folder / (name + ".hea");
    const auto text = read_regular_file(head);
    const WfdbHeader header = parse_wfdb_header(
        {reinterpret_cast<const char*>(text.data()), text.size()}, printable(head.string()));
    const fs::path data = folder / header.data_file;
    const std::string place = printable(data.string());
    const auto values = decode_wfdb_signals(read_regular_file(data), header, place);
    const fs::path atr = folder / (name + ".atr");
    const auto marks = parse_wfdb_marks(read_regular_file(atr), printable(atr.string()));
    if (signals == 0) signals = header.signals.size();
    if (header.signals.size() != signals) {
      raise<DataError>("{}: signals = {}: {} expected, as in the first record", place,
                       header.signals.size(), signals);
    }
    for (Samples* part : {&set.train, &set.validation, &set.test}) {
      part->shape = {
          .height = 1, .width = static_cast<int>(window), .channels = static_cast<int>(signals)};
    }
    cut(values, marks, split, group);
  }

  void cut(std::span<const float> values, std::span<const WfdbMark> marks, Split split,
           std::int32_t group) {
    Samples& part = part_of(set, split);
    const std::size_t steps = values.size() / signals;
    for (const WfdbMark& mark : marks) {
      const auto label = beat_class(mark.code);
      if (!label) continue;
      const auto at = static_cast<std::size_t>(mark.sample);
      if (at < window / 2 || at - window / 2 + window > steps) {
        ++at_the_ends;
        continue;
      }
      part.values.append(values.subspan((at - window / 2) * signals, window * signals));
      part.labels.push_back(*label);
      if (split == Split::kTraining) set.groups.push_back(group);
    }
  }
};

/// Leaves out classes without a beat.
void name_beats(RawDataset& set) {
  std::array<std::int32_t, kBeatClasses.size()> moved{};
  for (std::size_t label = 0; label < kBeatClasses.size(); ++label) {
    const auto old = static_cast<std::int32_t>(label);
    const auto has = [&](const Samples& part) {
      return std::ranges::find(part.labels, old) != part.labels.end();
    };
    if (!has(set.train) && !has(set.test)) continue;
    moved[label] = static_cast<std::int32_t>(set.class_names.size());
    set.class_names.emplace_back(kBeatClasses[label].name);
  }
  for (Samples* part : {&set.train, &set.test}) {
    for (std::int32_t& label : part->labels) label = moved[static_cast<std::size_t>(label)];
  }
}

}  // namespace

bool recognises_heartbeats(const fs::path& folder) { return !record_names(folder).empty(); }

RawDataset read_heartbeats(const fs::path& folder, const ReadOptions& options) {
  Beats beats{.window = static_cast<std::size_t>(options.window.value_or(kUsualWindow))};
  const auto names = record_names(folder);
  const bool mit_bih = is_mit_bih(names);
  std::size_t others = 0;
  std::int32_t group = 0;
  for (const std::string& name : names) {
    if (options.hooks.progress) {
      options.hooks.progress(
          {.doing = "read", .done = static_cast<std::size_t>(group), .of = names.size()});
    }
    const bool test = mit_bih && holds(kTestRecords, name);
    if (mit_bih && !test && !holds(kTrainingRecords, name)) {
      ++others;
      continue;
    }
    try {
      beats.add(folder, name, test ? Split::kTest : Split::kTraining, group++);
    } catch (const DataError& error) {
      beats.set.findings.add_broken(error.what(), options.strict);
    }
    if (options.hooks.between_samples) options.hooks.between_samples(beats.set);
  }
  RawDataset set = std::move(beats.set);
  if (mit_bih) {
    set.findings.note(fmt::format(
        "split: DS1 and DS2 of de Chazal et al. 2004; {} records of neither are left out", others));
  }
  if (beats.at_the_ends > 0) {
    set.findings.note(
        fmt::format("{} beats are too close to the ends of their records for a window of {}",
                    beats.at_the_ends, beats.window));
  }
  name_beats(set);
  return set;
}

}  // namespace thimble
