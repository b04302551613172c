/* One frame of a front end: from its samples to values, from values to features. */
#ifndef THB_FRONTEND_FRAME_H
#define THB_FRONTEND_FRAME_H

#include "thb_frontend.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The newest frame, which has just become complete, into its place in the ring. */
void thb_frontend_frame(thb_frontend* frontend);

/* A row of logarithms as it is kept with clip_maximum → [width]. level is log2 of what the samples
 * are to be divided by, in Q16, twice that for power. */
void thb_frontend_finish(const thb_frontend* frontend, const int16_t* logs, int32_t level,
                         int8_t* features);

#ifdef __cplusplus
}
#endif

#endif
