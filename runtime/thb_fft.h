/* The transform of real values in 32-bit integers. */
#ifndef THB_FFT_H
#define THB_FFT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  int32_t re;
  int32_t im;
} thb_complex;

/* A transform of N = 2^log2_size real values, 16 … 4096 of them. sine[k] = sin(2πk / N) in Q15, k =
 * 0 … N / 4. */
typedef struct {
  const int16_t* sine;
  uint8_t log2_size;
} thb_fft;

/* Where value n (even: re, odd: im) of the N real ones is to be put: values[thb_fft_place(fft, n /
 * 2)]. */
uint32_t thb_fft_place(thb_fft fft, uint32_t pair);

/* In place over N / 2 complex values in the order of thb_fft_place. No value may be larger than
 * 2^29 / N: there is no scaling on the way, and so nothing is lost but the rounding of each
 * product. */
void thb_fft_run(thb_fft fft, thb_complex* values);

/* Twice the bin k = 0 … N / 2 of the real transform, out of what thb_fft_run left. At most 2^30. */
thb_complex thb_fft_bin(thb_fft fft, const thb_complex* values, uint32_t k);

#ifdef __cplusplus
}
#endif

#endif
