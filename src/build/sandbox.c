#include "zygote.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#define REQUEST_MAX ((size_t)1 << 30)
#define READ_AT_ONCE ((size_t)64 << 10)
#define FAREWELL_MS 5000 /* for a zygote to kill and reap what it has */

extern char **environ;

/* What an epoll event points at. */
struct watch {
	enum { WATCH_STREAM, WATCH_NURSE, WATCH_EARLY } kind;
	int fd; /* -1: closed */
};

struct stream {
	struct watch watch; /* first */
	struct buf kept;
	size_t max;
	uint64_t dropped;
};

/* From sandbox_run to `done`.  In exactly one list: `waiting` (with its wire), `running` (sent), or
 * `early` (it has its end without having been sent). */
struct request {
	struct request *prev, *next;
	uint64_t id;
	struct nurse *nurse; /* running */
	sandbox_done *done;
	void *ud;
	enum zygote_mode mode;
	struct buf wire;
	bool cancelled, interactive;
	struct stream out, err;
	enum zygote_step step; /* early */
	int refused;           /* early: errno */
};

struct list {
	struct request *first, *last;
};

/* The caller's end of a zygote. */
struct nurse {
	struct watch watch; /* first; fd -1: no process */
	pid_t pid;
	size_t running;
};

struct sandbox {
	uv_poll_t *poll; /* watches epoll; freed by its loop a turn later */
	int epoll;
	struct watch early_watch; /* an eventfd */
	struct nurse nurses[ZYGOTE_PROBE]; /* by mode */
	struct list waiting, running, early;
	uint64_t last_id;
	size_t live;
	bool calling; /* a callback is on the stack */
	struct zygote_reply reply; /* being received */
	char bytes[READ_AT_ONCE];
};

static void list_add(struct list *l, struct request *r)
{
	r->next = NULL;
	r->prev = l->last;
	if (l->last)
		l->last->next = r;
	else
		l->first = r;
	l->last = r;
}

static void list_remove(struct list *l, struct request *r)
{
	*(r->prev ? &r->prev->next : &l->first) = r->next;
	*(r->next ? &r->next->prev : &l->last) = r->prev;
}

static struct request *list_find(const struct list *l, uint64_t id)
{
	struct request *r = l->first;

	while (r && r->id != id)
		r = r->next;
	return r;
}

static bool watch_start(struct sandbox *s, struct watch *w)
{
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = w};

	return epoll_ctl(s->epoll, EPOLL_CTL_ADD, w->fd, &e) == 0;
}

/* Closing is not enough: while another thread or this one starts a process, the child has a copy of the descriptor
 * until it calls exec, and as long as a copy is open epoll goes on telling of a watch that may be freed. */
static void watch_stop(struct sandbox *s, struct watch *w)
{
	if (w->fd < 0)
		return;
	epoll_ctl(s->epoll, EPOLL_CTL_DEL, w->fd, NULL);
	close(w->fd);
	w->fd = -1;
}

/* The wire. */

static uint32_t put_text(struct buf *b, str s, bool *ok)
{
	size_t at = b->n;

	*ok = *ok && (s.n == 0 || !memchr(s.p, '\0', s.n)) && at + s.n < REQUEST_MAX;
	if (*ok) {
		buf_str(b, s);
		buf_c(b, '\0');
	}
	return (uint32_t)at;
}

static str without_slash(str s)
{
	while (s.n > 0 && s.p[s.n - 1] == '/')
		s.n--;
	return s;
}

/* False when a text has a NUL in it or all together are too long. */
static bool encode(struct buf *b, const struct sandbox_request *q)
{
	size_t vectors = sizeof(struct wire), nvectors = q->argc + q->nenv;
	size_t entries = (vectors + mem_size(nvectors, sizeof(uint32_t)) + 7) & ~(size_t)7;
	size_t texts = entries + mem_size(q->nentries, sizeof(struct wire_entry));
	struct wire w = {.argc = (uint32_t)q->argc, .nenv = (uint32_t)q->nenv,
		.nentries = (uint32_t)q->nentries, .timeout_ms = q->timeout_ms,
		.vectors = (uint32_t)vectors, .entries = (uint32_t)entries,
		.own_network = q->own_network, .interactive = q->interactive};
	bool ok = texts < REQUEST_MAX && q->argc > 0;

	if (!ok)
		return false;
	buf_reserve(b, texts);
	memset(b->p, 0, texts);
	b->n = texts;
	w.cwd = put_text(b, q->cwd, &ok);
	w.scratch = put_text(b, q->scratch, &ok);
	memcpy(b->p, &w, sizeof w);
	for (size_t i = 0; i < nvectors; i++) {
		uint32_t at = put_text(b, i < q->argc ? q->argv[i] : q->env[i - q->argc], &ok);

		memcpy(b->p + vectors + i * sizeof at, &at, sizeof at);
	}
	for (size_t i = 0; i < q->nentries; i++) {
		const struct sandbox_entry *e = &q->entries[i];
		struct wire_entry we;

		memset(&we, 0, sizeof we);
		we.kind = e->kind;
		we.executable = e->executable;
		we.source = put_text(b, e->source, &ok);
		we.target = put_text(b, without_slash(e->target), &ok);
		memcpy(b->p + entries + i * sizeof we, &we, sizeof we);
	}
	return ok;
}

