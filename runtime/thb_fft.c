#include "thb_fft.h"

#include "thb_fixed.h"

/* a · b, b in Q15, to the nearest. */
static int32_t times_q15(int32_t a, int32_t b) {
  return (int32_t)((THB_MULTIPLY((int64_t)a, (int64_t)b) + 0x4000) >> 15);
}

/* exp(−2πi k / N), 0 < k < N / 2 and k ≠ N / 4. */
static thb_complex root(thb_fft fft, uint32_t k) {
  const uint32_t quarter = (uint32_t)1 << (fft.log2_size - 2);
  thb_complex w;
  if (k < quarter) {
    w.re = fft.sine[quarter - k];
    w.im = -fft.sine[k];
  } else {
    w.re = -fft.sine[k - quarter];
    w.im = -fft.sine[2 * quarter - k];
  }
  return w;
}

static thb_complex times(thb_complex a, thb_complex w) {
  thb_complex product;
  product.re = times_q15(a.re, w.re) - times_q15(a.im, w.im);
  product.im = times_q15(a.re, w.im) + times_q15(a.im, w.re);
  return product;
}

static void butterfly(thb_complex* a, thb_complex* b, thb_complex turned) {
  b->re = a->re - turned.re;
  b->im = a->im - turned.im;
  a->re += turned.re;
  a->im += turned.im;
}

uint32_t thb_fft_place(thb_fft fft, uint32_t pair) {
  uint32_t reversed = 0;
  uint32_t bit;
  for (bit = 1; bit < fft.log2_size; ++bit) {
    reversed = reversed << 1 | (pair & 1);
    pair >>= 1;
  }
  return reversed;
}

void thb_fft_run(thb_fft fft, thb_complex* values) {
  const uint32_t n = (uint32_t)1 << (fft.log2_size - 1);
  const uint32_t quarter = n / 2; /* of the N = 2n real values */
  uint32_t length;
  for (length = 2; length <= n; length *= 2) {
    const uint32_t half = length / 2;
    const uint32_t step = 2 * n / length;
    uint32_t j;
    for (j = 0; j < half; ++j) {
      const uint32_t k = j * step;
      thb_complex w = {0, 0};
      uint32_t start;
      if (k != 0 && k != quarter) w = root(fft, k);
      for (start = j; start < n; start += length) {
        thb_complex* const b = &values[start + half];
        thb_complex turned = *b;
        if (k == quarter) { /* times −i */
          turned.re = b->im;
          turned.im = -b->re;
        } else if (k != 0) {
          turned = times(*b, w);
        }
        butterfly(&values[start], b, turned);
      }
    }
  }
}

/* The even and the odd values were transformed as Z = E + i O: 2 X_k = (Z_k + Z*_(n−k)) − i w^k
 * (Z_k − Z*_(n−k)). */
thb_complex thb_fft_bin(thb_fft fft, const thb_complex* values, uint32_t k) {
  const uint32_t n = (uint32_t)1 << (fft.log2_size - 1);
  const thb_complex a = values[k & (n - 1)];
  const thb_complex b = values[(n - k) & (n - 1)];
  thb_complex bin;
  thb_complex odd;
  bin.re = a.re + b.re;
  bin.im = a.im - b.im;
  odd.re = a.im + b.im;
  odd.im = b.re - a.re;
  if (k == 0) {
    bin.re += odd.re;
  } else if (k == n) {
    bin.re -= odd.re;
  } else if (k == n / 2) { /* times −i */
    bin.re += odd.im;
    bin.im -= odd.re;
  } else {
    const thb_complex turned = times(odd, root(fft, k));
    bin.re += turned.re;
    bin.im += turned.im;
  }
  return bin;
}
