#include "thimble/arena/tail.hpp"

#include <algorithm>

#include "alignment.hpp"
#include "refusal.hpp"
#include "thimble/arena/lifetimes.hpp"

namespace thimble {
namespace {

using arena::align_up;
using arena::kArenaAlignment;

constexpr int kAlignment = static_cast<int>(kArenaAlignment);
constexpr int kWord = 4;  // an int32 or a float
/// Room for so many requests of scratch memory is kept while an operator prepares itself.
constexpr int kMostRequests = 12;

/// Goes through `MicroInterpreter::AllocateTensors` step by step:
///
///     arena:  | head: requests of scratch memory | temporary records →   ← tail |
///
/// While operators prepare themselves, the head holds only their requests for scratch memory; the
/// records that they look at lie behind it, and are dropped when the operator is done. The plan for
/// the real head is made there as well. An allocation in the tail minds the head alone, not the
/// records.
///
/// What each kernel looks at was found from the smallest arenas on x86-64. CMSIS-NN's kernels are
/// taken from their source; of the cores' smallest arenas only one hangs on what comes here, and
/// that on the planner's notes.
class Allocator {
 public:
  Allocator(const ArenaNetwork& network, const ArenaTarget& target)
      : network_(network), target_(target) {}

  Allocation run(int buffers, int scratch_buffers) && {
    persistent(result_.tail.interpreter, {target_.interpreter, target_.pointer});
    head_ = requests(0);
    need(head_);
    persistent(result_.tail.tensors, target_.eval_tensor, network_.tensors.size());
    persistent(result_.tail.nodes, target_.node, network_.operators.size());
    for (const ArenaOperator& op : network_.operators) {
      persistent(result_.tail.options, memory(op).options);
    }
    for (const ArenaOperator& op : network_.operators) {
      persistent(result_.tail.states, {memory(op).state, kAlignment});
    }
    prepare_operators();
    persistent(result_.tail.handles, target_.scratch_handle,
               static_cast<std::size_t>(scratch_buffers));
    plan(buffers, scratch_buffers);
    present(network_.inputs);
    present(network_.outputs);
    return result_;
  }

 private:
  const KernelMemory& memory(const ArenaOperator& op) const {
    const auto& found = target_.kernel(op.kernel);
    if (!found) arena::refuse(op, target_, "");
    return *found;
  }

  const ArenaTensor& tensor(std::int32_t number) const {
    return network_.tensors[static_cast<std::size_t>(number)];
  }

  std::int64_t requests(int made) const {
    return std::int64_t{target_.scratch_request.bytes} * (kMostRequests + made);
  }

  void need(std::int64_t below_tail) {
    result_.preparation = std::max(result_.preparation, Bytes(below_tail + tail_));
  }

  void persistent(Bytes& part, ObjectSize object, std::size_t count = 1) {
    if (object.bytes == 0 || count == 0) return;
    const std::int64_t bytes = std::int64_t{object.bytes} * static_cast<std::int64_t>(count);
    const std::int64_t end = align_up(tail_ + bytes, object.alignment);
    part += Bytes(end - tail_);
    tail_ = end;
    if (!head_is_planned_) need(head_);
  }

  void temporary(ObjectSize object, std::int64_t count = 1) {
    temporary_end_ = align_up(temporary_end_, object.alignment) + object.bytes * count;
    need(temporary_end_);
  }

  /// A record of a tensor; −1 has none.
  void look_at(std::int32_t number) {
    if (number < 0) return;
    temporary(target_.tensor);
    const int scales = tensor(number).scales;
    if (scales == 0) return;
    temporary(target_.quantisation);
    temporary({kWord, kWord}, 1 + scales);  // the zero points and their count
  }

  void look_at_inputs(const ArenaOperator& op) {
    for (const std::int32_t number : network_.inputs_of(op)) look_at(number);
  }

  void prepare_operators() {
    int made = 0;
    for (const ArenaOperator& op : network_.operators) {
      temporary_end_ = head_;
      prepare(op);
      made += scratch_sizes(op, target_).count;
      head_ = requests(made);
      need(head_);
    }
  }

