#include "team.hpp"

#include <hwy/cache_control.h>

namespace thimble::engine {
namespace {

/// Some microseconds: longer than a well-balanced segment makes anyone wait.
constexpr int kSpins = 4000;

}  // namespace

Team::Team(int size) : size_(size) {
  for (int member = 1; member < size; ++member) {
    helpers_.emplace_back([this, member] { help(member); });
  }
}

Team::~Team() {
  work_ = nullptr;
  meet();
}

void Team::run(const std::function<void(int)>& work) {
  work_ = &work;
  meet();  // the helpers begin
  work(0);
  meet();
}

void Team::help(int member) {
  for (;;) {
    meet();
    if (work_ == nullptr) return;
    (*work_)(member);
    meet();
  }
}

void Team::meet() {
  if (size_ == 1) return;
  const unsigned meeting = meetings_.load(std::memory_order_acquire);
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == size_) {
    arrived_.store(0, std::memory_order_relaxed);
    meetings_.fetch_add(1, std::memory_order_acq_rel);
    meetings_.notify_all();
    return;
  }
  for (int spin = 0; spin < kSpins; ++spin) {
    if (meetings_.load(std::memory_order_acquire) != meeting) return;
    hwy::Pause();
  }
  meetings_.wait(meeting, std::memory_order_acquire);
}

}  // namespace thimble::engine
