#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "thimble/arena/arena_plan.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"

namespace thimble {
namespace {

struct Figures {
  std::int64_t head = 0;
  std::int64_t tail = 0;
  std::int64_t smallest = 0;  // 0: not measured
};

/// Of MLPerf Tiny, measured with TensorFlow Lite Micro itself: `x86_64` by the PyPI package, the
/// cores emulated.
struct MeasuredModel {
  const char* file;
  Figures x86_64, cortex_m4, cortex_m55;
};

void PrintTo(const MeasuredModel& model, std::ostream* out) { *out << model.file; }

class MeasuredModels : public ::testing::TestWithParam<MeasuredModel> {
 protected:
  void SetUp() override {
    const char* shared = std::getenv("THIMBLE_SHARED");
    const std::filesystem::path folder = shared ? shared : THIMBLE_SOURCE_DIR "/../shared";
    const auto path = folder / "models" / GetParam().file;
    if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not on this machine";
    network_ = arena_network(read_bytes(path), GetParam().file);
  }

  void expect(const char* target, const Figures& measured) const {
    const ArenaPlan plan = plan_arena(network_, find_arena_target(target));
    EXPECT_EQ(plan.head_size.value, measured.head) << target;
    EXPECT_EQ(plan.tail_size.value, measured.tail) << target;
    EXPECT_EQ(plan.used, plan.head_size + plan.tail_size);
    if (measured.smallest != 0) {
      EXPECT_EQ(plan.smallest.value, measured.smallest) << target;
    }
  }

  ArenaNetwork network_;
};

TEST_P(MeasuredModels, TakeWhatWasMeasured) {
  expect("x86-64", GetParam().x86_64);
  expect("cortex-m4", GetParam().cortex_m4);
  expect("cortex-m7", GetParam().cortex_m4);
  expect("cortex-m55", GetParam().cortex_m55);
}

INSTANTIATE_TEST_SUITE_P(MlperfTiny, MeasuredModels,
                         ::testing::Values(MeasuredModel{.file = "kws_ref_int8.tflite",
                                                         .x86_64 = {16'000, 8'272, 24'272},
                                                         .cortex_m4 = {16'000, 6'820, 22'832},
                                                         .cortex_m55 = {20'464, 6'884}},
                                           MeasuredModel{.file = "vww_96_int8.tflite",
                                                         .x86_64 = {73'728, 29'952, 103'680},
                                                         .cortex_m4 = {73'728, 26'980, 100'720},
                                                         .cortex_m55 = {73'728, 27'044}},
                                           MeasuredModel{.file = "ic_resnet8_int8.tflite",
                                                         .x86_64 = {49'152, 6'832, 55'984},
                                                         .cortex_m4 = {49'728, 5'268, 55'008},
                                                         .cortex_m55 = {49'728, 5'300}},
                                           MeasuredModel{.file = "ad01_int8.tflite",
                                                         .x86_64 = {768, 3'216, 4'640},
                                                         .cortex_m4 = {768, 1'812, 3'024},
                                                         .cortex_m55 = {768, 8'500}},
                                           MeasuredModel{.file = "sww_int8.tflite",
                                                         .x86_64 = {6'656, 9'984, 16'640},
                                                         .cortex_m4 = {7'936, 8'660, 16'608},
                                                         .cortex_m55 = {11'280, 8'676}}),
                         [](const auto& instance) {
                           const std::string file = instance.param.file;
                           return file.substr(0, file.find('_'));
                         });

}  // namespace
}  // namespace thimble
