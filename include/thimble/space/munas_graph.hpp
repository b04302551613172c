#pragma once

#include "thimble/graph/graph.hpp"
#include "thimble/space/munas_genotype.hpp"
#include "thimble/space/task.hpp"

namespace thimble {

/// The training graph of a genotype; its output are `task.logits()` logits. Every genotype has one
/// for every input:
/// - Nothing is padded but the terms of a sum: convolutions and pools are VALID, kernels and
///   windows are clipped to the image (a kernel stays square), and a pool whose window would be 1×1
///   is left out.
/// - Along a series, an input 1 high or 1 wide, kernels are as long as their genotype says (1×k or
///   k×1): μNAS, whose data are images, has no such case, and square ones would be 1×1.
/// - The last layer of a branch has as many filters as the tensor it will be added to has channels,
///   whatever its own field says; behind a depthwise layer that ends a branch, a pointwise
///   convolution without batch norm and ReLU sees to that.
/// - Pending tensors are merged by one Add. Larger ones are first max-pooled by the ratio of their
///   sides to the smallest sides, rounded half to even; what then differs is padded with zeros at
///   the bottom and on the right.
/// Throws ModelError when the task is none (`check_task`) or a tensor grows past what the graph can
/// index.
Graph munas_graph(const MunasGenotype& genotype, const Task& task);

}  // namespace thimble
