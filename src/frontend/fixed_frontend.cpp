#include "thimble/frontend/fixed_frontend.hpp"

#include "thimble/core/error.hpp"
#include "thimble/frontend/fixed_tables.hpp"

namespace thimble::frontend {

struct FixedFrontend::State {
  explicit State(const Settings& settings)
      : tables(fixed_tables(settings)),
        device(device_settings(tables)),
        memory(thb_frontend_state_bytes(&device) / sizeof(std::int16_t) + 1),
        scratch(thb_frontend_scratch_bytes(&device) / sizeof(std::int32_t) + 1) {
    const auto bytes = [](const auto& words) {
      return static_cast<std::uint32_t>(words.size() * sizeof(words[0]));
    };
    const thb_status status = thb_frontend_init(&frontend, &device, memory.data(), bytes(memory),
                                                scratch.data(), bytes(scratch));
    THIMBLE_ASSERT(status == THB_OK);
    static_cast<void>(status);
  }

  FixedTables tables;
  thb_frontend_settings device;
  std::vector<std::int16_t> memory;
  std::vector<std::int32_t> scratch;
  thb_frontend frontend{};
};

FixedFrontend::FixedFrontend(const Settings& settings)
    : state_(std::make_unique<State>(settings)) {}
FixedFrontend::~FixedFrontend() = default;
FixedFrontend::FixedFrontend(FixedFrontend&&) noexcept = default;
FixedFrontend& FixedFrontend::operator=(FixedFrontend&&) noexcept = default;

std::vector<std::int8_t> FixedFrontend::features(std::span<const std::int16_t> clip) {
  if (static_cast<int>(clip.size()) != state_->tables.settings.clip_length) {
    raise<DataError>("front end: clip = {} samples: must be clip_length = {}", clip.size(),
                     state_->tables.settings.clip_length);
  }
  reset();
  push(clip);
  auto features = read();
  reset();
  return features;
}

std::size_t FixedFrontend::push(std::span<const std::int16_t> samples) {
  const auto count = std::min<std::size_t>(samples.size(), UINT32_MAX);
  return thb_frontend_push(&state_->frontend, samples.data(), static_cast<std::uint32_t>(count));
}

bool FixedFrontend::ready() const { return thb_frontend_ready(&state_->frontend) != 0; }

std::vector<std::int8_t> FixedFrontend::read() {
  if (!ready()) raise<DataError>("front end: no clip is complete: push more samples first");
  const Settings& s = state_->tables.settings;
  std::vector<std::int8_t> features(static_cast<std::size_t>(s.frames()) *
                                    static_cast<std::size_t>(s.width()));
  thb_frontend_read(&state_->frontend, features.data());
  return features;
}

void FixedFrontend::reset() { thb_frontend_reset(&state_->frontend); }

}  // namespace thimble::frontend
