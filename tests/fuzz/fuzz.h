/*
 * fuzz - what a fuzz target is.
 *
 * With --enable-fuzzing libFuzzer calls fuzz_input() through its own entry;
 * otherwise replay.c plays the seeds, so that every `make check` does. A
 * target ends the process (abort, a sanitizer) when something is wrong.
 *
 *   ./configure --enable-fuzzing --enable-sanitizers CC=clang
 *   make tests/fuzz/xml && tests/fuzz/xml CORPUS ../tests/xml/hostile
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Directories of seeds, below the source's top; NULL-ended. */
extern const char *const fuzz_seeds[];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#endif
