#include "thimble/report/score_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace thimble {
namespace {

using testing::HasSubstr;

TEST(ScoresToText, HasALineForWhatASplitCanTell) {
  const Scores validation{{Objective::kAccuracy, 0.9}};
  const Scores test{{Objective::kAccuracy, 0.875}, {Objective::kAuc, 1}};
  EXPECT_EQ(scores_to_text(validation, test),
            "int8      validation      test\n"
            "accuracy     90.00 %   87.50 %\n"
            "AUC                   100.00 %\n");
}

TEST(MachinesToText, HasALineForEachMachine) {
  const std::vector<MachineScore> machines{
      {.machine = 1, .normal = 100, .anomalous = 90, .auc = 0.875, .pauc = 0.5}};
  EXPECT_EQ(machines_to_text(machines, std::vector<std::string>{"id_00", "id_02"}),
            "machine  normal  anomalous      AUC     pAUC\n"
            "id_02       100         90  87.50 %  50.00 %\n");
}

TEST(ConfusionToText, IsAMatrixWithNames) {
  const ConfusionMatrix matrix{.classes = 3,
                               .counts = {90, 4, 0,   //
                                          0, 150, 1,  //
                                          7, 0, 8}};
  EXPECT_EQ(confusion_to_text(matrix, std::vector<std::string>{"cat", "dog", "tree frog"}),
            "   class       0    1  2\n"
            "0  cat        90    4  .\n"
            "1  dog         .  150  1\n"
            "2  tree frog   7    .  8\n");
}

TEST(ConfusionToText, CutsNamesThatAreLong) {
  const ConfusionMatrix matrix{.classes = 2, .counts = {1, 0, 0, 1}};
  const std::string long_name = "äpfel, birnen, zwetschgen und quitten";
  EXPECT_THAT(confusion_to_text(matrix, std::vector<std::string>{long_name, "b"}),
              HasSubstr("0  äpfel, birnen, zwetschg…  1  .\n"));
  const std::string just_short_enough(24, 'x');
  EXPECT_THAT(confusion_to_text(matrix, std::vector<std::string>{just_short_enough, "b"}),
              HasSubstr("0  " + just_short_enough + "  1  .\n"));
}

TEST(ConfusionToText, ListsTheWorstPairsOfManyClasses) {
  ConfusionMatrix matrix{.classes = 21, .counts = std::vector<std::int64_t>(21 * 21)};
  std::vector<std::string> names;
  for (int c = 0; c < 21; ++c) {
    names.push_back("class " + std::to_string(c));
    matrix.counts[static_cast<std::size_t>(22 * c)] = 30;
    // Of class c, c more samples are taken for the next one.
    matrix.counts[static_cast<std::size_t>(21 * c + (c + 1) % 21)] = c;
  }
  const std::string text = confusion_to_text(matrix, names);
  EXPECT_THAT(text, HasSubstr("samples  of the class  class     taken for\n"
                              "     20       40.00 %  class 20  class 0\n"
                              "     19       38.78 %  class 19  class 20\n"));
  EXPECT_EQ(std::ranges::count(text, '\n'), 11) << "ten pairs";
}

TEST(ConfusionToJson, KeepsEveryCount) {
  const ConfusionMatrix matrix{.classes = 2, .counts = {5, 1, 0, 7}};
  EXPECT_EQ(confusion_to_json(matrix, std::vector<std::string>{"no", "yes"}).dump(),
            R"({"classes":["no","yes"],"counts":[[5,1],[0,7]]})");
}

}  // namespace
}  // namespace thimble
