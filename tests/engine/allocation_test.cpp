#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "engine/random_network.hpp"

namespace {
std::atomic<int> allocations = 0;
}

// Inlined, they look to the compiler like a delete of what malloc made.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace thimble {
namespace {

void expect_no_allocation(int threads) {
  Graph graph;
  NodeId id = graph.input({8, 8, 2});
  id = graph.add(Conv2D{.filters = 7, .kernel = {3, 3}}, {id});
  id = graph.add(BatchNorm{}, {id});
  const NodeId stem = graph.add(Activate{}, {id});
  id = graph.add(DepthwiseConv2D{.kernel = {3, 3}, .padding = Padding::kSame}, {stem});
  id = graph.add(Add{}, {id, stem});
  id = graph.add(Pool2D{.window = {2, 2}, .stride = {2, 2}}, {id});
  id = graph.add(Dropout{0.1F}, {id});
  id = graph.add(Dense{.units = 4}, {id});
  graph.add(Softmax{}, {id});
  Rng rng(1);
  Engine engine(graph, {.batch = 32, .shards = threads, .threads = threads},
                {.kind = OptimiserKind::kAdamW, .weight_decay = 0.01F});
  engine.initialise(rng);
  engine.enable_ema(0.9F);
  const Samples data = random_samples(rng, graph, Loss::kSoftmaxCrossEntropy, 32);
  const int before = allocations;
  engine.train_step(data.inputs, data.targets, 0.1F);
  const int after = allocations;
  EXPECT_GT(before, 0) << "the counter counts";
  EXPECT_EQ(after, before);
}

TEST(Engine, ATrainingStepAllocatesNothing) {
  expect_no_allocation(1);
  expect_no_allocation(2);
}

}  // namespace
}  // namespace thimble
