/* Integer functions of the front end. Shifts of negative numbers to the right are taken to keep the
 * sign, as every compiler for the cores in question has it. */
#ifndef THB_FIXED_H
#define THB_FIXED_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Every multiplication on the signal's way goes through here, so that a test may count them. */
#ifndef THB_MULTIPLY
#define THB_MULTIPLY(a, b) ((a) * (b))
#endif

/* The logarithm of 0. */
#define THB_LOG_OF_ZERO (-(128 * 65536))

/* Bits that a value needs: 0 for 0, 1 + floor(log2 v) else. */
int32_t thb_bits_u32(uint32_t value);
int32_t thb_bits_u64(uint64_t value);

/* sqrt(value) to the nearest whole number where value < 2^32; above, up to 2^62, to 16 significant
 * bits. */
uint32_t thb_sqrt_u64(uint64_t value);

/* log2(value) in Q16 (65536 is 1), 1e-4 off at most; THB_LOG_OF_ZERO for 0. */
int32_t thb_log2_u64(uint64_t value);

/* log2(2^a + 2^b), all in Q16, 3e-4 off at most. */
int32_t thb_log2_of_sum(int32_t a, int32_t b);

/* A factor mantissa · 2^exponent, with a mantissa in [2^30, 2^31). */
typedef struct {
  int32_t mantissa;
  int32_t exponent;
} thb_factor;

/* value · factor · 2^exponent in Q16, to the nearest; saturates at ±2^46. */
int64_t thb_scale_to_q16(int64_t value, thb_factor factor, int32_t exponent);

#ifdef __cplusplus
}
#endif

#endif
