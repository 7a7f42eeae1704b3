#include "events.h"
#include "export.h"
#include "watch.h"

struct args {
	struct watch_args watch;
	bool keep_going, dry_run;
	unsigned check;
	str out, events, profile;
};

struct run { /* what the observer's calls need */
	struct call *call;
	struct events events;
};

static const struct option options[] = {
	WATCH_ROWS(struct args, watch),
	FLAG(struct args, keep_going, 'k', "keep-going", "after a failure go on with all that does not need it"),
	FLAG(struct args, dry_run, 0, "dry-run", "say what would run, and run nothing"),
	NUMBER(struct args, check, 0, "check", "N", "run each action N times and compare its outputs"),
	TEXT(struct args, out, 0, "out", "DIR", "copy the outputs to DIR as well, as PACKAGE/TARGET/OUTPUT, and print those paths"),
	TEXT(struct args, events, 0, "events", "FILE", "write what happens, as it happens: a JSON object per line"),
	TEXT(struct args, profile, 0, "profile", "FILE", "write a trace that chrome://tracing and Perfetto show"),
};

/* ---- what is printed ---- */

/* --dry-run: each action that would run is a result. */
static void would_run(struct call *c, const struct build_action *a)
{
	struct json j = json_to(&c->out);
	const struct args *args = c->options;

	if (a->served != SERVED_WOULD)
		return;
	if (!c->common.json) {
		buf_fmt(&c->out, "%.*s %.*s\n", STR_ARG(sym_str(a->label)), STR_ARG(a->name));
		for (size_t i = 0; args->watch.explain && i < a->nreasons; i++)
			buf_fmt(&c->out, "    because %.*s\n", STR_ARG(a->reasons[i]));
		return;
	}
	json_object(&j);
	json_member_str(&j, "label", sym_str(a->label));
	json_member_str(&j, "action", a->name);
	json_key(&j, "reasons");
	json_array(&j);
	for (size_t i = 0; i < a->nreasons; i++)
		json_str(&j, a->reasons[i]);
	json_end(&j, ']');
	json_end(&j, '}');
	buf_c(&c->out, '\n');
}

static void on_started(void *ud, const struct build_action *a)
{
	struct run *r = ud;

	events_started(&r->events, a);
}

static void on_finished(void *ud, const struct build_action *a)
{
	struct run *r = ud;
	const struct args *args = r->call->options;

	events_finished(&r->events, a);
	if (args->dry_run)
		would_run(r->call, a);
}

/* Where --out puts it, as it is printed. */
static str out_path(struct watch *w, str out, str path)
{
	str below = path;

	if (str_starts(path, S(OUT_DIR "/")))
		below = str_from(path, sizeof OUT_DIR);
	return str_c(os_join(&w->call->arena, out, below));
}

/* Seen from the folder that -C names, as paths on a command line are. */
static bool copy_out(struct watch *w, str path, str to)
{
	struct arena *a = &w->call->arena;
	const char *dir = call_dir(w->call);

	if (!dir)
		return false;
	if (to.p[0] != '/')
		to = str_c(os_join(a, str_c(dir), to));
	return export_copy(os_join(a, build_root(w->build), path), to.p, &w->call->diags);
}

/* Each once: a group of targets has the outputs of its members. */
static void print_paths(struct watch *w, struct map *seen, const str *paths, size_t n)
{
	const struct args *args = w->call->options;
	struct buf *out = &w->call->out;
	bool fresh;

	for (size_t i = 0; i < n; i++) {
		str path = args->out.n ? out_path(w, args->out, paths[i]) : watch_path(w, paths[i]);

		map_slot(seen, paths[i], &fresh);
		if (fresh && (!args->out.n || copy_out(w, paths[i], path)))
			buf_fmt(out, "%.*s\n", STR_ARG(path));
	}
}

static void json_paths(struct json *j, const char *key, const str *paths, size_t n)
{
	json_key(j, key);
	json_array(j);
	for (size_t i = 0; i < n; i++)
		json_str(j, paths[i]);
	json_end(j, ']');
}

static void json_remote(struct json *j, const struct build_remote_summary *r)
{
	json_key(j, "remote");
	json_object(j);
	json_member_int(j, "runs", (int64_t)r->runs);
	json_member_int(j, "hits", (int64_t)r->hits);
	json_member_int(j, "puts", (int64_t)r->puts);
	json_member_int(j, "refused", (int64_t)r->refused);
	json_member_int(j, "healed", (int64_t)r->healed);
	json_member_int(j, "troubles", (int64_t)r->troubles);
	json_member_int(j, "races", (int64_t)r->races);
	json_member_int(j, "won_here", (int64_t)r->won_here);
	json_member_int(j, "asks", (int64_t)r->asks);
	json_member_int(j, "asked", (int64_t)r->asked);
	json_member_int(j, "sent_bytes", (int64_t)r->sent_bytes);
	json_member_int(j, "got_bytes", (int64_t)r->got_bytes);
	json_end(j, '}');
}

static void json_summary(struct json *j, const struct build_summary *s)
{
	json_key(j, "summary");
	json_object(j);
	json_member_int(j, "ran", (int64_t)s->ran);
	json_member_int(j, "cached", (int64_t)s->cached);
	json_member_int(j, "narrowed", (int64_t)s->narrowed);
	json_member_int(j, "core", (int64_t)s->core);
	json_member_int(j, "failed", (int64_t)s->failed);
	json_member_int(j, "unfinished", (int64_t)s->unfinished);
	if (s->remote.runs + s->remote.hits + s->remote.puts + s->remote.troubles + s->remote.races)
		json_remote(j, &s->remote);
	json_end(j, '}');
}

