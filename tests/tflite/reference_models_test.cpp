// The five int8 models of MLPerf Tiny, with inputs and what TensorFlow Lite Micro answers to them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <string>

#include "thimble/core/file.hpp"
#include "thimble/quant/int8_interpreter.hpp"
#include "thimble/tflite/reader.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {
namespace {

struct ReferenceModel {
  std::string file;
  std::string task;
  NodeId nodes;

  friend void PrintTo(const ReferenceModel& model, std::ostream* out) { *out << model.file; }
};

std::filesystem::path models_folder() {
  const char* shared = std::getenv("THIMBLE_SHARED");
  return std::filesystem::path(shared ? shared : THIMBLE_SOURCE_DIR "/../shared") / "models";
}

std::vector<std::int8_t> read_int8(const std::filesystem::path& path) {
  const auto bytes = read_bytes(path);
  return {bytes.begin(), bytes.end()};
}

class ReferenceModels : public ::testing::TestWithParam<ReferenceModel> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(file())) GTEST_SKIP() << file() << " is not on this machine";
  }

  static std::filesystem::path file() { return models_folder() / GetParam().file; }
  static std::filesystem::path golden(const std::string& end) {
    return models_folder() / "golden" / (GetParam().task + end);
  }
};

TEST_P(ReferenceModels, ComputeWhatTensorFlowLiteMicroDoes) {
  const QuantizedModel model = read_tflite(read_bytes(file()), GetParam().file);
  EXPECT_EQ(model.graph.size(), GetParam().nodes);
  const auto inputs = read_int8(golden("_in.bin"));
  const auto outputs = read_int8(golden("_out.bin"));
  ASSERT_GT(outputs.size(), 0U);
  EXPECT_TRUE(Int8Interpreter(model).run(inputs) == outputs);
}

TEST_P(ReferenceModels, ShrinkWhenTheyAreWrittenAndReadBackTheSame) {
  const auto bytes = read_bytes(file());
  const QuantizedModel model = read_tflite(bytes, GetParam().file);
  const auto written = write_tflite(model);
  EXPECT_LT(written.size(), bytes.size());
  const QuantizedModel again = read_tflite(written, "written");
  EXPECT_EQ(again.graph, model.graph);
  EXPECT_EQ(again.activations, model.activations);
  EXPECT_EQ(again.weights, model.weights);
}

// Nodes: one for the input and one for each operator of the file.
INSTANTIATE_TEST_SUITE_P(MlperfTiny, ReferenceModels,
                         ::testing::Values(ReferenceModel{"kws_ref_int8.tflite", "kws", 14},
                                           ReferenceModel{"vww_96_int8.tflite", "vww", 32},
                                           ReferenceModel{"ic_resnet8_int8.tflite", "ic", 17},
                                           ReferenceModel{"ad01_int8.tflite", "ad", 11},
                                           ReferenceModel{"sww_int8.tflite", "sww", 12}),
                         [](const auto& instance) { return instance.param.task; });

}  // namespace
}  // namespace thimble
