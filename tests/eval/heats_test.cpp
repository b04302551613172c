#include "thimble/eval/heats.hpp"

#include <gmock/gmock.h>

#include "small_search.hpp"
#include "thimble/search/pareto_front.hpp"

namespace thimble {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

bool go_on(std::size_t) { return true; }

std::vector<std::int64_t> ids(std::span<const Trial> trials) {
  std::vector<std::int64_t> result;
  for (const Trial& trial : trials) result.push_back(trial.id);
  return result;
}

class HeatsTest : public SmallSearchTest {
 protected:
  HeatsTest() {
    run(study_, 8, 2);
    front_ = read_trials(study_);
    std::erase_if(front_,
                  [](const Trial& trial) { return trial.status != TrialStatus::kEvaluated; });
    options_.recipe.epochs = 2;
  }

  Retraining with(int jobs) const {
    return {.screen = screen_, .dataset = set_, .options = options_, .jobs = jobs};
  }

  double heat(std::int64_t trial) const {
    for (const RetrainedRow& row : study_.retrained("heat")) {
      if (row.trial == trial) return row.result.at("val_accuracy").get<double>();
    }
    return -1;
  }

  Study study_ = new_study("heats");
  std::vector<Trial> front_;
};

TEST_F(HeatsTest, SendTheMostAccurateEntrantsToTheFinal) {
  ASSERT_GE(front_.size(), 6U);
  const auto chosen = choose_finalists(study_, front_, 6, 2, with(2), go_on);
  ASSERT_TRUE(chosen.has_value());
  ASSERT_THAT(*chosen, SizeIs(2));
  EXPECT_THAT(study_.retrained("heat"), SizeIs(6));
  EXPECT_GE(heat(chosen->at(0).id), heat(chosen->at(1).id));
  for (std::size_t i = 0; i < 6; ++i) {
    if (front_[i].id == chosen->at(0).id || front_[i].id == chosen->at(1).id) continue;
    EXPECT_LE(heat(front_[i].id), heat(chosen->at(1).id));
    EXPECT_GE(heat(front_[i].id), 0) << "every entrant ran";
  }
}

TEST_F(HeatsTest, GoOnWhereTheyWereStoppedWithTheSameWinners) {
  Study other = new_study("other");
  run(other, 8, 2);
  const auto undisturbed = choose_finalists(other, front_, 5, 2, with(2), go_on);
  const auto stopped =
      choose_finalists(study_, front_, 5, 2, with(1), [](std::size_t done) { return done < 2; });
  EXPECT_FALSE(stopped.has_value());
  EXPECT_THAT(study_.retrained("heat"), SizeIs(2));
  std::size_t least_done = 5;
  const auto chosen = choose_finalists(study_, front_, 5, 2, with(1), [&](std::size_t done) {
    least_done = std::min(least_done, done);
    return true;
  });
  EXPECT_EQ(least_done, 2U) << "what is known does not run again";
  ASSERT_TRUE(chosen && undisturbed);
  EXPECT_EQ(ids(*chosen), ids(*undisturbed));
}

TEST_F(HeatsTest, AreWonByTheScoreOrByTheAccuracyOfARunFromBeforeThereWasOne) {
  const auto of = [&](std::size_t i) { return front_[i].id; };
  const auto heat_was = [&](std::size_t i, const Json& result) {
    study_.set_retrained({.round = "heat", .trial = of(i), .result = result});
  };
  heat_was(0, {{"val_accuracy", 0.9}, {"val_score", 0.2}, {"failure", ""}});
  heat_was(1, {{"val_accuracy", 0.5}, {"val_score", 0.8}, {"failure", ""}});
  heat_was(2, {{"val_accuracy", 0.6}, {"failure", ""}});
  const auto chosen = choose_finalists(study_, front_, 3, 2, with(1), go_on);
  ASSERT_TRUE(chosen.has_value());
  EXPECT_THAT(ids(*chosen), ElementsAre(of(1), of(2)));
}

TEST_F(HeatsTest, AreNotHeldWhenAllWouldWin) {
  const auto all = choose_finalists(study_, front_, 3, 3, with(1), go_on);
  EXPECT_THAT(ids(*all), ElementsAre(front_[0].id, front_[1].id, front_[2].id));
  const auto none = choose_finalists(study_, front_, 6, 0, with(1), go_on);
  EXPECT_THAT(*none, IsEmpty());
  const auto short_front =
      choose_finalists(study_, std::span(front_).first(2), 9, 3, with(1), go_on);
  EXPECT_THAT(ids(*short_front), ElementsAre(front_[0].id, front_[1].id));
  EXPECT_THAT(study_.retrained("heat"), IsEmpty());
}

TEST_F(HeatsTest, AreLostByANetworkThatFails) {
  options_.memory_limit = 1_KiB;
  const auto chosen = choose_finalists(study_, front_, 4, 2, with(1), go_on);
  ASSERT_TRUE(chosen.has_value());
  EXPECT_THAT(*chosen, IsEmpty());
}

}  // namespace
}  // namespace thimble
