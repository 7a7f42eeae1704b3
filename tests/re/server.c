#include "operation.h"

#include <signal.h>

/* ---- jobs from other threads ---- */

static void stop(struct server *s)
{
	s->stopping = true;
	uv_close((uv_handle_t *)&s->listener, NULL);
	uv_close((uv_handle_t *)&s->prepare, NULL);
	uv_close((uv_handle_t *)&s->check, NULL);
	uv_close((uv_handle_t *)&s->wake, NULL);
	conn_end_all(s);
	for (size_t i = 0; i < s->operations.n; i++) {
		struct operation *op = s->operations.entries[i].value;

		if (op->running)
			worker_kill(op);
	}
}

static void on_wake(uv_async_t *wake)
{
	struct server *s = wake->data;

	uv_mutex_lock(&s->lock);
	if (s->job) {
		s->job(s, s->job_ud);
		s->job = NULL;
		uv_cond_broadcast(&s->done);
	}
	uv_mutex_unlock(&s->lock);
}

static void ask(struct re_server *server, void (*job)(struct server *, void *), void *ud)
{
	struct server *s = (struct server *)server;

	uv_mutex_lock(&s->lock);
	while (s->job) /* another thread asks */
		uv_cond_wait(&s->done, &s->lock);
	s->job = job;
	s->job_ud = ud;
	uv_async_send(&s->wake);
	while (s->job == job && s->job_ud == ud)
		uv_cond_wait(&s->done, &s->lock);
	uv_mutex_unlock(&s->lock);
}

/* ---- start and stop ---- */

static void before_polling(uv_prepare_t *h)
{
	conn_pump_all(h->data);
}

static void after_polling(uv_check_t *h)
{
	conn_pump_all(h->data);
}

static void on_connection(uv_stream_t *listener, int status)
{
	if (status == 0)
		conn_accept(listener->data);
}

static void run(void *ud)
{
	struct server *s = ud;
	sigset_t pipe;

	sigemptyset(&pipe); /* a peer that went away is an error of the write */
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, NULL);
	uv_run(&s->loop, UV_RUN_DEFAULT);
}

static int listen_on(struct server *s)
{
	struct sockaddr_in address;
	int n = sizeof address, err;

	uv_ip4_addr("127.0.0.1", (int)s->options.port, &address);
	uv_tcp_init(&s->loop, &s->listener);
	s->listener.data = s;
	if ((err = uv_tcp_bind(&s->listener, (struct sockaddr *)&address, 0)) < 0 ||
			(err = uv_listen((uv_stream_t *)&s->listener, 128, on_connection)) < 0 ||
			(err = uv_tcp_getsockname(&s->listener, (struct sockaddr *)&address, &n)) < 0)
		return err;
	s->port = ntohs(address.sin_port);
	return 0;
}

static void start_loop(struct server *s)
{
	uv_async_init(&s->loop, &s->wake, on_wake);
	uv_prepare_init(&s->loop, &s->prepare);
	uv_check_init(&s->loop, &s->check);
	s->wake.data = s->prepare.data = s->check.data = s;
	uv_prepare_start(&s->prepare, before_polling);
	uv_check_start(&s->check, after_polling);
}

static const char *kept(struct server *s, const char *z, const char *otherwise)
{
	return z ? str_dup(&s->arena, str_c(z)).p : otherwise;
}

static void set_options(struct server *s, const struct re_options *o)
{
	s->options = *o;
	s->options.instance = kept(s, o->instance, "");
	s->options.store = kept(s, o->store, NULL);
	s->options.token = kept(s, o->token, NULL);
	s->options.faults = s->options.like = NULL; /* read here only */
	s->options.jobs = o->jobs ? o->jobs : 2;
	s->options.max_streams = o->max_streams ? o->max_streams : 1000;
	s->options.window = o->window ? o->window : 1 << 20;
	s->faults.random = o->seed;
}

/* NULL, or why not. */
static const char *set_up(struct server *s, const struct re_options *o)
{
	const char *why;
	int err;

	set_options(s, o);
	s->like = like_find(str_c(o->like ? o->like : "straylight"));
	if (!s->like)
		return str_fmt(&s->arena, "there is no server '%s' to be like", o->like).p;
	if ((why = faults_parse(&s->fault_arena, str_dup(&s->fault_arena, str_c(o->faults)), &s->faults)))
		return why;
	if ((err = blobs_open(&s->blobs, o->store ? str_fmt(&s->arena, "%s/blobs", o->store).p : NULL)) < 0 ||
			(err = listen_on(s)) < 0)
		return uv_strerror(err);
	if (o->store)
		results_load(s);
	return NULL;
}