static int memfd_of(const struct buf *b)
{
	int fd = memfd_create("request", MFD_CLOEXEC);

	if (fd >= 0 && os_write_all(fd, b->p, b->n) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The end of a request. */

static void stream_end(struct sandbox *s, struct stream *t)
{
	watch_stop(s, &t->watch);
	buf_free(&t->kept);
}

static void request_free(struct sandbox *s, struct request *r)
{
	stream_end(s, &r->out);
	stream_end(s, &r->err);
	buf_free(&r->wire);
	mem_free(r);
}

/* Takes the request out of its list, calls back, frees. */
static void finish(struct sandbox *s, struct list *l, struct request *r, struct sandbox_result *result)
{
	list_remove(l, r);
	if (r->cancelled)
		result->how = SANDBOX_CANCELLED;
	result->out = blob_new(buf_view(&r->out.kept));
	result->err_out = blob_new(buf_view(&r->err.kept));
	result->dropped = r->out.dropped + r->err.dropped;
	if (--s->live == 0)
		uv_unref((uv_handle_t *)s->poll);
	s->calling = true;
	r->done(r->ud, result);
	s->calling = false;
	blob_unref(result->out);
	blob_unref(result->err_out);
	request_free(s, r);
}

static void finish_refused(struct sandbox *s, struct list *l, struct request *r, enum zygote_step step, int err)
{
	struct sandbox_result result = {.how = SANDBOX_REFUSED, .step = zygote_step_name(step), .err = err};

	finish(s, l, r, &result);
}

/* It ends in the loop's next turn, by itself. */
static void end_early(struct sandbox *s, struct request *r, enum zygote_step step, int err)
{
	r->step = step;
	r->refused = err;
	list_add(&s->early, r);
	(void)eventfd_write(s->early_watch.fd, 1);
}

static void finish_early(struct sandbox *s)
{
	struct request *last = s->early.last, *r;
	eventfd_t count;

	(void)eventfd_read(s->early_watch.fd, &count);
	for (bool more = last != NULL; more && (r = s->early.first);) {
		more = r != last;
		finish_refused(s, &s->early, r, r->step, r->refused);
	}
}

/* The zygotes. */

static int spawn(pid_t *pid, int theirs, enum zygote_mode mode)
{
	static char name[] = "straylight", arg[] = ZYGOTE_ARG;
	char *argv[] = {name, arg, (char *)(uintptr_t)zygote_mode_name(mode), NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t all, none;
	int err;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr,
			POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, theirs, ZYGOTE_FD);
	err = posix_spawn(pid, "/proc/self/exe", &files, &attr, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return err;
}

int zygote_start(enum zygote_mode mode, pid_t *pid)
{
	int pair[2], theirs, err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	/* dup2 of a descriptor onto its own number would leave it close-on-exec */
	theirs = fcntl(pair[1], F_DUPFD_CLOEXEC, ZYGOTE_FD + 1);
	close(pair[1]);
	err = theirs < 0 ? errno : spawn(pid, theirs, mode);
	if (theirs >= 0)
		close(theirs);
	if (err == 0)
		return pair[0];
	close(pair[0]);
	errno = err;
	return -1;
}

static bool nurse_start(struct sandbox *s, struct nurse *n, enum zygote_mode mode)
{
	n->watch.fd = zygote_start(mode, &n->pid);
	return n->watch.fd >= 0 && watch_start(s, &n->watch);
}

/* End of file tells the zygote to kill what it has and go. */
static void nurse_end(struct sandbox *s, struct nurse *n)
{
	struct pollfd p = {.events = POLLIN};

	if (n->watch.fd < 0)
		return;
	watch_stop(s, &n->watch);
	p.fd = pidfd_open(n->pid, 0);
	if (p.fd >= 0) {
		while (poll(&p, 1, FAREWELL_MS) < 0 && errno == EINTR)
			;
		close(p.fd);
	}
	kill(n->pid, SIGKILL);
	while (waitpid(n->pid, NULL, 0) < 0 && errno == EINTR)
		;
	n->running = 0;
}

static bool nurse_tell(struct nurse *n, enum zygote_verb verb, uint64_t id, const int *fds, size_t nfds)
{
	struct zygote_call call;
	union {
		char bytes[CMSG_SPACE(4 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {&call, sizeof call};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	memset(&call, 0, sizeof call);
	call.verb = verb;
	call.id = id;
	if (nfds) {
		memset(&control, 0, sizeof control);
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(&control.align), fds, nfds * sizeof(int));
	}
	for (;;) {
		if (sendmsg(n->watch.fd, &msg, MSG_NOSIGNAL) >= 0)
			return true;
		if (errno != EINTR)
			return false;
	}
}

/* A pipe whose reading end is watched; the writing end, or -1. */
static int stream_open(struct sandbox *s, struct stream *t)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	t->watch = (struct watch){WATCH_STREAM, ends[0]};
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 || !watch_start(s, &t->watch)) {
		close(ends[1]);
		watch_stop(s, &t->watch);
		return -1;
	}
	return ends[1];
}

/* Hands the request to its zygote; false and errno, with nothing left open. */
static bool dispatch(struct sandbox *s, struct request *r)
{
	struct nurse *n = &s->nurses[r->mode];
	int wire = memfd_of(&r->wire);
	int out = r->interactive ? STDOUT_FILENO : stream_open(s, &r->out);
	int err = r->interactive ? STDERR_FILENO : stream_open(s, &r->err);
	int fds[] = {wire, out, err}, terminal[] = {wire, STDIN_FILENO, out, err};
	bool ok = wire >= 0 && out >= 0 && err >= 0;
	int why;

	ok = ok && nurse_tell(n, ZYGOTE_RUN, r->id, r->interactive ? terminal : fds, r->interactive ? 4 : 3);
	why = errno;
	for (int i = 0; i < (r->interactive ? 1 : 3); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	if (!ok) {
		watch_stop(s, &r->out.watch);
		watch_stop(s, &r->err.watch);
	}
	errno = why;
	return ok;
}

/* Sends what waits, in order, as long as there is room; when descriptors run out, the end of a
 * running request makes room again. */
static void pump(struct sandbox *s)
{
	struct request *r;

	while ((r = s->waiting.first)) {
		struct nurse *n = &s->nurses[r->mode];
		size_t running = s->nurses[ZYGOTE_ON].running + s->nurses[ZYGOTE_NONE].running;

		if (running >= ZYGOTE_MAX)
			return;
		if (n->watch.fd < 0 && !nurse_start(s, n, r->mode)) {
			int err = errno;

			nurse_end(s, n);
			list_remove(&s->waiting, r);
			end_early(s, r, STEP_SPAWN, err);
			continue;
		}
		if (!dispatch(s, r)) {
			if (running > 0 && (errno == EMFILE || errno == ENFILE || errno == ETOOMANYREFS))
				return;
			list_remove(&s->waiting, r);
			end_early(s, r, STEP_REQUEST, errno);
			continue;
		}
		list_remove(&s->waiting, r);
		list_add(&s->running, r);
		r->nurse = n;
		n->running++;
		buf_free(&r->wire);
	}
}

/* Events. */

static void stream_read(struct sandbox *s, struct stream *t, int rounds)
{
	while (t->watch.fd >= 0 && rounds-- > 0) {
		ssize_t n = read(t->watch.fd, s->bytes, sizeof s->bytes);
		size_t room = t->max - t->kept.n, keep;

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			watch_stop(s, &t->watch);
			return;
		}
		keep = (size_t)n < room ? (size_t)n : room;
		buf_add(&t->kept, s->bytes, keep);
		t->dropped += (size_t)n - keep;
	}
}

/* The terminal is the command's process group's until someone takes it back. */
static void retake_terminal(void)
{
	sigset_t ttou, old;

	sigemptyset(&ttou);
	sigaddset(&ttou, SIGTTOU);
	sigprocmask(SIG_BLOCK, &ttou, &old);
	tcsetpgrp(STDIN_FILENO, getpgrp());
	sigprocmask(SIG_SETMASK, &old, NULL);
}

/* Nothing of the action runs any more: what is in its pipes is all there will be. */
static void on_reply(struct sandbox *s, struct nurse *n, const struct zygote_reply *p)
{
	struct request *r = list_find(&s->running, p->id);
	struct sandbox_result result = {.how = p->how, .code = p->code, .wall_ns = p->wall_ns,
		.user_ns = p->user_ns, .system_ns = p->system_ns, .max_rss = p->max_rss};

	if (!r)
		return;
	if (p->how == SANDBOX_REFUSED) {
		result.step = zygote_step_name(p->step);
		result.path = str_of(p->path, p->path_n);
		result.err = p->err;
	}
	stream_read(s, &r->out, 64);
	stream_read(s, &r->err, 64);
	if (r->interactive)
		retake_terminal();
	n->running--;
	finish(s, &s->running, r, &result);
}

/* The zygote is gone and what it had with it; the next request starts another. */
static void on_lost(struct sandbox *s, struct nurse *n)
{
	struct request *r, *next;

	nurse_end(s, n);
	for (r = s->running.first; r; r = next) {
		next = r->next;
		if (r->nurse == n) {
			list_remove(&s->running, r);
			end_early(s, r, STEP_SPAWN, EPIPE);
		}
	}
}

static void on_nurse(struct sandbox *s, struct nurse *n)
{
	ssize_t got;

	while (n->watch.fd >= 0) {
		got = recv(n->watch.fd, &s->reply, sizeof s->reply, MSG_DONTWAIT);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got < (ssize_t)offsetof(struct zygote_reply, path)) {
			on_lost(s, n);
			return;
		}
		on_reply(s, n, &s->reply);
	}
}

/* Streams first: only what comes after them ends a request and frees its streams. */
static void on_events(uv_poll_t *poll, int status, int events)
{
	struct sandbox *s = poll->data;
	struct epoll_event e[64];
	int n = epoll_wait(s->epoll, e, SL_COUNT(e), 0);

	(void)status;
	(void)events;
	for (int i = 0; i < n; i++) {
		struct watch *w = e[i].data.ptr;

		if (w->kind == WATCH_STREAM)
			stream_read(s, (struct stream *)w, 1);
	}
	for (int i = 0; i < n; i++) {
		struct watch *w = e[i].data.ptr;

		if (w == &s->nurses[ZYGOTE_ON].watch || w == &s->nurses[ZYGOTE_NONE].watch)
			on_nurse(s, (struct nurse *)w);
		else if (w == &s->early_watch)
			finish_early(s);
	}
	pump(s);
}

struct sandbox *sandbox_new(uv_loop_t *loop)
{
	struct sandbox *s = mem_make(struct sandbox);

	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	s->early_watch = (struct watch){WATCH_EARLY, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
	for (int m = 0; m < ZYGOTE_PROBE; m++)
		s->nurses[m].watch = (struct watch){WATCH_NURSE, -1};
	s->poll = mem_make(uv_poll_t);
	if (s->epoll < 0 || s->early_watch.fd < 0 || !watch_start(s, &s->early_watch) ||
			uv_poll_init(loop, s->poll, s->epoll) != 0)
		mem_oom();
	s->poll->data = s;
	uv_poll_start(s->poll, UV_READABLE, on_events);
	uv_unref((uv_handle_t *)s->poll);
	return s;
}

static void cancel_all(struct sandbox *s, struct list *l)
{
	while (l->first) {
		l->first->cancelled = true;
		finish_refused(s, l, l->first, STEP_NONE, 0);
	}
}

static void on_closed(uv_handle_t *h)
{
	mem_free(h);
}

void sandbox_free(struct sandbox *s)
{
	if (!s)
		return;
	assert(!s->calling);
	for (int m = 0; m < ZYGOTE_PROBE; m++)
		nurse_end(s, &s->nurses[m]);
	cancel_all(s, &s->running);
	cancel_all(s, &s->waiting);
	cancel_all(s, &s->early);
	uv_close((uv_handle_t *)s->poll, on_closed);
	close(s->early_watch.fd);
	close(s->epoll);
	mem_free(s);
}

uint64_t sandbox_run(struct sandbox *s, const struct sandbox_request *q, sandbox_done *done, void *ud)
{
	struct request *r = mem_make(struct request);
	uint64_t id = ++s->last_id;

	*r = (struct request){.id = id, .done = done, .ud = ud, .interactive = q->interactive,
		.mode = q->mode == SANDBOX_NONE ? ZYGOTE_NONE : ZYGOTE_ON,
		.out = {.watch = {WATCH_STREAM, -1}, .max = q->output_max},
		.err = {.watch = {WATCH_STREAM, -1}, .max = q->output_max}};
	if (s->live++ == 0)
		uv_ref((uv_handle_t *)s->poll);
	if (!encode(&r->wire, q)) {
		end_early(s, r, STEP_REQUEST, EINVAL);
		return id;
	}
	list_add(&s->waiting, r);
	pump(s);
	return id;
}

void sandbox_cancel(struct sandbox *s, uint64_t id)
{
	struct request *r = list_find(&s->running, id);

	if (r && !r->cancelled) {
		r->cancelled = true;
		nurse_tell(r->nurse, ZYGOTE_KILL, id, NULL, 0);
		return;
	}
	r = list_find(&s->waiting, id);
	if (r) {
		list_remove(&s->waiting, r);
		end_early(s, r, STEP_NONE, 0);
	}
	r = r ? r : list_find(&s->early, id);
	if (r)
		r->cancelled = true;
}
