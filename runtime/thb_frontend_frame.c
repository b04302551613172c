#include "thb_frontend_frame.h"

/* What stands behind a frame's integers: value = integer · 2^exponent. */
typedef struct {
  int32_t exponent;
  int silent; /* all values are 0 */
} block;

static int32_t newest_sample(const thb_frontend* f, uint32_t i) {
  const uint32_t length = f->settings->window_length;
  const uint32_t at = f->sample_at + i;
  return f->samples[at < length ? at : at - length];
}

static int8_t quantised(const thb_frontend_settings* s, int64_t value, int32_t exponent) {
  const int64_t q16 = thb_scale_to_q16(value, s->factor, exponent) + (int64_t)s->zero_point * 65536;
  const int64_t half = s->truncate ? 0 : 0x8000;
  const int64_t q = q16 < 0 ? -((half - q16) >> 16) : (q16 + half) >> 16;
  return (int8_t)(q < -128 ? -128 : q > 127 ? 127 : q);
}

/* log2 of max(v + offset, floor), for a v that is still to be divided by the level. */
static int32_t settled(const thb_frontend_settings* s, int32_t log, int32_t level) {
  if (s->log_offset != THB_LOG_OF_ZERO) log = thb_log2_of_sum(log, s->log_offset + level);
  log -= level;
  return log > s->log_floor ? log : s->log_floor;
}

/* The cosine transform of f->row into features. Cosines are even or odd about the middle, so each
 * pair of values is needed as its sum or its difference only. */
static void transform_row(const thb_frontend* f, int8_t* features) {
  const thb_frontend_settings* const s = f->settings;
  const uint32_t half = s->bands / 2u;
  const uint32_t stored = (s->bands + 1u) / 2u;
  int32_t* const row = f->row;
  uint32_t n;
  uint32_t k;
  for (n = 0; n < half; ++n) {
    const int32_t a = row[n];
    const int32_t b = row[s->bands - 1u - n];
    row[n] = a + b;
    row[s->bands - 1u - n] = a - b;
  }
  for (k = 0; k < s->width; ++k) {
    const int16_t* const cosine = s->dct + k * stored;
    int64_t sum = 0;
    if (k % 2 == 0) {
      for (n = 0; n < stored; ++n) sum += THB_MULTIPLY((int64_t)row[n], (int64_t)cosine[n]);
    } else {
      for (n = 0; n < half; ++n)
        sum += THB_MULTIPLY((int64_t)row[s->bands - 1u - n], (int64_t)cosine[n]);
    }
    features[k] = quantised(s, sum, -30); /* Q16 · Q14 */
  }
}

/* Takes the logarithm number i of the frame to where it is kept. */
static void keep_log(thb_frontend* f, uint32_t i, int32_t log) {
  const thb_frontend_settings* const s = f->settings;
  if (s->clip_maximum) {
    const int32_t q8 = (log + 128) >> 8;
    f->logs[f->frame_at * s->bands + i] = (int16_t)(q8 < -32768 ? -32768 : q8 > 32767 ? 32767 : q8);
  } else if (s->kind == THB_MFCC) {
    f->row[i] = settled(s, log, 0);
  } else {
    f->features[f->frame_at * s->width + i] = quantised(s, settled(s, log, 0), -16);
  }
}

/* The value number i, m · 2^exponent, as a logarithm or as it is. */
static void keep(thb_frontend* f, uint32_t i, uint64_t m, int32_t exponent) {
  const thb_frontend_settings* const s = f->settings;
  int32_t log = THB_LOG_OF_ZERO;
  if (!s->logarithmic) {
    f->features[f->frame_at * s->width + i] = quantised(s, (int64_t)m, exponent);
    return;
  }
  if (m != 0) log = thb_log2_u64(m) + exponent * 65536 + (s->log_gain ? s->log_gain[i] * 32 : 0);
  keep_log(f, i, log);
}

/* sample · weight in Q15, to the nearest. The root of a weight keeps what the ends of a window are
 * made of, where a weight itself would have no bits left. */
static int32_t windowed(int32_t sample, uint32_t root) {
  const int64_t half = THB_MULTIPLY(sample, (int32_t)root);
  return (int32_t)((THB_MULTIPLY(half, (int64_t)root) + 0x10000) >> 17);
}

