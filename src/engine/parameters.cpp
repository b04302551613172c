#include "parameters.hpp"

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <new>

#include "kernels/update.hpp"
#include "lanes.hpp"

namespace thimble::engine {
namespace {

void import(const std::vector<float>& source, AlignedFloats& target, std::int64_t place) {
  if (place >= 0) std::ranges::copy(source, target.data() + place);
}

std::vector<float> slice(const AlignedFloats& source, std::int64_t place, std::int64_t count) {
  if (place < 0) return {};
  return {source.data() + place, source.data() + place + count};
}

/// Memory of this size and more is asked for in huge pages: a channel's neighbours in a column of
/// an image lie in another small page each.
constexpr std::size_t kHugePage = std::size_t{2} << 20;

bool adaptive(const OptimiserOptions& options) { return options.kind == OptimiserKind::kAdamW; }

}  // namespace

AlignedFloats::AlignedFloats(std::int64_t size) {
  const auto bytes = static_cast<std::size_t>(std::max<std::int64_t>(size, kLanes)) * sizeof(float);
  const std::size_t alignment = bytes < kHugePage ? std::size_t{kAlignment} : kHugePage;
  void* const memory =
      std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
#if defined(__linux__)
  // Advice only: where the kernel has no huge pages to give, it is ignored.
  if (alignment == kHugePage) ::madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  data_.reset(static_cast<float*>(memory));
  std::fill_n(data_.get(), bytes / sizeof(float), 0.0F);
}

void AlignedFloats::Free::operator()(float* data) const { std::free(data); }

ParameterLayout::ParameterLayout(const Graph& graph) : places(graph.nodes().size()) {
  const auto take = [](std::int64_t& total, std::int64_t count) {
    if (count == 0) return std::int64_t{-1};
    const std::int64_t place = total;
    total += (count + kLanes - 1) / kLanes * kLanes;
    return place;
  };
  for (NodeId id = 0; id < graph.size(); ++id) {
    places[static_cast<std::size_t>(id)].kernel = take(trained, parameter_count(graph, id).kernel);
  }
  decayed = trained;
  for (NodeId id = 0; id < graph.size(); ++id) {
    ParameterPlace& place = places[static_cast<std::size_t>(id)];
    place.bias = take(trained, parameter_count(graph, id).bias);
    if (!std::holds_alternative<BatchNorm>(graph.node(id).op)) continue;
    const std::int64_t channels = graph.shape(id).channels;
    place.gamma = take(trained, channels);
    place.beta = take(trained, channels);
    place.mean = take(statistics, channels);
    place.variance = take(statistics, channels);
  }
}

Bytes ParameterLayout::memory(const OptimiserOptions& optimiser) const {
  // Values, gradients, first moment and average; AdamW also has the second moment.
  const std::int64_t arrays = adaptive(optimiser) ? 5 : 4;
  return Bytes((arrays * trained + statistics) * std::int64_t{sizeof(float)});
}

Parameters::Parameters(const Graph& graph, const OptimiserOptions& optimiser)
    : layout_(graph),
      optimiser_(optimiser),
      values_(layout_.trained),
      gradients_(layout_.trained),
      statistics_(layout_.statistics),
      first_moment_(layout_.trained),
      second_moment_(adaptive(optimiser) ? layout_.trained : 0),
      average_(layout_.trained) {}

void Parameters::set(const Graph& graph, const Weights& weights) {
  check_weights(graph, weights);
  for (std::size_t id = 0; id < weights.size(); ++id) {
    const ParameterPlace& place = layout_.places[id];
    import(weights[id].kernel, values_, place.kernel);
    import(weights[id].bias, values_, place.bias);
    import(weights[id].gamma, values_, place.gamma);
    import(weights[id].beta, values_, place.beta);
    import(weights[id].mean, statistics_, place.mean);
    import(weights[id].variance, statistics_, place.variance);
  }
}

Weights Parameters::exported(const Graph& graph, const AlignedFloats& source) const {
  Weights weights(layout_.places.size());
  for (NodeId id = 0; id < graph.size(); ++id) {
    const ParameterPlace& place = layout_.places[static_cast<std::size_t>(id)];
    const ParameterCount count = parameter_count(graph, id);
    const std::int64_t channels = graph.shape(id).channels;
    weights[static_cast<std::size_t>(id)] = {
        .kernel = slice(source, place.kernel, count.kernel),
        .bias = slice(source, place.bias, count.bias),
        .gamma = slice(source, place.gamma, channels),
        .beta = slice(source, place.beta, channels),
        .mean = slice(statistics_, place.mean, channels),
        .variance = slice(statistics_, place.variance, channels)};
  }
  return weights;
}

Weights Parameters::averages(const Graph& graph) const {
  return exported(graph, averaging_ ? average_ : values_);
}

Weights Parameters::gradients(const Graph& graph) const {
  Weights weights = exported(graph, gradients_);
  for (NodeWeights& node : weights) {
    node.mean.clear();
    node.variance.clear();
  }
  return weights;
}

void Parameters::update(float learning_rate) {
  ++updates_;
  struct Range {
    std::int64_t begin;
    std::int64_t count;
    float decay;
  };
  const float decay = learning_rate * optimiser_.weight_decay;
  for (const auto& [begin, count, range_decay] :
       {Range{0, layout_.decayed, decay},
        Range{layout_.decayed, layout_.trained - layout_.decayed, 0}}) {
    if (adaptive(optimiser_)) {
      const auto steps = static_cast<double>(updates_);
      const AdamUpdate update{
          .rate = learning_rate,
          .beta1 = optimiser_.beta1,
          .beta2 = optimiser_.beta2,
          .epsilon = optimiser_.epsilon,
          .correction1 = static_cast<float>(1 - std::pow(double{optimiser_.beta1}, steps)),
          .correction2 = static_cast<float>(1 - std::pow(double{optimiser_.beta2}, steps)),
          .decay = range_decay};
      update_adam(count, update, gradients(begin), first_moment_.data() + begin,
                  second_moment_.data() + begin, values(begin));
    } else {
      const SgdUpdate update{.rate = learning_rate,
                             .momentum = optimiser_.momentum,
                             .nesterov = optimiser_.nesterov,
                             .decay = range_decay};
      update_sgd(count, update, gradients(begin), first_moment_.data() + begin, values(begin));
    }
  }
  if (averaging_) update_average(layout_.trained, average_decay_, values_.data(), average_.data());
}

void Parameters::enable_average(float decay) {
  averaging_ = true;
  average_decay_ = decay;
  std::copy_n(values_.data(), layout_.trained, average_.data());
}

void Parameters::reset_optimiser() {
  updates_ = 0;
  std::fill_n(first_moment_.data(), layout_.trained, 0.0F);
  if (adaptive(optimiser_)) std::fill_n(second_moment_.data(), layout_.trained, 0.0F);
  if (averaging_) std::copy_n(values_.data(), layout_.trained, average_.data());
}

}  // namespace thimble::engine
