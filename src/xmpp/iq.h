/*
 * iq - requests that wait for their answer, matched by id and sender.
 *
 * An answer counts only if both agree (CVE-2015-8688's kin): the id is
 * unguessable, and `from` is whom we asked; for the own account an absent
 * from, the bare and the full own JID are the same (RFC 6120 8.1.2.1).
 */
#ifndef XMPP_IQ_H
#define XMPP_IQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "xml/node.h"

struct iq_table;

/* answer is NULL when the time is up or the stream ended. */
typedef void (*iq_callback)(const struct node *answer, void *arg);

struct iq_table *iq_new(const char *own_full);
void iq_free(struct iq_table *t);	/* calls nothing back */

/* Writes an iq around `payload` (one element's XML) to out and remembers it.
 * to NULL: the own account. type is "get" or "set". */
void iq_request(struct iq_table *t, struct buf *out, const char *type,
    const char *to, const char *payload, int64_t deadline_us, iq_callback cb,
    void *arg);

/* True if the stanza was an awaited answer and has been handled. */
bool iq_answer(struct iq_table *t, const struct node *stanza);
/* Forgets what is due, calling back with NULL. */
void iq_tick(struct iq_table *t, int64_t now_us);
int64_t iq_deadline(const struct iq_table *t);
/* Ends all of them with NULL: the stream is over. */
void iq_end(struct iq_table *t);
void iq_cancel(struct iq_table *t, void *arg);	/* those of this arg */

/* Writes answers to somebody's request. */
void iq_result(struct buf *out, const struct node *request,
    const char *payload);	/* payload may be NULL */
void iq_error(struct buf *out, const struct node *request, const char *type,
    const char *condition);

#endif
