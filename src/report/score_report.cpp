#include "thimble/report/score_report.hpp"

#include "thimble/core/error.hpp"
#include "thimble/report/text_table.hpp"

namespace thimble {
namespace {

/// Names are cut where they would push the numbers off the screen.
constexpr std::size_t kLongestName = 24;

using Rows = std::vector<std::vector<std::string>>;

std::string in_percent(double share) { return fmt::format("{:.2f} %", 100 * share); }

std::string score_text(const Scores& scores, Objective objective) {
  const auto found = scores.find(objective);
  return found == scores.end() ? "" : in_percent(found->second);
}

/// At most kLongestName characters of UTF-8, the last one a mark where some are missing.
std::string short_name(const std::string& name) {
  std::size_t characters = 0;
  std::size_t cut = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(name[i]) & 0xC0) != 0x80;
    if (!begins) continue;
    if (characters == kLongestName - 1) cut = i;
    if (++characters > kLongestName) return name.substr(0, cut) + "…";
  }
  return name;
}

std::string pairs_to_text(const ConfusionMatrix& matrix, std::span<const std::string> names) {
  Rows rows;
  for (const Confusion& pair : most_confused(matrix, kShownConfusions)) {
    const double share =
        static_cast<double>(pair.count) / static_cast<double>(matrix.labelled(pair.label));
    rows.push_back({std::to_string(pair.count), in_percent(share),
                    names[static_cast<std::size_t>(pair.label)],
                    names[static_cast<std::size_t>(pair.predicted)]});
  }
  return text_table(
      {{"samples", Align::kRight}, {"of the class", Align::kRight}, {"class"}, {"taken for"}},
      rows);
}

}  // namespace

std::string scores_to_text(const Scores& validation, const Scores& test) {
  Rows rows;
  for (const ObjectiveInfo& each : all_objectives()) {
    if (!validation.contains(each.objective) && !test.contains(each.objective)) continue;
    rows.push_back({std::string(each.title), score_text(validation, each.objective),
                    score_text(test, each.objective)});
  }
  return text_table({{"int8"}, {"validation", Align::kRight}, {"test", Align::kRight}}, rows);
}

std::string machines_to_text(std::span<const MachineScore> machines,
                             std::span<const std::string> names) {
  Rows rows;
  for (const MachineScore& each : machines) {
    rows.push_back({names[static_cast<std::size_t>(each.machine)], std::to_string(each.normal),
                    std::to_string(each.anomalous), in_percent(each.auc), in_percent(each.pauc)});
  }
  return text_table({{"machine"},
                     {"normal", Align::kRight},
                     {"anomalous", Align::kRight},
                     {"AUC", Align::kRight},
                     {"pAUC", Align::kRight}},
                    rows);
}

std::string confusion_to_text(const ConfusionMatrix& matrix, std::span<const std::string> names) {
  THIMBLE_ASSERT(names.size() == static_cast<std::size_t>(matrix.classes));
  if (matrix.classes > kMostShownClasses) return pairs_to_text(matrix, names);
  std::vector<Column> columns{{"", Align::kRight}, {"class"}};
  Rows rows;
  for (int label = 0; label < matrix.classes; ++label) {
    columns.push_back({std::to_string(label), Align::kRight});
    std::vector<std::string>& row = rows.emplace_back();
    row.push_back(std::to_string(label));
    row.push_back(short_name(names[static_cast<std::size_t>(label)]));
    for (int predicted = 0; predicted < matrix.classes; ++predicted) {
      const std::int64_t count = matrix.at(label, predicted);
      row.push_back(count == 0 ? "." : std::to_string(count));
    }
  }
  return text_table(columns, rows);
}

OrderedJson confusion_to_json(const ConfusionMatrix& matrix, std::span<const std::string> names) {
  OrderedJson counts = OrderedJson::array();
  for (int label = 0; label < matrix.classes; ++label) {
    OrderedJson row = OrderedJson::array();
    for (int predicted = 0; predicted < matrix.classes; ++predicted) {
      row.push_back(matrix.at(label, predicted));
    }
    counts.push_back(std::move(row));
  }
  return {{"classes", std::vector<std::string>(names.begin(), names.end())},
          {"counts", std::move(counts)}};
}

}  // namespace thimble