/* {"targets":[{"label":…,"outputs":[…]}…],"summary":{…}}; paths from the workspace. */
static void print_json(struct watch *w, const sym *labels, size_t n)
{
	const struct args *args = w->call->options;
	struct json j = json_to(&w->call->out);

	json_object(&j);
	json_key(&j, "targets");
	json_array(&j);
	for (size_t i = 0; i < n; i++) {
		const str *paths;
		size_t npaths;

		build_outputs(w->build, labels[i], &paths, &npaths);
		for (size_t k = 0; k < npaths && args->out.n; k++)
			(void)copy_out(w, paths[k], out_path(w, args->out, paths[k]));
		json_object(&j);
		json_member_str(&j, "label", sym_str(labels[i]));
		json_paths(&j, "outputs", paths, npaths);
		json_end(&j, '}');
	}
	json_end(&j, ']');
	json_summary(&j, &w->summary);
	json_end(&j, '}');
	buf_c(&w->call->out, '\n');
}

static void print_outputs(struct watch *w, const sym *labels, size_t n)
{
	struct map seen = {0};

	for (size_t i = 0; i < n; i++) {
		const str *paths;
		size_t npaths;

		build_outputs(w->build, labels[i], &paths, &npaths);
		print_paths(w, &seen, paths, npaths);
	}
	map_free(&seen);
}

static void sum_up(struct watch *w, size_t ntargets, int code)
{
	struct buf line = {0};

	if (w->stopped)
		return;
	if (w->options.dry_run) {
		buf_fmt(&line, "%zu action%s would run", w->summary.would, w->summary.would == 1 ? "" : "s");
		if (w->summary.would)
			buf_lit(&line, ", and then what needs their outputs");
	} else if (code) {
		buf_fmt(&line, "%zu of %zu target%s failed: ", w->summary.unfinished, ntargets,
				ntargets == 1 ? "" : "s");
		watch_counts(w, &line);
	} else {
		buf_fmt(&line, "built %zu target%s: ", ntargets, ntargets == 1 ? "" : "s");
		watch_counts(w, &line);
	}
	watch_time(w, &line);
	watch_say(w, "%.*s", STR_ARG(buf_view(&line)));
	buf_free(&line);
}

/* ---- building ---- */

/* What the last build found done is answered by stamps; JSON wants what stamps do not know. */
static bool is_done(struct watch *w)
{
	const struct arguments *a = &w->call->arguments;
	const str *paths;
	size_t n;
	struct buf line = {0};
	struct map seen = {0};

	if (w->call->common.json || !build_is_done(w->build, a->args, a->nargs, GOAL_BUILD, &paths, &n))
		return false;
	print_paths(w, &seen, paths, n);
	map_free(&seen);
	buf_lit(&line, "nothing to do");
	watch_time(w, &line);
	watch_say(w, "%.*s", STR_ARG(buf_view(&line)));
	buf_free(&line);
	return true;
}

static int build(struct watch *w)
{
	const struct arguments *a = &w->call->arguments;
	sym *labels;
	size_t n;
	int code;

	if (is_done(w))
		return 0;
	if (!watch_match(w, &labels, &n))
		return 0;
	code = watch_run(w, labels, n, GOAL_BUILD);
	if (code == 0 && !w->options.dry_run)
		build_remember(w->build, a->args, a->nargs, GOAL_BUILD, labels, n);
	if (w->options.dry_run)
		; /* each was printed when it was found */
	else if (w->call->common.json)
		print_json(w, labels, n);
	else if (code == 0)
		print_outputs(w, labels, n);
	sum_up(w, n, code);
	return code;
}

static int run(struct call *c)
{
	const struct args *args = c->options;
	struct run r = {.call = c};
	struct watch w;
	struct build_options o = {
		.keep_going = args->keep_going,
		.dry_run = args->dry_run,
		.check = args->check,
	};
	int code = 0;

	if (watch_open(&w, c, &args->watch, &o) && events_open(&r.events, c, args->events, args->profile)) {
		w.ud = &r;
		w.started = on_started;
		w.finished = on_finished;
		code = build(&w);
		events_close(&r.events, c, &w.summary, code);
	}
	return watch_close(&w, code);
}

const struct command cmd_build = {
	.name = "build",
	.usage = "[LABEL…]",
	.summary = "build targets and print where their outputs are",
	.about = "Builds the targets and prints the paths of their outputs, which stand below straylight-out/. "
		 "A label is //package:name, //package (the target named like the folder), :name, //package:all or "
		 "//package/...; //... is everything, and no label at all every target of the package that the "
		 "current folder belongs to.\n"
		 "An action runs only if its command or something that it reads has changed, and sees nothing but "
		 "what it declares.\n"
		 "Ends with 1 when something could not be built, 3 when the machine is to blame, 130 when "
		 "interrupted; what was done until then is kept.",
	.section = SECTION_BUILD,
	.max = ARGS_ANY,
	.options = options,
	.noptions = SL_COUNT(options),
	.size = sizeof(struct args),
	.run = run,
};
