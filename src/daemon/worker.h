/*
 * worker - a thread for SCRAM's iterated hash, so that the loop never waits
 * for it (decision 13).
 *
 * Jobs are done in order; the answer is called back on the loop's thread.
 * The password is copied and wiped when the job is done.
 */
#ifndef DAEMON_WORKER_H
#define DAEMON_WORKER_H

#include <stddef.h>

struct ev_loop;
struct worker;
struct worker_job;

typedef void (*worker_callback)(const unsigned char *key, size_t len,
    void *arg);

struct worker *worker_new(struct ev_loop *loop);
void worker_free(struct worker *w);	/* waits for the job in hand */

/* PBKDF2 (base/digest.h). `hash` is "SHA-1" or "SHA-256". */
struct worker_job *worker_key(struct worker *w, const char *hash,
    const char *password, const unsigned char *salt, size_t salt_len,
    unsigned iterations, worker_callback cb, void *arg);
/* The callback will not be called. NULL is fine. */
void worker_cancel(struct worker_job *job);

#endif
