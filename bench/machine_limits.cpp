#include "machine_limits.hpp"

#include <chrono>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "machine_limits.cpp"
#include <hwy/foreach_target.h>
// After foreach_target, for it is included once for each of them.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace thimble::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Fused multiply-adds on twelve chains that do not wait for each other; returns their number of
/// operations.
double multiply_add(int rounds, float* result) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  const V factor = hn::Set(d, 0.999999F);
  const V term = hn::Set(d, 1e-6F);
  V a = hn::Set(d, 0.1F), b = hn::Set(d, 0.2F), c = hn::Set(d, 0.3F), e = hn::Set(d, 0.4F);
  V f = hn::Set(d, 0.5F), g = hn::Set(d, 0.6F), h = hn::Set(d, 0.7F), i = hn::Set(d, 0.8F);
  V j = hn::Set(d, 0.9F), k = hn::Set(d, 1.0F), l = hn::Set(d, 1.1F), m = hn::Set(d, 1.2F);
  for (int round = 0; round < rounds; ++round) {
    a = hn::MulAdd(a, factor, term);
    b = hn::MulAdd(b, factor, term);
    c = hn::MulAdd(c, factor, term);
    e = hn::MulAdd(e, factor, term);
    f = hn::MulAdd(f, factor, term);
    g = hn::MulAdd(g, factor, term);
    h = hn::MulAdd(h, factor, term);
    i = hn::MulAdd(i, factor, term);
    j = hn::MulAdd(j, factor, term);
    k = hn::MulAdd(k, factor, term);
    l = hn::MulAdd(l, factor, term);
    m = hn::MulAdd(m, factor, term);
  }
  V sum = a;
  for (const V v : {b, c, e, f, g, h, i, j, k, l, m}) sum = hn::Add(sum, v);
  *result = hn::GetLane(sum);
  return 2.0 * 12 * static_cast<double>(hn::Lanes(d)) * rounds;
}

/// a = b + s · c; returns the bytes that were read and written.
double triad(std::vector<float>& a, const std::vector<float>& b, const std::vector<float>& c) {
  const hn::ScalableTag<float> d;
  const auto s = hn::Set(d, 0.5F);
  for (std::size_t i = 0; i + hn::Lanes(d) <= a.size(); i += hn::Lanes(d)) {
    hn::StoreU(hn::MulAdd(s, hn::LoadU(d, &c[i]), hn::LoadU(d, &b[i])), d, &a[i]);
  }
  return 3.0 * sizeof(float) * static_cast<double>(a.size());
}

}  // namespace thimble::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace thimble {
namespace {

HWY_EXPORT(multiply_add);
HWY_EXPORT(triad);

/// The best of several tries at a second's worth of `work`, which answers how much it did.
template <class Work>
double best_rate(Work work) {
  using Clock = std::chrono::steady_clock;
  double best = 0;
  for (int attempt = 0; attempt < 10; ++attempt) {
    const auto begin = Clock::now();
    const double done = work();
    best = std::max(best, done / std::chrono::duration<double>(Clock::now() - begin).count());
  }
  return best;
}

double triad_rate(std::size_t floats, int rounds) {
  std::vector<float> a(floats, 0);
  const std::vector<float> b(floats, 1);
  const std::vector<float> c(floats, 2);
  return best_rate([&] {
    double done = 0;
    for (int round = 0; round < rounds; ++round) done += HWY_DYNAMIC_DISPATCH(triad)(a, b, c);
    return done;
  });
}

}  // namespace

MachineLimits measure_limits() {
  MachineLimits limits;
  volatile float sink = 0;
  limits.flops = best_rate([&] {
    float result = 0;
    const double done = HWY_DYNAMIC_DISPATCH(multiply_add)(5'000'000, &result);
    sink = sink + result;
    return done;
  });
  limits.bandwidth = triad_rate(std::size_t{32} << 20, 1);
  limits.cache_bandwidth = triad_rate((std::size_t{256} << 10) / (3 * sizeof(float)), 10'000);
  return limits;
}

}  // namespace thimble
#endif
