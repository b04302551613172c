#include "thimble/readers/activity_set.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "labelled_files.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"
#include "thimble/files/csv.hpp"
#include "thimble/files/file_tree.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSignals = "Inertial Signals";
constexpr std::string_view kBlank = " \t\r";

/// The words of a text, line by line; lines without any are passed over.
class Lines {
 public:
  Lines(std::string text, std::string place) : text_(std::move(text)), place_(std::move(place)) {}

  /// False at the end.
  bool next(std::vector<std::string_view>& words) {
    words.clear();
    while (words.empty() && at_ < text_.size()) {
      const std::size_t end = std::min(text_.find('\n', at_), text_.size());
      std::string_view line = std::string_view(text_).substr(at_, end - at_);
      at_ = end + 1;
      ++line_;
      while (true) {
        line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
        if (line.empty()) break;
        words.push_back(line.substr(0, line.find_first_of(kBlank)));
        line.remove_prefix(words.back().size());
      }
    }
    return !words.empty();
  }

  std::string where() const { return fmt::format("{}:{}", place_, line_); }
  const std::string& place() const { return place_; }

 private:
  std::string text_;
  std::string place_;
  std::size_t at_ = 0;
  std::size_t line_ = 0;
};

Lines lines_of(const fs::path& path) {
  const auto bytes = read_regular_file(path);
  return {std::string(bytes.begin(), bytes.end()), printable(path.string())};
}

/// Whole numbers, one a line.
std::vector<std::int64_t> numbers_of(const fs::path& path, const char* what) {
  Lines lines = lines_of(path);
  std::vector<std::int64_t> numbers;
  for (std::vector<std::string_view> words; lines.next(words);) {
    const auto number = whole_number(std::string(words.front()));
    if (!number || words.size() != 1) {
      raise<DataError>("{}: {} = {}: one whole number expected", lines.where(), what,
                       printable(words.front()));
    }
    numbers.push_back(*number);
  }
  return numbers;
}

/// One channel: as many numbers a line as steps.
struct Channel {
  std::string name;
  std::string place;
  std::size_t steps = 0;
  std::vector<float> values;  // [windows, steps]

  std::size_t windows() const { return steps == 0 ? 0 : values.size() / steps; }
};

Channel read_channel(const fs::path& path, std::string name) {
  Lines lines = lines_of(path);
  Channel channel{.name = std::move(name), .place = lines.place()};
  for (std::vector<std::string_view> words; lines.next(words);) {
    if (channel.steps == 0) channel.steps = words.size();
    if (words.size() != channel.steps) {
      raise<DataError>("{}: numbers = {}: {} expected, as in the first line", lines.where(),
                       words.size(), channel.steps);
    }
    const std::string where = lines.where();
    for (const std::string_view word : words) {
      channel.values.push_back(number_of(word, channel.name, where));
    }
  }
  return channel;
}

/// `body_acc_x_train.txt` gives `body_acc_x`.
std::vector<std::string> channel_names(const fs::path& folder, const std::string& part) {
  const std::string ending = "_" + part;
  std::vector<std::string> names;
  for (const fs::path& file : folder_entries(folder / part / kSignals)) {
    const std::string stem = file.stem().string();
    if (ends_in(file, {".txt"}) && stem.ends_with(ending)) {
      names.push_back(stem.substr(0, stem.size() - ending.size()));
    }
  }
  return names;
}

/// All that one of the two folders holds.
struct Part {
  std::vector<Channel> channels;
  std::vector<std::int64_t> activities;  // [windows]
  std::vector<std::int64_t> subjects;    // [windows], or none
};

