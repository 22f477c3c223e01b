#include "daemon/service.h"

#include <ev.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/paths.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "daemon/control.h"
#include "daemon/notify.h"
#include "daemon/reload.h"
#include "daemon/report.h"
#include "daemon/worker.h"
#include "store/store.h"

/* How long streams may take to close when we are told to end. */
enum { STOP_S = 10, BUSY_MS = 200 };

struct service {
	struct ev_loop *loop;
	struct reload *reload;	/* configurations and accounts */
	struct dns *dns;
	struct worker *worker;
	struct store *store;
	struct ingest *ingest;
	struct ingest_watcher watcher;
	bool is_watching;	/* the signals */
	struct control *control;
	ev_signal term, interrupt, hangup;
	ev_timer patience;
	bool is_stopping, is_finished;
	int status;
};

static void
finish(struct service *s)
{
	if (s->is_finished)
		return;
	s->is_finished = true;
	ev_break(s->loop, EVBREAK_ALL);
}

/* The last commit: also of what the accounts said in going. */
static void
commit(struct service *s)
{
	static const struct timespec pause = { 0, 100 * 1000000L };
	int tries = STOP_S * 10;
	struct err err;

	if (s->ingest == NULL || ingest_broken(s->ingest) != NULL)
		return;
	while (ingest_flush(s->ingest, &err) != 0) {
		if (err.code != ERR_BUSY || tries-- == 0) {
			report("%s: what came last was not written", err.text);
			s->status = 3;
			return;
		}
		nanosleep(&pause, NULL);	/* the loop has ended */
	}
}

static void
stop(struct service *s)
{
	if (s->is_stopping)
		return;
	s->is_stopping = true;
	notify_stopping();
	log_info(NULL, "closing");
	ingest_flush(s->ingest, NULL);
	ev_timer_start(s->loop, &s->patience);
	reload_stop(s->reload);
	if (reload_is_empty(s->reload))
		finish(s);
}

/* reload's: an account's status has changed. */
static void
on_changed(void *arg)
{
	struct service *s = arg;

	if (s->control != NULL)
		control_changed(s->control);
}

/* reload's: an account has stopped and is gone. */
static void
on_stopped(void *arg)
{
	struct service *s = arg;

	if (s->is_stopping && reload_is_empty(s->reload))
		finish(s);
}

static void
on_stuck(bool is_stuck, const struct err *why, void *arg)
{
	struct service *s = arg;
	struct account *a;
	size_t i;

	if (ingest_broken(s->ingest) != NULL) {
		report("%s", why->text);
		s->status = 3;
		ev_break(s->loop, EVBREAK_ALL);
		return;
	}
	for (i = 0; (a = service_account(s, i)) != NULL; i++)
		account_stuck(a, is_stuck, why);
}

static void
on_signal(struct ev_loop *loop, ev_signal *w, int events)
{
	(void)loop, (void)events;
	stop(w->data);
}

static void
on_hangup(struct ev_loop *loop, ev_signal *w, int events)
{
	struct buf problems = { 0 };
	char *line, *rest;

	(void)loop, (void)events;
	if (service_reload(w->data, &problems) != 0) {
		rest = problems.data;
		while ((line = strsep(&rest, "\n")) != NULL)
			if (*line != '\0')
				log_error(NULL, "%s", line);
		log_error(NULL, "the configuration is wrong, nothing was "
		    "changed");
	}
	buf_clear(&problems);
}

static void
on_patience(struct ev_loop *loop, ev_timer *w, int events)
{
	(void)loop, (void)events;
	finish(w->data);
}

struct account *
service_account(struct service *s, size_t i)
{
	return s->reload == NULL ? NULL : reload_account(s->reload, i);
}

int
service_reload(struct service *s, struct buf *problems)
{
	if (s->is_stopping) {
		buf_str(problems, "the service is ending");
		return -1;
	}
	return reload_again(s->reload, problems);
}

static void
watch_signal(struct service *s, ev_signal *w, int number,
    void (*cb)(struct ev_loop *, ev_signal *, int))
{
	ev_signal_init(w, cb, number);
	w->data = s;
	ev_signal_start(s->loop, w);
	ev_unref(s->loop);
}

struct service *
service_new(struct config *config, const struct service_paths *paths,
    struct err *err)
{
	struct service *s = mem_alloc(sizeof *s);
	struct account_env env;

	signal(SIGPIPE, SIG_IGN);
	s->loop = ev_default_loop(EVFLAG_AUTO);
	ev_timer_init(&s->patience, on_patience, STOP_S, 0);
	s->patience.data = s;
	s->store = store_open(paths->archive, STORE_SERVE, BUSY_MS, err);
	if (s->store == NULL)
		goto fail;
	s->dns = dns_new(s->loop, err);
	if (s->dns == NULL)
		goto fail;
	s->control = control_new(s->loop, paths->socket, s, err);
	if (s->control == NULL)
		goto fail;
	s->worker = worker_new(s->loop);
	s->ingest = ingest_new(s->loop, s->store);
	s->watcher.stuck = on_stuck;
	s->watcher.arg = s;
	ingest_watch(s->ingest, &s->watcher);
	env = (struct account_env){
		.session = { s->loop, s->dns, s->worker },
		.ingest = s->ingest,
	};
	s->reload = reload_new(config, paths, &env, on_changed, on_stopped, s);
	s->is_watching = true;
	watch_signal(s, &s->term, SIGTERM, on_signal);
	watch_signal(s, &s->interrupt, SIGINT, on_signal);
	/* Closing the terminal it runs on ends it; elsewhere it is the
	 * keeper's way to say "read again". */
	if (!isatty(STDIN_FILENO) && !isatty(STDERR_FILENO))
		watch_signal(s, &s->hangup, SIGHUP, on_hangup);
	else
		watch_signal(s, &s->hangup, SIGHUP, on_signal);
	return s;

fail:
	service_free(s);
	return NULL;
}

void
service_free(struct service *s)
{
	if (s == NULL)
		return;
	if (s->is_watching) {
		ev_ref(s->loop);
		ev_signal_stop(s->loop, &s->term);
		ev_ref(s->loop);
		ev_signal_stop(s->loop, &s->interrupt);
		ev_ref(s->loop);
		ev_signal_stop(s->loop, &s->hangup);
	}
	ev_timer_stop(s->loop, &s->patience);
	reload_free(s->reload);
	control_free(s->control);
	worker_free(s->worker);
	dns_free(s->dns);
	ingest_free(s->ingest);
	store_close(s->store);
	free(s);
}

int
service_run(struct service *s)
{
	reload_start(s->reload);
	notify_ready();
	ev_run(s->loop, 0);
	reload_free(s->reload);
	s->reload = NULL;
	commit(s);
	return s->status;
}
