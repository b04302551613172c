#include "thb_frontend.h"

#include "thb_frontend_frame.h"

/* Whole and begun hops of a clip. */
static uint32_t hops(const thb_frontend_settings* s) {
  return (s->clip_length + s->hop_length - 1) / s->hop_length;
}

uint32_t thb_frontend_state_bytes(const thb_frontend_settings* s) {
  const uint32_t samples = 2u * s->window_length;
  if (s->clip_maximum) return samples + 2 * hops(s) + 2 * s->frames * s->bands;
  return samples + s->frames * s->width;
}

uint32_t thb_frontend_scratch_bytes(const thb_frontend_settings* s) {
  if (s->kind == THB_RAW) return 0;
  return ((uint32_t)4 << s->fft.log2_size) + (s->kind == THB_MFCC ? 4u * s->bands : 0);
}

thb_status thb_frontend_init(thb_frontend* f, const thb_frontend_settings* s, void* state,
                             uint32_t state_bytes, void* scratch, uint32_t scratch_bytes) {
  if (state_bytes < thb_frontend_state_bytes(s)) return THB_TOO_SMALL;
  if (scratch_bytes < thb_frontend_scratch_bytes(s)) return THB_TOO_SMALL;
  if ((uintptr_t)state % 2 != 0 || (uintptr_t)scratch % 4 != 0) return THB_MISALIGNED;
  f->settings = s;
  f->samples = (int16_t*)state;
  f->maxima = f->samples + s->window_length;
  f->logs = s->clip_maximum ? f->maxima + hops(s) : 0;
  f->features = s->clip_maximum ? 0 : (int8_t*)f->maxima;
  if (!s->clip_maximum) f->maxima = 0;
  f->spectrum = (thb_complex*)scratch;
  f->row = s->kind == THB_MFCC ? (int32_t*)scratch + ((uint32_t)1 << s->fft.log2_size) : 0;
  thb_frontend_reset(f);
  return THB_OK;
}

void thb_frontend_reset(thb_frontend* f) {
  f->frame_at = 0;
  f->until_clip = f->settings->clip_length;
  f->until_frame = f->settings->window_length;
  f->until_hop = f->settings->hop_length;
  f->hop_at = 0;
  f->sample_at = 0;
  f->ready = 0;
}

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* Puts samples of one hop into the ring, up to its end at most. */
static void take(thb_frontend* f, const int16_t* samples, uint32_t count) {
  const thb_frontend_settings* const s = f->settings;
  uint32_t i;
  for (i = 0; i < count; ++i) f->samples[f->sample_at + i] = samples[i];
  if (s->clip_maximum) {
    int16_t largest = f->until_hop == s->hop_length ? samples[0] : f->maxima[f->hop_at];
    for (i = 0; i < count; ++i) {
      if (samples[i] > largest) largest = samples[i];
    }
    f->maxima[f->hop_at] = largest;
  }
  f->sample_at = (uint16_t)((f->sample_at + count) % s->window_length);
  f->until_clip -= count;
  f->until_frame -= count;
  f->until_hop = (uint16_t)(f->until_hop - count);
}

uint32_t thb_frontend_push(thb_frontend* f, const int16_t* samples, uint32_t count) {
  const thb_frontend_settings* const s = f->settings;
  uint32_t taken = 0;
  if (count > 0) f->ready = 0;
  while (taken < count && !f->ready) {
    uint32_t now = smaller(count - taken, (uint32_t)s->window_length - f->sample_at);
    now = smaller(now, smaller(f->until_clip, smaller(f->until_frame, f->until_hop)));
    take(f, samples + taken, now);
    taken += now;
    if (f->until_hop == 0) {
      f->until_hop = s->hop_length;
      f->hop_at = f->hop_at + 1 == hops(s) ? 0 : f->hop_at + 1;
    }
    if (f->until_frame == 0) {
      f->until_frame = s->hop_length;
      thb_frontend_frame(f);
      f->frame_at = f->frame_at + 1 == s->frames ? 0 : f->frame_at + 1;
    }
    if (f->until_clip == 0) {
      f->until_clip = s->hop_length;
      f->ready = 1;
    }
  }
  return taken;
}

int thb_frontend_ready(const thb_frontend* f) { return f->ready; }

/* log2 of the clip's largest sample in Q16. */
static int32_t clip_level(const thb_frontend* f) {
  const uint32_t count = hops(f->settings);
  int32_t largest = f->maxima[0];
  uint32_t i;
  for (i = 1; i < count; ++i) {
    if (f->maxima[i] > largest) largest = f->maxima[i];
  }
  if (largest < 0) largest = -largest; /* what a division by it does to a magnitude */
  if (largest == 0) largest = 1;
  return thb_log2_u64((uint64_t)largest);
}

thb_status thb_frontend_read(thb_frontend* f, int8_t* features) {
  const thb_frontend_settings* const s = f->settings;
  const int32_t level = f->ready && s->clip_maximum ? clip_level(f) * (s->power ? 2 : 1) : 0;
  uint32_t frame;
  if (!f->ready) return THB_NOT_READY;
  for (frame = 0; frame < s->frames; ++frame) {
    const uint32_t at = (f->frame_at + frame) % s->frames;
    if (s->clip_maximum) {
      thb_frontend_finish(f, f->logs + at * s->bands, level, features + frame * s->width);
    } else {
      uint32_t i;
      for (i = 0; i < s->width; ++i)
        features[frame * s->width + i] = f->features[at * s->width + i];
    }
  }
  return THB_OK;
}
