#include "thimble/space/baselines.hpp"

#include <gtest/gtest.h>

#include "space/counts.hpp"
#include "thimble/core/error.hpp"
#include "thimble/graph/deploy.hpp"

namespace thimble {
namespace {

const Task kKeywords{.input = {49, 10, 1}, .classes = 12};
const Task kImages{.input = {32, 32, 3}, .classes = 10};
const Task kPerson{.input = {96, 96, 3}, .classes = 2};
const Task kMachine{.input = {1, 1, 640}, .classes = 2};

std::int64_t macs(std::string_view name, const Task& task) {
  return count_macs(deployed(baseline(name, task)));
}

std::int64_t parameters(std::string_view name, const Task& task) {
  return count_parameters(deployed(baseline(name, task)));
}

// Counted in the published int8 files: convolutions and dense layers only, pools and additions
// free.
TEST(Baselines, CostTheMacsOfThePublishedFiles) {
  EXPECT_EQ(macs("ds-cnn-s", kKeywords), 2'656'768);
  EXPECT_EQ(macs("resnet8", kImages), 12'501'632);
  EXPECT_EQ(macs("ad-autoencoder", kMachine), 264'192);
  // The file has two outputs of 256 inputs where ours has one logit.
  EXPECT_EQ(macs("mobilenetv1-025", kPerson), 7'489'664 - 256);
}

// Stem 10·4·64 + 64; four blocks of 9·64 + 64 + 64·64 + 64; dense 64·12 + 12.
TEST(Baselines, HaveTheParametersOfThePublishedLayers) {
  EXPECT_EQ(parameters("ds-cnn-s", kKeywords), 2624 + 4 * (640 + 4160) + 780);
}

// MicroNets, Table 5: 2 operations a MAC, 16.65, 31.11 and 131.4 million; parameters 60,240,
// 111,984 and 500,328 with the biases of the folded batch norms.
TEST(Baselines, HaveTheCostsOfTheMicroNets) {
  EXPECT_NEAR(2e-6 * static_cast<double>(macs("micronet-kws-s", kKeywords)), 16.65, 0.006);
  EXPECT_NEAR(2e-6 * static_cast<double>(macs("micronet-kws-m", kKeywords)), 31.11, 0.006);
  EXPECT_NEAR(2e-6 * static_cast<double>(macs("micronet-kws-l", kKeywords)), 131.4, 0.06);
  EXPECT_EQ(parameters("micronet-kws-s", kKeywords), 60'240);
  EXPECT_EQ(parameters("micronet-kws-m", kKeywords), 111'984);
  EXPECT_EQ(parameters("micronet-kws-l", kKeywords), 500'328);
}

// MicroNets, Table 5, with four logits: 37.48, 124.69 and 128.99 million operations.
TEST(Baselines, HaveTheCostsOfTheAnomalyMicroNets) {
  const Task spectrogram{.input = {32, 32, 1}, .classes = 4};
  EXPECT_NEAR(2e-6 * static_cast<double>(macs("micronet-ad-s", spectrogram)), 37.48, 0.006);
  EXPECT_NEAR(2e-6 * static_cast<double>(macs("micronet-ad-m", spectrogram)), 124.69, 0.006);
  EXPECT_NEAR(2e-6 * static_cast<double>(macs("micronet-ad-l", spectrogram)), 128.99, 0.006);
  EXPECT_EQ(parameters("micronet-ad-s", spectrogram), 194'868);
  EXPECT_EQ(parameters("micronet-ad-m", spectrogram), 375'064);
  EXPECT_EQ(parameters("micronet-ad-l", spectrogram), 361'316);
}

TEST(Baselines, TakeEveryInputAndEndInTheTasksLogits) {
  for (const std::string& name : baseline_names()) {
    for (const Shape input : {Shape{1, 1, 1}, Shape{28, 28, 1}, Shape{97, 33, 3}}) {
      const Graph graph = baseline(name, {.input = input, .classes = 5, .dropout = 0.2F});
      const std::int64_t wanted = name == "ad-autoencoder" ? input.elements() : 5;
      EXPECT_EQ(graph.shape(graph.output()).elements(), wanted) << name;
    }
  }
}

TEST(Baselines, SuggestTheNearestNameForAnUnknownOne) {
  EXPECT_THROW(
      try { baseline("resnet-8", kImages); } catch (const ConfigError& error) {
        EXPECT_NE(std::string(error.what()).find("(did you mean \"resnet8\"?)"), std::string::npos)
            << error.what();
        throw;
      },
      ConfigError);
}

}  // namespace
}  // namespace thimble
