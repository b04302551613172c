#include "dataset_report.hpp"

#include <algorithm>
#include <array>

#include "thimble/report/text_table.hpp"

namespace thimble::cli {
namespace {

/// Samples of each class.
std::vector<std::size_t> class_counts(const Samples& samples, int classes) {
  std::vector<std::size_t> counts(static_cast<std::size_t>(classes));
  for (const std::int32_t label : samples.labels) ++counts[static_cast<std::size_t>(label)];
  return counts;
}

/// How the values are kept.
std::string value_type(const Samples& samples) {
  if (!samples.sound.empty()) return "int16";
  if (!samples.features.empty()) return "int8";
  return samples.values.empty() ? "uint8" : "float32";
}

struct NamedSplit {
  const char* name;
  const Samples* samples;
};

std::array<NamedSplit, 3> splits_of(const Dataset& dataset) {
  return {
      {{"train", &dataset.train}, {"validation", &dataset.validation}, {"test", &dataset.test}}};
}

bool tells_anomalous(const Dataset& dataset) {
  return std::ranges::any_of(splits_of(dataset), [](const NamedSplit& split) {
    return !split.samples->anomalous.empty();
  });
}

std::string indented(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += "  " + line + '\n';
  return text;
}

}  // namespace

OrderedJson dataset_to_json(const Dataset& dataset, const Duplicates& duplicates) {
  const Shape shape = dataset.shape();
  OrderedJson splits = OrderedJson::object();
  OrderedJson counts = OrderedJson::object();
  OrderedJson anomalous;
  for (const auto& [name, samples] : splits_of(dataset)) {
    splits[name] = samples->size();
    counts[name] = class_counts(*samples, dataset.classes);
    if (tells_anomalous(dataset)) {
      anomalous[name] = std::ranges::count(samples->anomalous, 1);
    }
  }
  return {
      {"name", dataset.name},
      {"kind", dataset.kind},
      {"shape", {shape.height, shape.width, shape.channels}},
      {"type", value_type(dataset.train)},
      {"classes", dataset.classes},
      {"class_names", dataset.class_names},
      {"splits", std::move(splits)},
      {"samples_of_class", std::move(counts)},
      {"anomalous", std::move(anomalous)},
      {"broken", {{"files", dataset.findings.broken}, {"listed", dataset.findings.broken_files}}},
      {"duplicates",
       {{"validation", duplicates.validation},
        {"test", duplicates.test},
        {"listed", duplicates.examples}}},
      {"notes", dataset.findings.notes}};
}

std::string dataset_to_text(const Dataset& dataset, const Duplicates& duplicates) {
  std::string text =
      fmt::format("{}: {}, samples of {} {}, {} classes\n\n", dataset.name, dataset.kind,
                  to_string(dataset.shape()), value_type(dataset.train), dataset.classes);
  std::vector<std::vector<std::string>> rows;
  for (const std::string& name : dataset.class_names) rows.push_back({name});
  rows.push_back({"all"});
  for (const auto& [name, samples] : splits_of(dataset)) {
    const auto counts = class_counts(*samples, dataset.classes);
    for (std::size_t i = 0; i < counts.size(); ++i) rows[i].push_back(std::to_string(counts[i]));
    rows.back().push_back(std::to_string(samples->size()));
  }
  if (tells_anomalous(dataset)) {
    rows.push_back({"anomalous"});
    for (const auto& [name, samples] : splits_of(dataset)) {
      rows.back().push_back(std::to_string(std::ranges::count(samples->anomalous, 1)));
    }
  }
  text += text_table({{"class"},
                      {"training", Align::kRight},
                      {"validation", Align::kRight},
                      {"test", Align::kRight}},
                     rows);
  const Findings& findings = dataset.findings;
  if (findings.broken > 0) {
    text += fmt::format("\nwarning: broken files, left out: {}\n", findings.broken);
    text += indented(findings.broken_files);
    if (findings.broken > findings.broken_files.size()) text += "  …\n";
  }
  if (duplicates.validation + duplicates.test > 0) {
    text += fmt::format("\nwarning: samples that are in two splits: {} of validation, {} of test\n",
                        duplicates.validation, duplicates.test);
    text += indented(duplicates.examples);
    if (duplicates.validation + duplicates.test > duplicates.examples.size()) text += "  …\n";
  }
  if (!findings.notes.empty()) text += "\nnotes:\n" + indented(findings.notes);
  return text;
}

}  // namespace thimble::cli
