#include "events.h"
#include "version.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct running {
	sym label; /* 0: the lane is free */
	str name;  /* the build's, which outlives the action */
	int64_t since;
};

static const char *const served_words[] = {
	[SERVED_RUN] = "run",
	[SERVED_CACHE] = "cache",
	[SERVED_NARROW] = "narrow",
	[SERVED_CORE] = "core",
	[SERVED_REMOTE] = "remote",
	[SERVED_REMOTE_CACHE] = "remote-cache",
	[SERVED_FAILED] = "failed",
	[SERVED_WOULD] = "would",
};

/* ---- writing ---- */

static void put(struct events *e, int fd, str path, struct buf *bytes)
{
	int err = os_write_all(fd, bytes->p, bytes->n);

	if (err && !e->err) {
		e->err = err;
		e->err_path = path;
	}
	bytes->n = 0;
}

static struct json line_begin(const struct events *e, struct buf *out, const char *event)
{
	struct json j = json_to(out);

	json_object(&j);
	json_member_str(&j, "event", str_c(event));
	json_member_int(&j, "ms", (os_now_ns() - e->began) / 1000000);
	return j;
}

static void line_end(struct events *e, struct json *j)
{
	json_end(j, '}');
	buf_c(j->out, '\n');
	put(e, e->lines, e->lines_path, j->out);
	buf_free(j->out);
}

static void action(struct json *j, const struct build_action *a)
{
	json_member_str(j, "label", sym_str(a->label));
	json_member_str(j, "action", a->name);
}

/* ---- lines ---- */

static void line_began(struct events *e)
{
	struct buf out = {0};
	struct json j = line_begin(e, &out, "begin");

	json_member_str(&j, "version", S(STRAYLIGHT_VERSION));
	line_end(e, &j);
}

static void line_started(struct events *e, const struct build_action *a)
{
	struct buf out = {0};
	struct json j = line_begin(e, &out, "started");

	action(&j, a);
	line_end(e, &j);
}

static void line_finished(struct events *e, const struct build_action *a)
{
	struct buf out = {0};
	struct json j = line_begin(e, &out, "finished");
	char digest[DIGEST_TEXT_MAX];

	action(&j, a);
	json_member_str(&j, "served", str_c(served_words[a->served]));
	json_member_int(&j, "wall_ms", (int64_t)(a->wall_ns / 1000000));
	if (a->action.size)
		json_member_str(&j, "digest", str_c(digest_text(&a->action, digest)));
	json_key(&j, "reasons");
	json_array(&j);
	for (size_t i = 0; i < a->nreasons; i++)
		json_str(&j, a->reasons[i]);
	json_end(&j, ']');
	line_end(e, &j);
}

static void line_ended(struct events *e, const struct build_summary *s, int code)
{
	struct buf out = {0};
	struct json j = line_begin(e, &out, "end");

	json_member_int(&j, "code", code);
	json_member_int(&j, "ran", (int64_t)s->ran);
	json_member_int(&j, "cached", (int64_t)s->cached);
	json_member_int(&j, "narrowed", (int64_t)s->narrowed);
	json_member_int(&j, "core", (int64_t)s->core);
	json_member_int(&j, "failed", (int64_t)s->failed);
	json_member_int(&j, "unfinished", (int64_t)s->unfinished);
	line_end(e, &j);
}

/* ---- the trace ---- */

static void enter(struct events *e, const struct build_action *a)
{
	struct running r = {a->label, a->name, os_now_ns()};

	for (size_t i = 0; i < e->running.n; i++)
		if (!e->running.p[i].label) {
			e->running.p[i] = r;
			return;
		}
	vec_push(&e->running, r);
}

/* Times are in microseconds. */
static void trace_event(struct events *e, size_t lane, const struct running *r, const struct build_action *a)
{
	struct json j = json_to(&e->out);

	buf_str(&e->out, e->n++ ? S(",\n") : S("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"));
	json_object(&j);
	json_member_str(&j, "name", a->name);
	json_member_str(&j, "cat", str_c(served_words[a->served]));
	json_member_str(&j, "ph", S("X"));
	json_member_int(&j, "ts", (r->since - e->began) / 1000);
	json_member_int(&j, "dur", (os_now_ns() - r->since) / 1000);
	json_member_int(&j, "pid", 1);
	json_member_int(&j, "tid", (int64_t)lane);
	json_key(&j, "args");
	json_object(&j);
	json_member_str(&j, "label", sym_str(a->label));
	json_end(&j, '}');
	json_end(&j, '}');
}

static void leave(struct events *e, const struct build_action *a)
{
	for (size_t i = 0; i < e->running.n; i++) {
		struct running *r = &e->running.p[i];

		if (r->label == a->label && str_eq(r->name, a->name)) {
			trace_event(e, i, r, a);
			r->label = 0;
			return;
		}
	}
}

static void trace_end(struct events *e)
{
	buf_str(&e->out, e->n ? S("\n]}\n") : S("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[]}\n"));
	put(e, e->trace, e->trace_path, &e->out);
}

/* ---- from open to close ---- */

static bool open_one(struct call *c, str given, int *fd, str *path)
{
	const char *dir = given.p ? call_dir(c) : NULL;

	*fd = -1;
	if (!given.p)
		return true;
	if (!dir)
		return false;
	*path = given.n && given.p[0] == '/' ? given : str_c(os_join(&c->arena, str_c(dir), given));
	*fd = open(path->p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (*fd < 0)
		os_error(&c->diags, DIAG_IO, errno, "writing", *path);
	return *fd >= 0;
}

bool events_open(struct events *e, struct call *c, str lines, str trace)
{
	*e = (struct events){.lines = -1, .trace = -1, .began = os_now_ns()};
	if (!open_one(c, lines, &e->lines, &e->lines_path))
		return false;
	if (!open_one(c, trace, &e->trace, &e->trace_path)) {
		if (e->lines >= 0)
			close(e->lines);
		return false;
	}
	if (e->lines >= 0)
		line_began(e);
	return true;
}

void events_started(struct events *e, const struct build_action *a)
{
	if (e->lines >= 0)
		line_started(e, a);
	if (e->trace >= 0)
		enter(e, a);
}

void events_finished(struct events *e, const struct build_action *a)
{
	if (e->lines >= 0)
		line_finished(e, a);
	if (e->trace >= 0)
		leave(e, a);
}

void events_close(struct events *e, struct call *c, const struct build_summary *s, int code)
{
	if (e->lines >= 0) {
		line_ended(e, s, code);
		close(e->lines);
	}
	if (e->trace >= 0) {
		trace_end(e);
		close(e->trace);
	}
	if (e->err)
		os_error(&c->diags, DIAG_IO, e->err, "writing", e->err_path);
	buf_free(&e->out);
	vec_free(&e->running);
}