/* Windows the frame into f->spectrum, its largest value as large as the transform allows. */
static block load(thb_frontend* f) {
  const thb_frontend_settings* const s = f->settings;
  const uint32_t length = s->window_length;
  const uint32_t size = (uint32_t)1 << s->fft.log2_size;
  int32_t* const values = (int32_t*)f->spectrum;
  block b = {0, 0};
  uint32_t largest = 0;
  int32_t shift;
  uint32_t i;
  for (i = 0; i < size; ++i) {
    int32_t value = 0;
    uint32_t magnitude;
    if (i < length) {
      value = windowed(newest_sample(f, i), s->window[i <= length / 2 ? i : length - i]);
    }
    values[2 * thb_fft_place(s->fft, i / 2) + i % 2] = value;
    magnitude = (uint32_t)(value < 0 ? -value : value);
    if (magnitude > largest) largest = magnitude;
  }
  b.silent = largest == 0;
  if (b.silent) return b;
  /* |value| < 2^bits is to stay within 2^29 / N. */
  shift = 29 - s->fft.log2_size - thb_bits_u32(largest);
  for (i = 0; i < size; ++i) {
    const int32_t value = values[i];
    values[i] =
        shift < 0 ? (value + (1 << (-shift - 1))) >> -shift : (int32_t)((uint32_t)value << shift);
  }
  /* Of |2X|; of |2X|² >> 12. */
  b.exponent = -(15 + shift + 1);
  if (s->power) b.exponent = 2 * b.exponent + 12;
  if (!s->clip_maximum) b.exponent -= s->power ? 30 : 15;
  return b;
}

static uint64_t bin_value(const thb_frontend* f, uint32_t k) {
  const thb_complex x = thb_fft_bin(f->settings->fft, f->spectrum, k);
  const uint64_t power = (uint64_t)(THB_MULTIPLY((int64_t)x.re, (int64_t)x.re) +
                                    THB_MULTIPLY((int64_t)x.im, (int64_t)x.im)); /* at most 2^60 */
  return f->settings->power ? power >> 12 : thb_sqrt_u64(power);
}

/* Between two edges one band falls as the next one rises, so two sums are all that is open at any
 * time. All bins together have a power of at most 2^60 (Parseval), so that no sum outgrows 2^63. */
static void mel_bands(thb_frontend* f, int32_t exponent) {
  const thb_frontend_settings* const s = f->settings;
  const uint32_t first = s->first_bin[0];
  uint64_t rising = 0;
  uint32_t j;
  for (j = 0; j <= s->bands; ++j) {
    uint64_t band = rising;
    uint32_t k;
    rising = 0;
    for (k = s->first_bin[j]; k < s->first_bin[j + 1]; ++k) {
      const uint64_t value = bin_value(f, k);
      const uint32_t rise = s->rise[k - first];
      if (j < s->bands) rising += THB_MULTIPLY(value, (uint64_t)rise);
      if (j > 0) band += THB_MULTIPLY(value, (uint64_t)(32768 - rise));
    }
    if (j > 0) keep(f, j - 1, band, exponent - 15);
  }
}

void thb_frontend_frame(thb_frontend* f) {
  const thb_frontend_settings* const s = f->settings;
  block b = {0, 0};
  uint32_t i;
  if (s->kind == THB_RAW) {
    for (i = 0; i < s->width; ++i) {
      f->features[f->frame_at * s->width + i] = quantised(s, newest_sample(f, i), -15);
    }
    return;
  }
  b = load(f);
  if (b.silent) {
    for (i = 0; i < s->bands; ++i) keep(f, i, 0, 0);
  } else {
    thb_fft_run(s->fft, f->spectrum);
    if (s->kind == THB_STFT) {
      for (i = 0; i < s->bands; ++i) keep(f, i, bin_value(f, i), b.exponent);
    } else {
      mel_bands(f, b.exponent);
    }
  }
  if (s->kind == THB_MFCC && !s->clip_maximum)
    transform_row(f, f->features + f->frame_at * s->width);
}

void thb_frontend_finish(const thb_frontend* f, const int16_t* logs, int32_t level,
                         int8_t* features) {
  const thb_frontend_settings* const s = f->settings;
  uint32_t i;
  for (i = 0; i < s->bands; ++i) {
    const int32_t log = settled(s, logs[i] * 256, level);
    if (s->kind == THB_MFCC) {
      f->row[i] = log;
    } else {
      features[i] = quantised(s, log, -16);
    }
  }
  if (s->kind == THB_MFCC) transform_row(f, features);
}
