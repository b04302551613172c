#include <gmock/gmock.h>

#include <cmath>
#include <string>

#include "tflite/made_file.hpp"
#include "thimble/core/error.hpp"
#include "thimble/tflite/reader.hpp"

namespace thimble {
namespace {

using testing::made_classifier;
using testing::made_concatenation;
using testing::MadeFile;
using testing::MadeOperator;
using tflite::ActivationFunctionType;
using tflite::BuiltinOperator;
using tflite::BuiltinOptions;

/// What `read_tflite` says to the classifier once `spoil` has changed it.
template <class Spoil>
std::string refusal(Spoil spoil, MadeFile file = made_classifier()) {
  spoil(file);
  try {
    read_tflite(file.bytes(), "net.tflite");
  } catch (const ModelError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(TfliteReaderRefusals, OtherOperatorsByNameAndNumber) {
  EXPECT_EQ(refusal([](MadeFile& f) { f.operators[1].code = BuiltinOperator::SUM; }),
            "net.tflite: operator 1 SUM: is not supported");
  EXPECT_EQ(refusal([](MadeFile& f) { f.operators[2].code = BuiltinOperator::GELU; }),
            "net.tflite: operator 2 GELU: is not supported");
  EXPECT_EQ(refusal([](MadeFile& f) { f.operators[2].code = BuiltinOperator{999}; }),
            "net.tflite: operator 2 of code 999: is not supported");
  EXPECT_EQ(refusal([](MadeFile& f) { f.operators[3].code = BuiltinOperator{-3}; }),
            "net.tflite: operator 3 ADD: inputs = 1: must be 2")
      << "a negative code is below that of ADD in the other field";
}

TEST(TfliteReaderRefusals, OtherTypesAndShapes) {
  EXPECT_EQ(refusal([](MadeFile& f) { f.tensors[0].type = tflite::TensorType::UINT8; }),
            "net.tflite: input 0: type = UINT8: must be INT8");
  EXPECT_EQ(refusal([](MadeFile& f) { f.tensors[7].type = tflite::TensorType::FLOAT32; }),
            "net.tflite: operator 2 FULLY_CONNECTED: bias: type = FLOAT32: must be INT32");
  EXPECT_EQ(refusal([](MadeFile& f) {
              f.tensors[0].shape = {2, 4, 3, 2};
            }),
            "net.tflite: input 0: shape [2, 4, 3, 2]: must be one sample, [1, H, W, C], "
            "[1, W, C] or [1, C]");
  EXPECT_EQ(refusal([](MadeFile& f) {
              f.tensors[0].shape = {1, -1, 3, 2};
            }),
            "net.tflite: input 0: shape [1, -1, 3, 2]: every axis must be at least 1");
  EXPECT_EQ(refusal([](MadeFile& f) {
              f.tensors[0].shape = {1, INT32_MAX, INT32_MAX, INT32_MAX};
            }),
            "net.tflite: input 0: shape [1, 2147483647, 2147483647, 2147483647]: more than 2^30 "
            "elements");
  EXPECT_EQ(refusal([](MadeFile& f) {
              f.tensors[0].shape = {1, 5, 3, 2};
            }),
            "net.tflite: operator 0 CONV_2D: output 3x2x3: must be 4x2x3");
  EXPECT_EQ(refusal([](MadeFile& f) {
              f.tensors[0].shape = {1, 1, 3, 2};
            }),
            "net.tflite: operator 0 CONV_2D: height = 1: smaller than the kernel's reach 2 "
            "(padding is VALID)");
  EXPECT_EQ(refusal([](MadeFile& f) {
              f.tensors[5].shape = {1, 6, 3};
            }),
            "net.tflite: operator 1 RESHAPE: 3x2x3 to 1x6x3: must flatten or keep the shape");
}

TEST(TfliteReaderRefusals, ConstantsThatDoNotFit) {
  EXPECT_EQ(refusal([](MadeFile& f) { f.tensors[1].data.pop_back(); }),
            "net.tflite: operator 0 CONV_2D: kernel: buffer of 23 bytes: its shape wants 24");
  EXPECT_EQ(refusal([](MadeFile& f) { f.tensors[6].data.clear(); }),
            "net.tflite: operator 2 FULLY_CONNECTED: kernel: not a constant: must be one");
  EXPECT_EQ(refusal([](MadeFile& f) { f.tensors[6].data[0] = 0x80; }),
            "net.tflite: operator 2 FULLY_CONNECTED: kernel: value -128: must be in [-127, 127]");
  EXPECT_EQ(refusal([](MadeFile& f) { f.tensors[2].shape = {1}; }),
            "net.tflite: operator 0 CONV_2D: bias: shape [1]: must be [3]");
  EXPECT_EQ(refusal([](MadeFile& f) {
              f.tensors[6].shape = {4, 9};
            }),
            "net.tflite: operator 2 FULLY_CONNECTED: kernel of 9 inputs: the input has 18");
  EXPECT_EQ(refusal([](MadeFile& f) {
              f.tensors[1].shape = {6, 2, 2, 1};
            }),
            "net.tflite: operator 0 CONV_2D: kernel: scales = 3: must be 1 or 6");
  EXPECT_EQ(refusal([](MadeFile& f) { f.missing_buffers = 8; }),
            "net.tflite: operator 0 CONV_2D: output: buffer = 4: the file has 3");
}

TEST(TfliteReaderRefusals, MissingOrWrongQuantisation) {
  EXPECT_EQ(refusal([](MadeFile& f) { f.tensors[3].scales.clear(); }),
            "net.tflite: operator 0 CONV_2D: output: quantisation: is missing");
  EXPECT_EQ(refusal([](MadeFile& f) {
              f.tensors[3].scales = {0.5F, 0.5F, 0.5F};
            }),
            "net.tflite: operator 0 CONV_2D: output: scales = 3: must be one");
  EXPECT_EQ(refusal([](MadeFile& f) { f.tensors[3].scales = {-1}; }),
            "net.tflite: operator 0 CONV_2D: output: scale = -1: must be positive and finite");
  EXPECT_EQ(refusal([](MadeFile& f) { f.tensors[3].zero_points = {128}; }),
            "net.tflite: operator 0 CONV_2D: output: zero point = 128: must be in [-128, 127]");
  EXPECT_EQ(refusal([](MadeFile& f) {
              f.tensors[1].zero_points = {0, 1, 0};
            }),
            "net.tflite: operator 0 CONV_2D: kernel: zero point = 1: must be 0");
  EXPECT_EQ(refusal([](MadeFile& f) { f.tensors[1].quantized_dimension = 3; }),
            "net.tflite: operator 0 CONV_2D: kernel: quantised along axis 3: must be 0");
  EXPECT_EQ(refusal([](MadeFile& f) { f.tensors[7].scales = {1}; }),
            "net.tflite: operator 2 FULLY_CONNECTED: bias: scale = 1: must be 0.375, input's times "
            "kernel's");
  EXPECT_EQ(refusal([](MadeFile& f) { f.tensors[7].scales = {NAN}; }),
            "net.tflite: operator 2 FULLY_CONNECTED: bias: scale = nan: must be 0.375, input's "
            "times kernel's");
  EXPECT_EQ(refusal([](MadeFile& f) {
              f.tensors[6].scales = {0.5F, 0.5F};
              f.tensors[6].zero_points = {0, 0};
            }),
            "net.tflite: operator 2 FULLY_CONNECTED: kernel: scales = 2: one for each unit is not "
            "supported");
  EXPECT_EQ(refusal([](MadeFile& f) { f.tensors[9].scales = {0.5F}; }),
            "net.tflite: node 4 SOFTMAX: output: scale must be 1/256 and zero point -128");
}

TEST(TfliteReaderRefusals, TensorsThatAreNotComputedOnceAndInOrder) {
  EXPECT_EQ(refusal([](MadeFile& f) { f.operators[0].inputs[0] = 3; }),
            "net.tflite: operator 0 CONV_2D: input 0: tensor 3: no earlier operator computes it");
  EXPECT_EQ(refusal([](MadeFile& f) { f.operators[0].inputs[0] = 1; }),
            "net.tflite: operator 0 CONV_2D: input 0: tensor 1: is a constant, which is not "
            "supported here");
  EXPECT_EQ(refusal([](MadeFile& f) { f.operators[2].inputs[1] = 10; }),
            "net.tflite: operator 2 FULLY_CONNECTED: kernel: tensor 10: the file has 10");
  EXPECT_EQ(refusal([](MadeFile& f) { f.operators[3].outputs = {8}; }),
            "net.tflite: operator 3 SOFTMAX: output: tensor 8: is computed already");
  EXPECT_EQ(refusal([](MadeFile& f) { f.outputs = {-1}; }),
            "net.tflite: output 0: tensor -1: the file has 10");
  EXPECT_EQ(refusal([](MadeFile& f) {
              f.outputs = {9, 9};
            }),
            "net.tflite: output 1: tensor 9: is output 0 already");
  EXPECT_EQ(refusal([](MadeFile& f) { f.inputs.clear(); }),
            "net.tflite: inputs = 0: needs at least one");
}

TEST(TfliteReaderRefusals, OptionsThatItCannotKeepTo) {
  const auto conv = [](MadeFile& file, int stride, tflite::Padding padding,
                       ActivationFunctionType activation) {
    file.operators[0].options = [=](auto& builder) {
      return tflite::CreateConv2DOptions(builder, padding, stride, stride, activation).Union();
    };
  };
  EXPECT_EQ(refusal([&](MadeFile& f) {
              conv(f, 0, tflite::Padding::VALID, ActivationFunctionType::RELU);
            }),
            "net.tflite: operator 0 CONV_2D: stride = 0: must be at least 1");
  EXPECT_EQ(refusal([&](MadeFile& f) {
              conv(f, INT32_MAX, tflite::Padding::SAME, ActivationFunctionType::RELU);
            }),
            "net.tflite: operator 0 CONV_2D: stride = 2147483647: too large");
  EXPECT_EQ(
      refusal([&](MadeFile& f) { conv(f, 1, tflite::Padding{7}, ActivationFunctionType::RELU); }),
      "net.tflite: operator 0 CONV_2D: padding = 7: must be SAME or VALID");
  EXPECT_EQ(refusal([&](MadeFile& f) {
              conv(f, 1, tflite::Padding::VALID, ActivationFunctionType::TANH);
            }),
            "net.tflite: operator 0 CONV_2D: fused activation TANH: must be NONE, RELU or RELU6");
  EXPECT_EQ(refusal([](MadeFile& f) {
              f.operators[3].options = [](auto& builder) {
                return tflite::CreateSoftmaxOptions(builder, 0.5F).Union();
              };
            }),
            "net.tflite: operator 3 SOFTMAX: beta = 0.5: must be 1");
  EXPECT_EQ(refusal([](MadeFile& f) { f.operators[0].options_type = BuiltinOptions::NONE; }),
            "net.tflite: operator 0 CONV_2D: options: are missing");
  EXPECT_EQ(refusal([](MadeFile&) {}, made_concatenation(1, {{1, 5, 3}, {1, 5, 3}, {1, 10, 3}})),
            "net.tflite: operator 0 CONCATENATION: axis = 1: must be the last, that of the "
            "channels");
}

TEST(TfliteReaderRefusals, OtherFiles) {
  EXPECT_EQ(refusal([](MadeFile& f) { f.version = 2; }), "net.tflite: version = 2: must be 3");
  EXPECT_EQ(refusal([](MadeFile& f) { f.subgraphs = 2; }), "net.tflite: subgraphs = 2: must be 1");
  EXPECT_THROW(read_tflite({}, "net.tflite"), ModelError);
  auto bytes = made_classifier().bytes();
  bytes[0] = 0xff;  // the root's offset
  EXPECT_THAT([&] { read_tflite(bytes, "net.tflite"); },
              ::testing::ThrowsMessage<ModelError>("net.tflite: is cut short or damaged"));
  bytes[5] = 'X';
  EXPECT_THAT([&] { read_tflite(bytes, "net.tflite"); },
              ::testing::ThrowsMessage<ModelError>(
                  "net.tflite: is no TensorFlow Lite file: bytes 4 to 7 must read TFL3"));
}

TEST(TfliteReaderRefusals, SharedConstantsThatGrowWithoutBound) {
  // 100 dense layers of 1,024 × 1,024 on one kernel of 1 MiB.
  MadeFile file = made_classifier();
  const MadeOperator dense{.code = BuiltinOperator::FULLY_CONNECTED,
                           .options_type = BuiltinOptions::FullyConnectedOptions,
                           .options = file.operators[2].options};
  file = {.tensors = {{.shape = {1, 1024}},
                      {.shape = {1024, 1024}, .data = std::vector<std::uint8_t>(1 << 20)}},
          .outputs = {101}};
  for (int layer = 0; layer < 100; ++layer) {
    file.tensors.push_back({.shape = {1, 1024}});
    file.operators.push_back(dense);
    file.operators.back().inputs = {layer == 0 ? 0 : layer + 1, 1};
    file.operators.back().outputs = {layer + 2};
  }
  EXPECT_EQ(refusal([](MadeFile&) {}, file),
            "net.tflite: operator 64 FULLY_CONNECTED: kernel: constants: more than 64 MiB in all "
            "are not supported");
}

}  // namespace
}  // namespace thimble
