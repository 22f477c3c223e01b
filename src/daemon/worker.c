#include "daemon/worker.h"

#include <ev.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/list.h"
#include "base/mem.h"

struct worker_job {
	struct list link;
	char hash[8];
	char *password;
	unsigned char *salt;
	size_t salt_len;
	unsigned iterations;
	unsigned char key[DIGEST_SHA256];
	size_t key_len;
	worker_callback cb;	/* NULL: cancelled; the loop's thread only */
	void *arg;
};

struct worker {
	struct ev_loop *loop;
	ev_async wake;		/* thread -> loop: something is done */
	pthread_t thread;
	pthread_mutex_t lock;	/* guards the two lists and is_ending */
	pthread_cond_t more;
	struct list todo, done;
	bool is_ending;
};

static void
job_free(struct worker_job *job)
{
	mem_wipe_str(job->password);
	mem_wipe(job->key, sizeof job->key);
	free(job->password);
	free(job->salt);
	free(job);
}

static void *
work(void *arg)
{
	struct worker *w = arg;

	pthread_mutex_lock(&w->lock);
	while (!w->is_ending) {
		struct worker_job *job;

		if (list_is_empty(&w->todo)) {
			pthread_cond_wait(&w->more, &w->lock);
			continue;
		}
		job = list_item(w->todo.next, struct worker_job, link);
		list_remove(&job->link);
		pthread_mutex_unlock(&w->lock);
		if (digest_pbkdf2(job->key, job->hash, job->password, job->salt,
		    job->salt_len, job->iterations))
			job->key_len = job->hash[4] == '1' ? DIGEST_SHA1
							   : DIGEST_SHA256;
		pthread_mutex_lock(&w->lock);
		list_push(&w->done, &job->link);
		ev_async_send(w->loop, &w->wake);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static void
deliver(struct worker *w)
{
	for (;;) {
		struct worker_job *job = NULL;

		pthread_mutex_lock(&w->lock);
		if (!list_is_empty(&w->done)) {
			job = list_item(w->done.next, struct worker_job, link);
			list_remove(&job->link);
		}
		pthread_mutex_unlock(&w->lock);
		if (job == NULL)
			return;
		if (job->cb != NULL)
			job->cb(job->key, job->key_len, job->arg);
		job_free(job);
	}
}

static void
on_wake(struct ev_loop *loop, ev_async *watcher, int events)
{
	(void)loop, (void)events;
	deliver(watcher->data);
}

struct worker *
worker_new(struct ev_loop *loop)
{
	struct worker *w = mem_alloc(sizeof *w);
	sigset_t all, old;

	w->loop = loop;
	list_init(&w->todo);
	list_init(&w->done);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->more, NULL);
	ev_async_init(&w->wake, on_wake);
	w->wake.data = w;
	ev_async_start(loop, &w->wake);
	ev_unref(loop);		/* an idle worker keeps no loop alive */
	sigfillset(&all);	/* signals are the loop's */
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(&w->thread, NULL, work, w) != 0)
		abort();
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return w;
}

void
worker_free(struct worker *w)
{
	struct list *link, *after;

	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->is_ending = true;
	pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	list_each(link, after, &w->todo)
		job_free(list_item(link, struct worker_job, link));
	list_each(link, after, &w->done)
		job_free(list_item(link, struct worker_job, link));
	ev_ref(w->loop);
	ev_async_stop(w->loop, &w->wake);
	pthread_cond_destroy(&w->more);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

struct worker_job *
worker_key(struct worker *w, const char *hash, const char *password,
    const unsigned char *salt, size_t salt_len, unsigned iterations,
    worker_callback cb, void *arg)
{
	struct worker_job *job = mem_alloc(sizeof *job);
	size_t i;

	for (i = 0; i + 1 < sizeof job->hash && hash[i] != '\0'; i++)
		job->hash[i] = hash[i];
	job->password = mem_str(password);
	job->salt = mem_copy(salt, salt_len);
	job->salt_len = salt_len;
	job->iterations = iterations;
	job->cb = cb;
	job->arg = arg;
	pthread_mutex_lock(&w->lock);
	list_push(&w->todo, &job->link);
	pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
	return job;
}

void
worker_cancel(struct worker_job *job)
{
	if (job != NULL)
		job->cb = NULL;
}
