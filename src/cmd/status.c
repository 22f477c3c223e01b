/*
 * status - the running service, account by account. One connection with
 * `status watch=1` serves --wait and --watch too: the service sends a whole
 * reply at every change.
 */
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/time.h"
#include "cmd/output.h"
#include "cmd/say.h"
#include "cmd/service.h"
#include "cmd/setting.h"
#include "format/status.h"
#include "model/names.h"

enum { RETRY_MS = 100 };	/* while the service has not started */

struct watch {
	const struct call *call;
	char *path;			/* of the socket */
	struct service service;
	struct output out;
	struct format_options options;
	struct arena *arena;
	const char *const *accounts;	/* of -a, prepared */
	size_t account_count;
	int64_t deadline_us;		/* 0: none */
};

static int
prepare(struct watch *w, const struct call *call)
{
	enum account_state state;
	int status;

	if (call->wait != NULL && !account_state_parse(call->wait, &state))
		return say_usage("status", "--wait: %s is not a state: they "
		    "are offline, connecting, authenticating, catching-up, "
		    "online, waiting, paused and failed", call->wait);
	status = setting_accounts(call, w->arena, &w->accounts);
	if (status != 0)
		return status;
	w->account_count = call->account_count;
	if (call->timeout_s >= 0)
		w->deadline_us = clock_mono_us() +
		    call->timeout_s * TIME_SECOND;
	return 0;
}

static bool
is_meant(const struct watch *w, const struct service_record *r)
{
	size_t i;

	for (i = 0; i < w->account_count; i++)
		if (str_is(service_get(r, "account"), w->accounts[i]))
			return true;
	return w->account_count == 0;
}

/* Accounts of -a that the service has not: 1, said. */
static int
check_accounts(const struct watch *w, const struct service_reply *reply)
{
	size_t i, k;

	for (i = 0; i < w->account_count; i++) {
		for (k = 0; k < reply->count; k++)
			if (str_is(service_get(&reply->records[k], "account"),
			    w->accounts[i]))
				break;
		if (k == reply->count) {
			say("%s: the service has no such account",
			    w->accounts[i]);
			return EXIT_NOTHING;
		}
	}
	return EXIT_DONE;
}

static const char *
get_fact(const void *record, const char *name)
{
	return service_get(record, name);
}

static int
show(struct watch *w, const struct service_reply *reply)
{
	bool is_json = str_is(w->call->format, "json");
	struct status_facts facts;
	size_t i;

	for (i = 0; i < reply->count; i++) {
		if (!is_meant(w, &reply->records[i]))
			continue;
		facts = (struct status_facts){ .get = get_fact,
			.arg = &reply->records[i] };
		if (is_json)
			status_json(&facts, &w->out.buf);
		else
			status_text(&facts, &w->options, &w->out.buf);
	}
	return output_flush(&w->out);
}

/* Connects and asks; while waiting for a state, until the time is up. */
static int
connect_service(struct watch *w)
{
	static const struct timespec pause = { 0, RETRY_MS * 1000000L };
	bool is_long = w->call->wait != NULL || w->call->watch;
	struct err err = { 0 };

	for (;;) {
		if (service_open(&w->service, w->path, &err) == 0) {
			if (service_ask(&w->service, "status",
			    is_long ? "watch" : NULL, "1", &err) == 0)
				return 0;
			service_close(&w->service);
			err.code = ERR_ABSENT;	/* it is just going */
		}
		if (err.code != ERR_ABSENT)
			return say_err(&err);
		if (w->call->wait == NULL)
			return service_say_absent(w->path);
		if (w->deadline_us != 0 && clock_mono_us() >= w->deadline_us) {
			say("status: no service within %ld s",
			    w->call->timeout_s);
			return EXIT_UNABLE;
		}
		nanosleep(&pause, NULL);
	}
}