static void tear_down(struct server *s)
{
	for (size_t i = 0; i < s->results.n; i++)
		blob_unref(s->results.entries[i].value);
	map_free(&s->results);
	uploads_clear(s);
	operations_clear(s);
	blobs_close(&s->blobs);
	if (s->scratch)
		os_remove_tree(s->scratch);
	uv_mutex_destroy(&s->lock);
	uv_cond_destroy(&s->done);
	uv_loop_close(&s->loop);
	arena_clear(&s->fault_arena);
	arena_clear(&s->arena);
	mem_free(s);
}

struct re_server *re_server_start(const struct re_options *o, char **why)
{
	struct server *s = mem_make(struct server);
	const char *wrong;

	uv_loop_init(&s->loop);
	uv_mutex_init(&s->lock);
	uv_cond_init(&s->done);
	if ((wrong = set_up(s, o))) {
		*why = str_zdup(str_c(wrong));
		if (s->listener.loop)
			uv_close((uv_handle_t *)&s->listener, NULL);
		uv_run(&s->loop, UV_RUN_DEFAULT);
		tear_down(s);
		return NULL;
	}
	start_loop(s);
	uv_thread_create(&s->thread, run, s);
	return (struct re_server *)s;
}

static void stop_job(struct server *s, void *ud)
{
	(void)ud;
	stop(s);
}

void re_server_stop(struct re_server *server)
{
	struct server *s = (struct server *)server;

	ask(server, stop_job, NULL);
	uv_thread_join(&s->thread);
	tear_down(s);
}

unsigned re_server_port(const struct re_server *server)
{
	return ((const struct server *)server)->port;
}

/* ---- questions ---- */

struct question {
	const char *text;
	char *why;
	uint64_t n;
	enum digest_fn fn;
	struct digest digest;
	str bytes;
	bool yes;
};

static void faults_job(struct server *s, void *ud)
{
	struct question *q = ud;
	const char *why;

	arena_clear(&s->fault_arena);
	why = faults_parse(&s->fault_arena, str_dup(&s->fault_arena, str_c(q->text)), &s->faults);
	q->why = why ? str_zdup(str_c(why)) : NULL;
}

char *re_server_faults(struct re_server *server, const char *rules)
{
	struct question q = {.text = rules};

	ask(server, faults_job, &q);
	return q.why;
}

static void count_job(struct server *s, void *ud)
{
	struct question *q = ud;

	for (size_t i = 0; i < nmethods; i++)
		if (strcmp(q->text, "*") == 0 || strcmp(q->text, methods[i].name) == 0)
			q->n += s->counts[i];
	if (strcmp(q->text, "connections") == 0)
		q->n = s->connections;
	if (strcmp(q->text, "puts") == 0)
		q->n = s->blobs.puts;
	if (strcmp(q->text, "runs") == 0)
		q->n = s->runs;
	if (strcmp(q->text, "resumed") == 0)
		q->n = s->resumed;
	if (strcmp(q->text, "identified") == 0)
		q->n = s->identified;
	if (strcmp(q->text, "attributed") == 0)
		q->n = s->attributed;
}

uint64_t re_server_count(struct re_server *server, const char *what)
{
	struct question q = {.text = what};

	ask(server, count_job, &q);
	return q.n;
}

static void has_job(struct server *s, void *ud)
{
	struct question *q = ud;

	q->yes = blobs_has(&s->blobs, q->fn, &q->digest);
}

bool re_server_has(struct re_server *server, enum digest_fn fn, const struct digest *d)
{
	struct question q = {.fn = fn, .digest = *d};

	ask(server, has_job, &q);
	return q.yes;
}

static void forget_job(struct server *s, void *ud)
{
	struct question *q = ud;

	q->yes = blobs_forget(&s->blobs, q->fn, &q->digest);
}

bool re_server_forget(struct re_server *server, enum digest_fn fn, const struct digest *d)
{
	struct question q = {.fn = fn, .digest = *d};

	ask(server, forget_job, &q);
	return q.yes;
}

static void put_job(struct server *s, void *ud)
{
	struct question *q = ud;

	q->digest = blobs_add(&s->blobs, q->fn, q->bytes);
}

struct digest re_server_put(struct re_server *server, enum digest_fn fn, str bytes)
{
	struct question q = {.fn = fn, .bytes = bytes};

	ask(server, put_job, &q);
	return q.digest;
}

static void forget_all_job(struct server *s, void *ud)
{
	(void)ud;
	blobs_forget_all(&s->blobs);
}

void re_server_forget_all(struct re_server *server)
{
	ask(server, forget_all_job, &(struct question){0});
}

static void forget_results_job(struct server *s, void *ud)
{
	(void)ud;
	results_forget(s);
}

void re_server_forget_results(struct re_server *server)
{
	ask(server, forget_results_job, &(struct question){0});
}

bool re_server_hpack(str name, enum hpack_form *out)
{
	return hpack_form_of(name, out);
}
