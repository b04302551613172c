/* Features of audio for a network, in integers, as the samples come in.
 *
 *   static int16_t state[…];                     thb_frontend_state_bytes()
 *   static int32_t scratch[…];                   thb_frontend_scratch_bytes(); free for others
 * between two calls thb_frontend_init(&frontend, &settings, state, sizeof state, scratch, sizeof
 * scratch); while (count > 0) { const uint32_t taken = thb_frontend_push(&frontend, samples,
 * count); samples += taken; count -= taken; if (thb_frontend_ready(&frontend))
 * thb_frontend_read(&frontend, features);
 *   }
 *
 * The first clip is complete after clip_length samples, the next one after another hop_length, and
 * so on. What is read depends on the samples of the clip alone, never on how they were cut into
 * calls.
 *
 * The settings, with their tables, are written by thimble. No heap, no other library, nothing
 * global that changes. */
#ifndef THB_FRONTEND_H
#define THB_FRONTEND_H

#include <stdint.h>

#include "thb_fft.h"
#include "thb_fixed.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  THB_OK = 0,
  THB_TOO_SMALL,  /* the state or the scratch has fewer bytes than the settings need */
  THB_MISALIGNED, /* the state is to lie at a multiple of 2, the scratch at one of 4 */
  THB_NOT_READY   /* no clip is complete */
} thb_status;

typedef enum { THB_RAW, THB_STFT, THB_LOG_MEL, THB_MFCC } thb_frontend_kind;

/* One front end. Logarithms are to base 2 until the factor brings them to their own. */
typedef struct {
  uint8_t kind;         /* thb_frontend_kind */
  uint8_t power;        /* 1: |X|², 0: |X| */
  uint8_t logarithmic;  /* 0: a spectrum as it is, or raw samples */
  uint8_t clip_maximum; /* 1: samples are divided by the largest one of the clip, 0: by 32768 */
  uint8_t truncate;     /* 1: quantised towards zero, 0: to the nearest */
  int8_t zero_point;
  uint16_t window_length; /* samples, as are the next two */
  uint16_t hop_length;
  uint32_t clip_length;
  uint32_t frames;
  uint16_t width;            /* features of a frame */
  uint16_t bands;            /* mel bands, or bins of a spectrum */
  thb_fft fft;               /* nothing for raw samples */
  const uint16_t* window;    /* [window_length / 2 + 1] Q16: square roots, the first half */
  const uint16_t* first_bin; /* [bands + 2] */
  const uint16_t* rise;      /* [first_bin[bands + 1] − first_bin[0]] Q15 */
  const int16_t* log_gain;   /* [bands] Q11, or nothing where all are 0 */
  const int16_t* dct;        /* [width][(bands + 1) / 2] Q14: the first half of each cosine */
  int32_t log_offset;        /* Q16; THB_LOG_OF_ZERO: none */
  int32_t log_floor;         /* Q16; THB_LOG_OF_ZERO: none */
  thb_factor factor;         /* of a value on its way to int8 */
} thb_frontend_settings;

/* Its members are nobody's business but the functions'. */
typedef struct {
  const thb_frontend_settings* settings;
  int16_t* samples;      /* ring [window_length] */
  int16_t* maxima;       /* ring [hops of a clip], the largest sample of each; clip_maximum only */
  int16_t* logs;         /* ring [frames][bands] Q8; clip_maximum only: known when a clip ends */
  int8_t* features;      /* ring [frames][width]: otherwise */
  thb_complex* spectrum; /* scratch [N / 2] */
  int32_t* row;          /* scratch [bands], MFCC only */
  uint32_t frame_at;     /* the oldest frame of its ring: the next one to be written */
  uint32_t until_clip;   /* samples yet to come */
  uint32_t until_frame;
  uint32_t hop_at; /* where the maximum of the hop that has begun stands */
  uint16_t until_hop;
  uint16_t sample_at; /* the oldest sample of its ring */
  uint8_t ready;
} thb_frontend;

/* Bytes that the settings need. */
uint32_t thb_frontend_state_bytes(const thb_frontend_settings* settings);
uint32_t thb_frontend_scratch_bytes(const thb_frontend_settings* settings);

/* Keeps both pieces of memory and the settings, which must live as long as the front end. */
thb_status thb_frontend_init(thb_frontend* frontend, const thb_frontend_settings* settings,
                             void* state, uint32_t state_bytes, void* scratch,
                             uint32_t scratch_bytes);

/* Forgets all samples. */
void thb_frontend_reset(thb_frontend* frontend);

/* Takes samples until a clip is complete or none is left; returns how many. */
uint32_t thb_frontend_push(thb_frontend* frontend, const int16_t* samples, uint32_t count);

/* Whether a clip is complete: until the next sample comes. */
int thb_frontend_ready(const thb_frontend* frontend);

/* The features of the clip, [frames][width], oldest first. */
thb_status thb_frontend_read(thb_frontend* frontend, int8_t* features);

#ifdef __cplusplus
}
#endif

#endif