/* 1: all are in the state; 0: not yet; -1: one has failed, said. */
static int
are_in_state(const struct watch *w, const struct service_reply *reply)
{
	int all = 1;
	size_t i;

	for (i = 0; i < reply->count; i++) {
		const struct service_record *r = &reply->records[i];
		const char *state = service_get(r, "state");
		const char *why = service_get(r, "error");

		if (!is_meant(w, r) || str_is(state, w->call->wait))
			continue;
		all = 0;
		if (str_is(state, "failed")) {
			say("%s: failed%s%s", service_get(r, "account"),
			    why != NULL ? ": " : "", why != NULL ? why : "");
			return -1;
		}
	}
	return all;
}

static void
say_late(const struct watch *w, const struct service_reply *last)
{
	size_t i;

	for (i = 0; i < last->count; i++) {
		const struct service_record *r = &last->records[i];
		const char *state = service_get(r, "state");
		const char *why = service_get(r, "error");

		if (is_meant(w, r) && !str_is(state, w->call->wait))
			say("%s: not %s within %ld s, but %s%s%s",
			    service_get(r, "account"), w->call->wait,
			    w->call->timeout_s, state != NULL ? state : "?",
			    why != NULL ? ": " : "", why != NULL ? why : "");
	}
}

/* One connection until it is done: the exit status; -1: connect again. */
static int
follow(struct watch *w, struct service_reply *last)
{
	struct service_reply reply;
	struct err err = { 0 };
	int got, status;

	for (;;) {
		got = service_reply(&w->service, w->deadline_us, &reply,
		    &err);
		if (got == 0) {
			if (w->call->wait != NULL)
				say_late(w, last);
			return w->call->wait != NULL ? EXIT_UNABLE
						     : EXIT_DONE;
		}
		if (got < 0 && w->call->wait != NULL &&
		    err.code != ERR_PROTOCOL)
			return -1;
		if (got < 0)
			return say_err(&err);
		service_reply_clear(last);
		*last = reply;
		if (reply.code != 0) {
			say("status: %s", reply.text);
			return reply.code;
		}
		status = check_accounts(w, last);
		if (status != 0)
			return status;
		if (w->call->wait != NULL) {
			got = are_in_state(w, last);
			if (got < 0)
				return EXIT_UNABLE;
			if (got == 0)
				continue;
			if (!w->call->watch) {
				show(w, last);
				return EXIT_DONE;
			}
		}
		/* A person sees one picture that changes. */
		if (w->call->watch && w->out.is_terminal &&
		    !str_is(w->call->format, "json"))
			buf_str(&w->out.buf, "\033[H\033[J");
		if (show(w, last) != 0 || !w->call->watch)
			return EXIT_DONE;
	}
}

static int
status_run(const struct call *call, struct reader *r)
{
	struct watch w = { .call = call, .service = { .fd = -1 } };
	struct service_reply last = { 0 };
	char *archive = NULL;
	int status;

	w.arena = arena_new();
	status = prepare(&w, call);
	if (status == 0)
		status = setting_paths(call, &archive, &w.path);
	if (status == 0 && output_open(&w.out, call, false) == 0) {
		w.options = output_options(&w.out, call);
		do {
			service_close(&w.service);
			status = connect_service(&w);
			if (status == 0)
				status = follow(&w, &last);
		} while (status < 0);
		status = output_close(&w.out, status);
	}
	service_close(&w.service);
	service_reply_clear(&last);
	arena_free(w.arena);
	free(archive);
	free(w.path);
	return status;
}

static const struct option_row status_options[] = {
	OPTION(0, "wait", "STATE", OPTION_TEXT, wait,
	    "until every account is in STATE, also before the service runs"),
	OPTION(0, "timeout", "S", OPTION_SECONDS, timeout_s,
	    "not longer than S seconds"),
	OPTION(0, "watch", NULL, OPTION_FLAG, watch, "again at every change"),
	OPTION_END
};

const struct command command_status = {
	.name = "status",
	.arguments = "",
	.summary = "what the running service is doing",
	.more = "States are offline, connecting, authenticating, catching-up, "
	    "online, waiting, paused\nand failed.",
	.needs = NEEDS_SOCKET,
	.options = status_options,
	.examples = {
		"backscroll status --wait online --timeout 60",
		"backscroll status --format json -a juliet@example.com",
	},
	.run = status_run,
};