  /// In the order in which the kernel looks and allocates.
  void prepare(const ArenaOperator& op) {
    const auto inputs = network_.inputs_of(op);
    switch (op.kernel) {
      case TflmKernel::kConv2D:
      case TflmKernel::kDepthwiseConv2D:
        look_at(op.output);
        look_at(inputs[0]);
        look_at(inputs[1]);
        array(op.geometry.output.channels);  // multipliers
        array(op.geometry.output.channels);  // shifts
        look_at_inputs(op);
        look_at(op.output);
        break;
      case TflmKernel::kFullyConnected:
        look_at_inputs(op);
        look_at(op.output);
        // Sums of the kernel's rows, where the library is built for speed.
        if (target_.library == KernelLibrary::kCmsisHelium) array(op.geometry.output.channels);
        break;
      case TflmKernel::kAveragePool2D:
        look_at_inputs(op);
        look_at(op.output);
        if (target_.library == KernelLibrary::kReference) break;
        look_at_inputs(op);
        look_at(op.output);
        break;
      case TflmKernel::kMean:
        look_at(inputs[0]);
        look_at(op.output);
        look_at(inputs[1]);  // the axes
        look_at_inputs(op);
        look_at(op.output);
        break;
      case TflmKernel::kTanh:
        look_at(inputs[0]);
        look_at_inputs(op);
        look_at(op.output);
        break;
      case TflmKernel::kConcatenation:
        look_at(inputs[0]);
        look_at(op.output);
        look_at_inputs(op);
        break;
      case TflmKernel::kRelu6:
        look_at(inputs[0]);
        break;
      case TflmKernel::kReshape:
        look_at(inputs[0]);  // not at the shape, where the file has it
        look_at(op.output);
        break;
      case TflmKernel::kMaxPool2D:
      case TflmKernel::kAdd:
      case TflmKernel::kPad:
      case TflmKernel::kRelu:
      case TflmKernel::kSoftmax:
      case TflmKernel::kMul:
      case TflmKernel::kResizeNearestNeighbor:
      case TflmKernel::kLogistic:
      case TflmKernel::kHardSwish:
        look_at_inputs(op);
        look_at(op.output);
        break;
    }
  }

  void array(int words) { persistent(result_.tail.arrays, {words * kWord, kAlignment}); }

  /// Lifetimes of all tensors and scratch buffers, then the planner's own notes in whole lines of
  /// what is left between the two ends.
  void plan(int buffers, int scratch_buffers) {
    temporary_end_ = head_;
    temporary(target_.subgraph_offset);
    temporary(target_.allocation_info,
              static_cast<std::int64_t>(network_.tensors.size()) + scratch_buffers);
    const std::int64_t lost = align_up(tail_, kArenaAlignment) - tail_;
    need(align_up(temporary_end_, kArenaAlignment) + lost +
         std::int64_t{target_.planned_buffer} * buffers);
    head_is_planned_ = true;
  }

  /// What `interpreter.input(i)` and `output(i)` give.
  void present(const std::vector<std::int32_t>& numbers) {
    persistent(result_.tail.ends, {target_.pointer * static_cast<int>(numbers.size()), kAlignment});
    for (const std::int32_t number : numbers) {
      persistent(result_.tail.ends, target_.tensor);
      const int scales = tensor(number).scales;
      if (scales == 0) continue;
      persistent(result_.tail.ends, target_.quantisation);
      persistent(result_.tail.ends, {kWord * (1 + scales), kWord});
    }
  }

  const ArenaNetwork& network_;
  const ArenaTarget& target_;
  Allocation result_;
  // Lengths, in bytes, from the two ends of the arena.
  std::int64_t head_ = 0;
  std::int64_t temporary_end_ = 0;
  std::int64_t tail_ = 0;
  bool head_is_planned_ = false;  // from then on head and tail together are what counts
};

}  // namespace

Allocation allocate(const ArenaNetwork& network, const ArenaTarget& target, int buffers,
                    int scratch_buffers) {
  return Allocator(network, target).run(buffers, scratch_buffers);
}

}  // namespace thimble
