#include "server.h"
#include "version.h"
#include "watch.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TICK_TERMINAL_MS 100
#define TICK_PLAIN_MS 1000

/* ---- the terminal ---- */

static void flush(struct watch *w)
{
	struct buf *out = &w->ui.out;

	if (out->n)
		(void)!os_write_all(STDERR_FILENO, out->p, out->n);
	out->n = 0;
}

static void redraw(struct watch *w)
{
	struct winsize size = {0};

	if (w->ui.options.terminal && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0)
		size = (struct winsize){0};
	ui_tick(&w->ui, os_now_ns(), size.ws_col, size.ws_row ? size.ws_row : 24);
	flush(w);
}

/* After lines that stay: the frame below them at once, so that it does not flicker. */
static void told(struct watch *w)
{
	if (w->ui.out.n && w->ui.options.terminal && !w->over)
		redraw(w);
	else
		flush(w);
}

static void on_stage(void *ud, const struct build_away *a)
{
	ui_stage(ud, a);
}

static void on_tick(uv_timer_t *timer)
{
	struct watch *w = timer->data;

	if (w->over)
		return;
	if (w->ui.options.terminal)
		build_each_away(w->build, on_stage, &w->ui);
	redraw(w);
}

static bool is_silent(const struct watch *w)
{
	return w->call->common.quiet || w->call->common.json;
}

static void say(struct watch *w, str text)
{
	if (is_silent(w))
		return;
	ui_text(&w->ui, text, os_now_ns());
	told(w);
}

void watch_say(struct watch *w, const char *fmt, ...)
{
	struct buf line = {0};
	va_list args;

	va_start(args, fmt);
	buf_vfmt(&line, fmt, args);
	va_end(args);
	say(w, buf_view(&line));
	buf_free(&line);
}

/* ---- what the build tells ---- */

static void on_waiting(void *ud)
{
	say(ud, S("waiting for another straylight in this workspace"));
}

static void on_loading(void *ud, str package)
{
	struct watch *w = ud;

	ui_phase(&w->ui, str_fmt(&w->call->arena, "loading //%.*s", STR_ARG(package)));
}

static void on_capturing(void *ud, str toolchain)
{
	struct watch *w = ud;
	str text = str_fmt(&w->call->arena, "capturing the toolchain '%.*s'", STR_ARG(toolchain));

	ui_phase(&w->ui, text);
	if (w->ui.options.terminal)
		redraw(w);
	else if (w->call->common.verbose)
		say(w, text);
}

static void on_started(void *ud, const struct build_action *a)
{
	struct watch *w = ud;

	ui_started(&w->ui, a, os_now_ns());
	if (w->started)
		w->started(w->ud, a);
}

static void on_finished(void *ud, const struct build_action *a)
{
	struct watch *w = ud;

	ui_finished(&w->ui, a, os_now_ns());
	told(w);
	if (a->served == SERVED_FAILED)
		vec_push(&w->failed, str_fmt(&w->call->arena, "%.*s %.*s", STR_ARG(sym_str(a->label)),
						     STR_ARG(a->name)));
	if (w->finished)
		w->finished(w->ud, a);
}

/* The oldest of those of which nothing was heard for a while. */
static void on_silent(void *ud, const struct build_action *a, const char *stage, str worker, uint64_t silent_ms)
{
	struct watch *w = ud;
	struct buf line = {0};

	if (w->ui.options.terminal)
		return; /* the frame says it */
	buf_fmt(&line, "still %s: %.*s %.*s, without news for ", stage, STR_ARG(sym_str(a->label)), STR_ARG(a->name));
	ui_time((int64_t)silent_ms * 1000000, &line);
	if (worker.n)
		buf_fmt(&line, ", on %.*s", STR_ARG(worker));
	say(w, buf_view(&line));
	buf_free(&line);
}

/* ---- the remote ---- */

static struct build_remote remote_of(struct watch *w, const struct watch_args *args)
{
	struct build_remote r = {
		.endpoint = w->call->common.offline ? S("") : args->remote,
		.instance = args->instance,
		.require = args->require_remote,
		.cache_only = args->cache_only,
		.write = args->write,
		.race = args->race,
		.download = (enum build_download)args->download,
		.version = S(STRAYLIGHT_VERSION),
	};

	server_headers(&w->call->arena, &r);
	return r;
}

/* ---- signals ---- */

static const int signal_numbers[WATCH_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};

static void on_signal(uv_signal_t *handle, int number)
{
	struct watch *w = handle->data;

	if (w->stopped) {
		ui_end(&w->ui);
		flush(w);
		_exit(128 + number);
	}
	w->stopped = number;
	build_interrupt(w->build);
	ui_phase(&w->ui, S("stopping"));
}

/* nohup's way of saying that it should go on. */
static bool is_wanted(int number)
{
	struct sigaction now;

	return number != SIGHUP || sigaction(number, NULL, &now) < 0 || now.sa_handler != SIG_IGN;
}

static void listen_all(struct watch *w)
{
	uv_loop_t *loop = build_loop(w->build);
	uint64_t tick = w->ui.options.terminal ? TICK_TERMINAL_MS : TICK_PLAIN_MS;

	for (size_t i = 0; i < WATCH_SIGNALS; i++) {
		uv_signal_init(loop, &w->signals[i]);
		w->signals[i].data = w;
		if (is_wanted(signal_numbers[i]))
			uv_signal_start(&w->signals[i], on_signal, signal_numbers[i]);
		uv_unref((uv_handle_t *)&w->signals[i]);
	}
	uv_timer_init(loop, &w->timer);
	w->timer.data = w;
	uv_timer_start(&w->timer, on_tick, tick, tick);
	uv_unref((uv_handle_t *)&w->timer);
}

