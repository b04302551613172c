/* The runtime with its multiplications counted. */
#ifndef THIMBLE_COUNTED_RUNTIME_H
#define THIMBLE_COUNTED_RUNTIME_H

#ifdef __cplusplus
extern "C" {
#endif

/* Since the program began. */
long long thb_multiplications(void);

#ifdef __cplusplus
}
#endif

#endif
