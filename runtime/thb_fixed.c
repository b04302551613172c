#include "thb_fixed.h"

/* round(65536 · log2(1 + i / 64)); the last is 65535 for want of a bit. */
static const uint16_t kLog2[65] = {
    0,     1466,  2909,  4331,  5732,  7112,  8473,  9814,  11136, 12440, 13727, 14996, 16248,
    17484, 18704, 19909, 21098, 22272, 23433, 24579, 25711, 26830, 27936, 29029, 30109, 31178,
    32234, 33279, 34312, 35334, 36346, 37346, 38336, 39316, 40286, 41246, 42196, 43137, 44068,
    44990, 45904, 46809, 47705, 48593, 49472, 50344, 51207, 52063, 52911, 53751, 54584, 55410,
    56229, 57040, 57845, 58643, 59434, 60219, 60997, 61769, 62534, 63294, 64047, 64794, 65535,
};

/* round(65536 · 2^(−i / 64)) for i = 1 … 64; 2^0 is 65536. */
static const uint16_t kExp2[64] = {
    64830, 64132, 63441, 62757, 62081, 61413, 60751, 60097, 59449, 58809, 58176, 57549, 56929,
    56316, 55709, 55109, 54515, 53928, 53347, 52773, 52204, 51642, 51085, 50535, 49991, 49452,
    48920, 48393, 47871, 47356, 46846, 46341, 45842, 45348, 44859, 44376, 43898, 43425, 42958,
    42495, 42037, 41584, 41136, 40693, 40255, 39821, 39392, 38968, 38548, 38133, 37722, 37316,
    36914, 36516, 36123, 35734, 35349, 34968, 34591, 34219, 33850, 33486, 33125, 32768,
};

int32_t thb_bits_u32(uint32_t value) {
  int32_t bits = 0;
  int32_t step;
  for (step = 16; step > 0; step /= 2) {
    if (value >> step != 0) {
      value >>= step;
      bits += step;
    }
  }
  return bits + (int32_t)value;
}

int32_t thb_bits_u64(uint64_t value) {
  const uint32_t high = (uint32_t)(value >> 32);
  return high != 0 ? 32 + thb_bits_u32(high) : thb_bits_u32((uint32_t)value);
}

/* Digit by digit: after each step, root² + rest is what was seen of the value. */
static uint32_t sqrt_u32(uint32_t value) {
  uint32_t root = 0;
  uint32_t bit = (uint32_t)1 << 30;
  while (bit > value) bit >>= 2;
  while (bit != 0) {
    if (value >= root + bit) {
      value -= root + bit;
      root = (root >> 1) + bit;
    } else {
      root >>= 1;
    }
    bit >>= 2;
  }
  return value > root ? root + 1 : root; /* the rest is beyond (root + ½)² */
}

uint32_t thb_sqrt_u64(uint64_t value) {
  const int32_t bits = thb_bits_u64(value);
  const int32_t half = bits > 32 ? (bits - 31) / 2 : 0;
  return sqrt_u32((uint32_t)(value >> (2 * half))) << half;
}

int32_t thb_log2_u64(uint64_t value) {
  const int32_t bits = thb_bits_u64(value);
  uint32_t fraction;
  uint32_t at;
  int32_t low;
  int32_t high;
  if (bits == 0) return THB_LOG_OF_ZERO;
  /* 21 bits behind the leading one: 6 choose the place in the table, 15 lie between two of its
   * entries. */
  fraction = (uint32_t)(bits > 22 ? value >> (bits - 22) : value << (22 - bits)) & 0x1fffff;
  at = fraction >> 15;
  low = kLog2[at];
  high = kLog2[at + 1];
  return (bits - 1) * 65536 + low +
         (int32_t)((THB_MULTIPLY(high - low, (int32_t)(fraction & 0x7fff)) + 0x4000) >> 15);
}

int32_t thb_log2_of_sum(int32_t a, int32_t b) {
  const int32_t larger = a > b ? a : b;
  const int32_t distance = a > b ? a - b : b - a;
  const int32_t whole = distance >> 16;
  const int32_t at = (distance >> 10) & 63;
  const int32_t low = at == 0 ? 65536 : kExp2[at - 1];
  const int32_t high = kExp2[at];
  uint32_t smaller;
  if (whole >= 17) return larger; /* 2^-17 / ln 2 is less than half of the last bit */
  smaller = (uint32_t)(low * 64 - THB_MULTIPLY(low - high, (distance & 1023) >> 4)); /* Q22 */
  /* 1 + 2^-distance in Q22 */
  return larger + thb_log2_u64(((uint32_t)1 << 22) + (smaller >> whole)) - 22 * 65536;
}

int64_t thb_scale_to_q16(int64_t value, thb_factor factor, int32_t exponent) {
  const int64_t limit = (int64_t)1 << 46;
  const uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  const int32_t bits = thb_bits_u64(magnitude);
  const int32_t spare = bits > 31 ? bits - 31 : 0;
  const uint64_t rounded = spare > 0 ? ((magnitude >> (spare - 1)) + 1) >> 1 : magnitude;
  /* At most 2^31 · 2^31, times 2^shift. */
  const uint64_t product = (uint64_t)THB_MULTIPLY((int64_t)rounded, (int64_t)factor.mantissa);
  const int32_t shift = exponent + factor.exponent + spare + 16;
  uint64_t scaled;
  if (value == 0) return 0;
  if (shift >= 0) {
    scaled = thb_bits_u64(product) + shift > 46 ? (uint64_t)limit : product << shift;
  } else if (shift < -63) {
    scaled = 0;
  } else {
    scaled = ((product >> (-shift - 1)) + 1) >> 1;
    if (scaled > (uint64_t)limit) scaled = (uint64_t)limit;
  }
  return value < 0 ? -(int64_t)scaled : (int64_t)scaled;
}