/* ---- from open to close ---- */

/* "/usr,/bin" */
static const str *split(struct call *c, str text, size_t *n)
{
	str *out = arena_array(&c->arena, str, text.n + 1), rest = text;

	for (*n = 0; rest.n; ++*n)
		str_cut(rest, ',', &out[*n], &rest);
	return out;
}

bool watch_open(struct watch *w, struct call *c, const struct watch_args *args, const struct build_options *options)
{
	const char *dir = call_dir(c);
	struct ui_options look = {
		.terminal = c->terminal && !c->common.quiet && !c->common.json,
		.color = c->color,
		.quiet = c->common.quiet || c->common.json,
		.verbose = c->common.verbose,
		.explain = args->explain,
	};

	*w = (struct watch){.call = c, .options = *options, .began = os_now_ns()};
	ui_init(&w->ui, &look, w->began);
	w->options.jobs = args->jobs;
	w->options.sandbox = (enum sandbox_mode)args->sandbox;
	w->options.mode = (enum build_mode)args->mode;
	w->options.explain = args->explain;
	w->options.nix_host = args->nix == 1;
	w->options.host_paths = split(c, args->host_paths, &w->options.nhost_paths);
	w->options.caches = caches_config(c, &args->caches);
	w->options.digest = server_fns[args->digest];
	w->options.remote = remote_of(w, args);
	w->options.observer = (struct build_observer){
		.ud = w,
		.waiting = on_waiting,
		.loading = on_loading,
		.capturing = on_capturing,
		.started = on_started,
		.finished = on_finished,
		.silent = on_silent,
	};
	if (args->write && w->options.sandbox == SANDBOX_NONE)
		call_usage(c, "--remote-write takes only results of the sandbox, and --sandbox=none has none");
	else if (args->race && (args->require_remote || args->cache_only))
		call_usage(c, "--race runs actions there and here, and --%s forbids one of the two",
				args->cache_only ? "remote-cache-only" : "require-remote");
	else if (dir)
		w->build = build_open(str_c(dir), &w->options, &c->diags);
	if (w->build)
		listen_all(w);
	return w->build != NULL;
}

bool watch_match(struct watch *w, sym **labels, size_t *n)
{
	const struct arguments *args = &w->call->arguments;
	bool ok = build_match(w->build, args->args, args->nargs, labels, n, &w->call->diags);

	return ok && !w->stopped;
}

void watch_end(struct watch *w)
{
	w->over = true;
	ui_end(&w->ui);
	flush(w);
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

/* With -k the list of what failed by itself, after all the details. */
static void list_failures(struct watch *w)
{
	struct buf text = {0};

	qsort(w->failed.p, w->failed.n, sizeof *w->failed.p, by_text);
	buf_lit(&text, "failed:\n");
	for (size_t i = 0; i < w->failed.n; i++)
		buf_fmt(&text, "  %.*s\n", STR_ARG(w->failed.p[i]));
	say(w, buf_view(&text));
	buf_free(&text);
}

int watch_run(struct watch *w, const sym *labels, size_t n, enum build_goal goal)
{
	int code = build_run(w->build, labels, n, goal, &w->summary, &w->call->diags);

	watch_end(w);
	call_diags(w->call);
	if (w->options.keep_going && w->failed.n && !w->stopped)
		list_failures(w);
	return code;
}

void watch_time(const struct watch *w, struct buf *out)
{
	buf_lit(out, ", ");
	ui_time(os_now_ns() - w->began, out);
}

void watch_counts(const struct watch *w, struct buf *out)
{
	const struct build_summary *s = &w->summary;

	buf_fmt(out, "%zu action%s ran", s->ran, s->ran == 1 ? "" : "s");
	if (s->remote.runs)
		buf_fmt(out, " (%zu remotely)", s->remote.runs);
	buf_fmt(out, ", %zu cached", s->cached + s->narrowed);
	if (s->remote.hits)
		buf_fmt(out, " (%zu remotely)", s->remote.hits);
	if (s->remote.puts)
		buf_fmt(out, ", %zu sent to the remote cache", s->remote.puts);
	if (s->remote.refused)
		buf_fmt(out, ", %zu not taken by it", s->remote.refused);
	if (s->remote.healed)
		buf_fmt(out, ", %zu lost and made again", s->remote.healed);
	if (s->remote.races)
		buf_fmt(out, ", %zu of %zu races won here", s->remote.won_here, s->remote.races);
	if (s->remote.troubles)
		buf_fmt(out, ", %zu remote troubles", s->remote.troubles);
	if (s->failed)
		buf_fmt(out, ", %zu failed", s->failed);
}

str watch_path(const struct watch *w, str path)
{
	str here = build_here(w->build);
	struct buf up = {0};

	if (here.n)
		buf_lit(&up, "../");
	for (size_t i = 0; i < here.n; i++)
		if (here.p[i] == '/')
			buf_lit(&up, "../");
	buf_str(&up, path);
	return buf_take(&up, &w->call->arena);
}

int watch_close(struct watch *w, int code)
{
	watch_end(w);
	if (w->build) {
		for (size_t i = 0; i < WATCH_SIGNALS; i++)
			uv_close((uv_handle_t *)&w->signals[i], NULL);
		uv_close((uv_handle_t *)&w->timer, NULL);
	}
	build_close(w->build);
	if (w->stopped)
		say(w, S("interrupted; what was done is kept"));
	vec_free(&w->failed);
	ui_free(&w->ui);
	return w->stopped ? 128 + w->stopped : code;
}
