#include <algorithm>
#include <string>
#include <vector>

#include "refusal.hpp"
#include "thimble/arena/target.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/text.hpp"

namespace thimble {
namespace {

using Kernels = std::array<std::optional<KernelMemory>, kTflmKernels>;

struct Row {
  TflmKernel kernel;
  KernelMemory memory;
};

template <std::size_t n>
constexpr Kernels table(const Row (&rows)[n]) {
  Kernels kernels{};
  for (const Row& row : rows) kernels[static_cast<std::size_t>(row.kernel)] = row.memory;
  return kernels;
}

// Cortex-M: sizes measured with arm-none-eabi-gcc at TensorFlow Lite Micro 90b983c (an enum takes
// one byte where that suffices). With CMSIS-NN their sums are the tails that emulated M4, M7 and
// M55 report for six models; with the reference kernels nobody has compared a tail, only the sizes.
//
// Operators that were in none of the models have derived figures. A type of nothing but int8,
// int16, int32 and float is laid out alike on x86-64, where the judge pins it: PAD, RELU, RELU6,
// MUL, LOGISTIC, TANH and HARD_SWISH. An activation among the options takes one byte of four. The
// state of CONCATENATION has two pointers, which make 24 bytes of 40; that the package reports 80
// is due to ten indices for compressed tensors, which 90b983c as it was measured does not have (nor
// has its CONV_2D the two that make 56 bytes of 64). Both libraries run these with one and the same
// preparation. MAX_POOL_2D has the data of AVERAGE_POOL_2D. There are no figures for MEAN: how many
// scratch buffers it asks for differs between versions.

constexpr ObjectSize kConvOptions32{28, 4};
constexpr ObjectSize kDenseOptions32{5, 1};
constexpr ObjectSize kPoolOptions32{40, 4};
constexpr ObjectSize kAddOptions32{2, 1};
constexpr ObjectSize kReshapeOptions32{36, 4};
constexpr ObjectSize kSoftmaxOptions32{4, 4};
constexpr ObjectSize kConcatenationOptions32{8, 4};
constexpr ObjectSize kMulOptions32{1, 1};
constexpr ObjectSize kResizeOptions32{2, 1};

constexpr bool kDerived = true;

constexpr Row kCmsis[] = {
    {TflmKernel::kConv2D, {kConvOptions32, 60}},
    {TflmKernel::kDepthwiseConv2D, {kConvOptions32, 60}},
    {TflmKernel::kFullyConnected, {kDenseOptions32, 72}},
    {TflmKernel::kMaxPool2D, {kPoolOptions32, 36, kDerived}},
    {TflmKernel::kAveragePool2D, {kPoolOptions32, 36}},
    {TflmKernel::kAdd, {kAddOptions32, 60}},
    {TflmKernel::kConcatenation, {kConcatenationOptions32, 24, kDerived}},
    {TflmKernel::kPad, {{}, 56, kDerived}},
    {TflmKernel::kRelu, {{}, 28, kDerived}},
    {TflmKernel::kRelu6, {{}, 8, kDerived}},
    {TflmKernel::kReshape, {kReshapeOptions32, 0}},
    {TflmKernel::kSoftmax, {kSoftmaxOptions32, 64}},
    {TflmKernel::kMul, {kMulOptions32, 36, kDerived}},
    {TflmKernel::kResizeNearestNeighbor, {kResizeOptions32, 0, kDerived}},
    {TflmKernel::kLogistic, {{}, 16, kDerived}},
    {TflmKernel::kTanh, {{}, 16, kDerived}},
    {TflmKernel::kHardSwish, {{}, 20, kDerived}},
};

constexpr Row kReference32[] = {
    {TflmKernel::kConv2D, {kConvOptions32, 56}},
    {TflmKernel::kDepthwiseConv2D, {kConvOptions32, 56}},
    {TflmKernel::kFullyConnected, {kDenseOptions32, 48}},
    {TflmKernel::kMaxPool2D, {kPoolOptions32, 32, kDerived}},
    {TflmKernel::kAveragePool2D, {kPoolOptions32, 32}},
    {TflmKernel::kAdd, {kAddOptions32, 60}},
    {TflmKernel::kConcatenation, {kConcatenationOptions32, 24, kDerived}},
    {TflmKernel::kPad, {{}, 56, kDerived}},
    {TflmKernel::kRelu, {{}, 28, kDerived}},
    {TflmKernel::kRelu6, {{}, 8, kDerived}},
    {TflmKernel::kReshape, {kReshapeOptions32, 0}},
    {TflmKernel::kSoftmax, {kSoftmaxOptions32, 56}},
    {TflmKernel::kMul, {kMulOptions32, 36, kDerived}},
    {TflmKernel::kResizeNearestNeighbor, {kResizeOptions32, 0, kDerived}},
    {TflmKernel::kLogistic, {{}, 16, kDerived}},
    {TflmKernel::kTanh, {{}, 16, kDerived}},
    {TflmKernel::kHardSwish, {{}, 20, kDerived}},
};

constexpr ArenaTarget cortex_m(std::string_view name, std::string_view runtime,
                               KernelLibrary library, const Kernels& kernels) {
  return {.name = name,
          .runtime = runtime,
          .library = library,
          // Allocator 36, GreedyMemoryPlanner 44, MicroAllocator 36, MicroBuiltinDataAllocator 8,
          // SubgraphAllocations 8.
          .interpreter = 36 + 44 + 36 + 8 + 8,
          .eval_tensor = {12, 4},
          .node = {32, 4},
          .scratch_handle = {4, 4},
          .tensor = {32, 4},
          .quantisation = {12, 4},
          .pointer = 4,
          .scratch_request = {12, 4},
          .subgraph_offset = {4, 4},
          .allocation_info = {24, 4},
          .planned_buffer = 40,
          .kernels = kernels};
}

// x86-64: what the package reports. Its recording allocator tells records, nodes and the kernels'
// data apart; the rest are the differences that networks make that are longer by one operator, for
// every kind and every alignment of what lies before, and the smallest arenas in which they can be
// allocated. The judge's networks pin every figure: any other that its alignment allows is wrong
// for some of them (but `subgraph_offset`, which is the size of a pointer).
constexpr Row kReference64[] = {
    {TflmKernel::kConv2D, {{28, 4}, 80}},
    {TflmKernel::kDepthwiseConv2D, {{28, 4}, 80}},
    {TflmKernel::kFullyConnected, {{32, 8}, 72}},
    {TflmKernel::kMaxPool2D, {{40, 4}, 32}},
    {TflmKernel::kAveragePool2D, {{40, 4}, 32}},
    {TflmKernel::kAdd, {{8, 4}, 60}},
    {TflmKernel::kConcatenation, {{8, 4}, 80}},
    {TflmKernel::kPad, {{}, 56}},
    {TflmKernel::kRelu, {{}, 28}},
    {TflmKernel::kRelu6, {{}, 8}},
    {TflmKernel::kReshape, {{36, 4}, 0}},
    {TflmKernel::kSoftmax, {{4, 4}, 80}},
    {TflmKernel::kMean, {{1, 1}, 44}},
    {TflmKernel::kMul, {{4, 4}, 36}},
    {TflmKernel::kResizeNearestNeighbor, {{2, 1}, 0}},
    {TflmKernel::kLogistic, {{}, 16}},
    {TflmKernel::kTanh, {{}, 16}},
    {TflmKernel::kHardSwish, {{}, 20}},
};

constexpr ArenaTarget kX86_64{
    .name = "x86-64",
    .runtime = "tflite-micro 0.dev20261023182759 from PyPI, reference kernels",
    .library = KernelLibrary::kReference,
    .interpreter = 488,  // the recording allocator, which is larger than the plain one, included
    .eval_tensor = {24, 8},
    .node = {64, 8},
    .scratch_handle = {8, 8},
    .tensor = {64, 8},
    .quantisation = {24, 8},
    .pointer = 8,
    .scratch_request = {16, 8},
    .subgraph_offset = {8, 8},
    .allocation_info = {32, 8},
    .planned_buffer = 40,
    .kernels = table(kReference64)};

constexpr std::string_view kCmsisRuntime = "TensorFlow Lite Micro 90b983c, CMSIS-NN 4ab83cc";
constexpr ArenaTarget kTargets[] = {
    kX86_64,
    cortex_m("cortex-m4", kCmsisRuntime, KernelLibrary::kCmsisDsp, table(kCmsis)),
    cortex_m("cortex-m7", kCmsisRuntime, KernelLibrary::kCmsisDsp, table(kCmsis)),
    cortex_m("cortex-m4-reference", "TensorFlow Lite Micro 90b983c, reference kernels",
             KernelLibrary::kReference, table(kReference32)),
    cortex_m("cortex-m55", kCmsisRuntime, KernelLibrary::kCmsisHelium, table(kCmsis)),
};

}  // namespace

std::span<const ArenaTarget> arena_targets() { return kTargets; }

const ArenaTarget& find_arena_target(std::string_view name) {
  const auto found = std::ranges::find(kTargets, name, &ArenaTarget::name);
  if (found != std::end(kTargets)) return *found;
  std::vector<std::string> known;
  for (const ArenaTarget& target : kTargets) known.emplace_back(target.name);
  const std::string nearest = did_you_mean(name, known);
  raise<ConfigError>(
      "runtime target = {}: is not known{}", name,
      nearest.empty() ? fmt::format("; known are {}", fmt::join(known, ", ")) : nearest);
}

namespace arena {

void refuse(const ArenaOperator& op, const ArenaTarget& target, std::string_view which) {
  raise<ModelError>("{} that makes tensor {}{}{}: what it takes on {} is not known ({})",
                    kernel_name(op.kernel), op.output, which.empty() ? "" : ", ", which,
                    target.name, target.runtime);
}

}  // namespace arena
}  // namespace thimble
