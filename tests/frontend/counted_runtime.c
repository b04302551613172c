#include "counted_runtime.h"

static long long multiplications = 0;

#define THB_MULTIPLY(a, b) (++multiplications, (a) * (b))

#include "thb_fft.c"
#include "thb_fixed.c"
#include "thb_frontend.c"
#include "thb_frontend_frame.c"

long long thb_multiplications(void) { return multiplications; }