Part read_part(const fs::path& folder, const std::string& part,
               const std::vector<std::string>& names, const ReadHooks& hooks) {
  Part found;
  const fs::path own = folder / part;
  const fs::path activities = own / fmt::format("y_{}.txt", part);
  found.activities = numbers_of(activities, "activity");
  for (const std::string& name : names) {
    if (hooks.progress) {
      hooks.progress({.doing = "read", .done = found.channels.size(), .of = names.size()});
    }
    found.channels.push_back(
        read_channel(own / kSignals / fmt::format("{}_{}.txt", name, part), printable(name)));
    const Channel& channel = found.channels.back();
    if (channel.windows() != found.activities.size()) {
      raise<DataError>("{}: windows = {}: {} expected, as many as {} has lines", channel.place,
                       channel.windows(), found.activities.size(), printable(activities.string()));
    }
    const std::size_t steps = found.channels.front().steps;
    if (channel.steps != steps) {
      raise<DataError>("{}: steps = {}: {} expected, as in {}", channel.place, channel.steps, steps,
                       found.channels.front().place);
    }
  }
  const fs::path subjects = own / fmt::format("subject_{}.txt", part);
  if (path_exists(subjects)) {
    found.subjects = numbers_of(subjects, "subject");
    if (found.subjects.size() != found.activities.size()) {
      raise<DataError>("{}: lines = {}: {} expected, one a window", printable(subjects.string()),
                       found.subjects.size(), found.activities.size());
    }
  }
  return found;
}

/// Activities by their numbers: what they are called, else the number itself.
std::map<std::int64_t, std::string> activity_names(const fs::path& folder) {
  std::map<std::int64_t, std::string> names;
  const fs::path path = folder / "activity_labels.txt";
  if (!path_exists(path)) return names;
  Lines lines = lines_of(path);
  for (std::vector<std::string_view> words; lines.next(words);) {
    const auto number = whole_number(std::string(words.front()));
    if (!number || words.size() != 2 || !names.emplace(*number, printable(words[1])).second) {
      raise<DataError>("{}: a number that is there once, and a name expected", lines.where());
    }
  }
  return names;
}

/// Classes in the order of the activities' numbers.
std::map<std::int64_t, std::int32_t> name_activities(const fs::path& folder,
                                                     const std::vector<Part>& parts,
                                                     RawDataset& set) {
  std::set<std::int64_t> numbers;
  for (const Part& part : parts) numbers.insert(part.activities.begin(), part.activities.end());
  const auto names = activity_names(folder);
  std::map<std::int64_t, std::int32_t> labels;
  for (const std::int64_t number : numbers) {
    labels.emplace(number, static_cast<std::int32_t>(labels.size()));
    const auto name = names.find(number);
    set.class_names.push_back(name == names.end() ? std::to_string(number) : name->second);
  }
  return labels;
}

void append_window(const Part& part, std::size_t window, Samples& samples) {
  const std::size_t steps = part.channels.front().steps;
  for (std::size_t step = 0; step < steps; ++step) {
    for (const Channel& channel : part.channels) {
      samples.values.push_back(channel.values[window * steps + step]);
    }
  }
}

}  // namespace

bool recognises_activities(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_directory(folder / "train" / kSignals, ignored);
}

RawDataset read_activities(const fs::path& folder, const ReadOptions& options) {
  const auto names = channel_names(folder, "train");
  if (names.empty()) {
    raise<DataError>("{}: holds no file ….txt that ends in _train",
                     printable((folder / "train" / kSignals).string()));
  }
  std::vector<Part> parts = {read_part(folder, "train", names, options.hooks)};
  if (path_exists(folder / "test")) {
    parts.push_back(read_part(folder, "test", names, options.hooks));
    const Channel& first = parts[0].channels.front();
    const Channel& second = parts[1].channels.front();
    if (first.steps != second.steps) {
      raise<DataError>("{}: steps = {}: {} expected, as in {}", second.place, second.steps,
                       first.steps, first.place);
    }
  }
  RawDataset set;
  const auto labels = name_activities(folder, parts, set);
  const auto steps = static_cast<int>(parts[0].channels.front().steps);
  const Shape shape{.height = 1, .width = steps, .channels = static_cast<int>(names.size())};
  for (Samples* samples : {&set.train, &set.validation, &set.test}) samples->shape = shape;
  Numbering subjects;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Samples& samples = i == 0 ? set.train : set.test;
    for (std::size_t window = 0; window < parts[i].activities.size(); ++window) {
      append_window(parts[i], window, samples);
      samples.labels.push_back(labels.at(parts[i].activities[window]));
      if (i == 0 && !parts[0].subjects.empty()) {
        set.groups.push_back(subjects(std::to_string(parts[0].subjects[window])));
      }
      if (options.hooks.between_samples) options.hooks.between_samples(set);
    }
  }
  return set;
}

}  // namespace thimble
