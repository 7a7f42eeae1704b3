#include "caches.h"
#include "named.h"
#include "server.h"
#include "version.h"
#include "watch.h"

#include <straylight/drvbuild.h>
#include <straylight/hostpath.h>
#include <straylight/nixkey.h>
#include <straylight/nixstore.h>

#include <signal.h>
#include <unistd.h>

struct args {
	struct caches caches;
	struct named named;
	unsigned jobs, cores;
	bool keep_going, require_remote;
	str host, remote, instance, out, to, key;
};

struct building {
	struct call *call;
	struct drvbuild *build;
	struct uv_signal_s signals[WATCH_SIGNALS];
	int stopped; /* the signal that stopped it; 0: none */
	int64_t began;
};

/* ---- what is said ---- */

static void on_started(void *ud, str drv, enum drv_served how)
{
	struct building *w = ud;

	if (how == DRV_SERVED_FETCHED)
		call_say(w->call, "fetching for '%.*s'", STR_ARG(drv));
	else
		call_say(w->call, "building '%.*s'%s", STR_ARG(drv), how == DRV_SERVED_REMOTE ? " remotely" : "");
}

static void on_finished(void *ud, str drv, enum drv_served how, uint64_t wall_ns)
{
	struct building *w = ud;
	struct buf time = {0};

	if (how == DRV_SERVED_FAILED || !w->call->common.verbose)
		return;
	ui_time((int64_t)wall_ns, &time);
	call_say(w->call, "built '%.*s' (%.*s)", STR_ARG(drv), STR_ARG(buf_view(&time)));
	buf_free(&time);
}

static void on_substituted(void *ud, str path)
{
	call_say(((struct building *)ud)->call, "substituted '%.*s'", STR_ARG(path));
}

static void add(struct buf *line, size_t n, const char *what)
{
	if (n)
		buf_fmt(line, "%s%zu %s", line->n ? ", " : "", n, what);
}

static void sum_up(struct building *w)
{
	struct drvbuild_summary s = drvbuild_summary(w->build);
	struct buf line = {0}, time = {0};

	add(&line, s.substituted, "substituted");
	add(&line, s.ran, "built");
	add(&line, s.remote, "built remotely");
	add(&line, s.fetched, "fetched");
	add(&line, s.cached, "cached");
	add(&line, s.failed, "failed");
	if (!line.n)
		buf_lit(&line, "nothing to do");
	ui_time(os_now_ns() - w->began, &time);
	call_say(w->call, "%.*s, %.*s", STR_ARG(buf_view(&line)), STR_ARG(buf_view(&time)));
	buf_free(&line);
	buf_free(&time);
}

static void output_json(struct json *j, const struct valid *v, struct arena *a)
{
	json_object(j);
	json_member_str(j, "path", v->path);
	json_member_str(j, "narHash", nix_hash_str(a, &v->nar_hash, NIX_SRI, false));
	json_member_int(j, "narSize", (int64_t)v->nar_size);
	json_key(j, "references");
	json_array(j);
	for (size_t i = 0; i < v->nrefs; i++)
		json_str(j, v->refs[i]);
	json_end(j, ']');
	json_end(j, '}');
}

static void print_json(struct building *w, const struct closure_node *const *nodes, size_t n)
{
	struct valids *valids = drvbuild_valids(w->build);
	struct json j = json_to(&w->call->out);

	json_array(&j);
	for (size_t i = 0; i < n; i++) {
		const struct drv *d = nodes[i]->drv;

		json_object(&j);
		json_member_str(&j, "drvPath", nodes[i]->path);
		json_key(&j, "outputs");
		json_object(&j);
		for (size_t o = 0; o < d->noutputs; o++) {
			const struct valid *v = valids_get(valids, d->outputs[o].path);

			json_key_str(&j, d->outputs[o].name);
			if (v)
				output_json(&j, v, &w->call->arena);
			else
				json_null(&j);
		}
		json_end(&j, '}');
		json_end(&j, '}');
	}
	json_end(&j, ']');
	buf_c(&w->call->out, '\n');
}

static void print_paths(struct building *w, const struct closure_node *const *nodes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t o = 0; o < nodes[i]->drv->noutputs; o++)
			buf_fmt(&w->call->out, "%.*s\n", STR_ARG(nodes[i]->drv->outputs[o].path));
}

/* ---- signals ---- */

static const int signal_numbers[WATCH_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};

static void on_signal(uv_signal_t *handle, int number)
{
	struct building *w = handle->data;

	if (w->stopped)
		_exit(128 + number);
	w->stopped = number;
	drvbuild_interrupt(w->build);
}

static void listen_all(struct building *w)
{
	for (size_t i = 0; i < WATCH_SIGNALS; i++) {
		uv_signal_init(drvbuild_loop(w->build), &w->signals[i]);
		w->signals[i].data = w;
		uv_signal_start(&w->signals[i], on_signal, signal_numbers[i]);
		uv_unref((uv_handle_t *)&w->signals[i]);
	}
}

/* ---- building ---- */

/* "/usr,/bin" */
static const str *split(struct call *c, str text, size_t *n)
{
	str *out = arena_array(&c->arena, str, text.n + 1), rest = text;

	for (*n = 0; rest.n; ++*n)
		str_cut(rest, ',', &out[*n], &rest);
	return out;
}

static bool read_key(struct call *c, str file, struct nix_secret_key *key)
{
	struct blob *b;
	int err = os_read(str_dup(&c->arena, file).p, (size_t)64 << 10, &b);
	bool ok;

	if (err) {
		os_error(&c->diags, DIAG_USAGE, err, "reading", file);
		return false;
	}
	ok = nix_secret_key_parse(str_dup(&c->arena, blob_str(b)), key, NO_SPAN, &c->diags);
	blob_unref(b);
	return ok;
}

/* --out and --to. */
static bool take_out(struct building *w, const struct closure_node *const *nodes, size_t n)
{
	struct call *c = w->call;
	const struct args *a = c->options;
	struct nix_secret_key key = {0};
	VEC(str) paths = {0};
	bool ok = true;

	for (size_t i = 0; i < n; i++)
		for (size_t o = 0; o < nodes[i]->drv->noutputs; o++)
			vec_push(&paths, nodes[i]->drv->outputs[o].path);
	if (a->out.p)
		ok = drvbuild_export(w->build, paths.p, paths.n, str_dup(&c->arena, a->out).p, &c->diags);
	if (ok && a->to.p) {
		ok = !a->key.p || read_key(c, a->key, &key);
		ok = ok && drvbuild_to_cache(w->build, paths.p, paths.n,
				str_dup(&c->arena, str_from(a->to, sizeof "file://" - 1)).p, a->key.p ? &key : NULL, &c->diags);
		nix_secret_key_wipe(&key);
	}
	vec_free(&paths);
	return ok;
}

static int build(struct building *w, const struct closure_node *const *nodes, size_t n)
{
	struct call *c = w->call;
	bool ok;

	listen_all(w);
	ok = drvbuild_run(w->build, nodes, n, &c->diags);
	if (ok && take_out(w, nodes, n)) {
		if (c->common.json)
			print_json(w, nodes, n);
		else
			print_paths(w, nodes, n);
	}
	call_diags(c);
	if (w->stopped)
		call_say(c, "interrupted; what was done is kept");
	else
		sum_up(w);
	for (size_t i = 0; i < WATCH_SIGNALS; i++)
		uv_close((uv_handle_t *)&w->signals[i], NULL);
	return w->stopped ? 128 + w->stopped : ok ? 0 : c->worst ? c->worst : BLAME_USER;
}

/* For lint: what was built with folders of the host, and what is no longer. */
static void record(struct building *w, const struct named_drv *drvs, size_t n, const struct drvbuild_options *o)
{
	for (size_t i = 0; i < n; i++)
		if (drvs[i].file.n)
			hostpath_put(drvbuild_store(w->build), drvs[i].file,
					&(struct hostpath){.attr = drvs[i].attr, .folders = o->host, .n = o->nhost});
}

static bool check_args(struct call *c)
{
	const struct args *a = c->options;

	if (a->to.p && !str_starts(a->to, S("file:///"))) {
		call_usage(c, "'%.*s' is no file:///FOLDER to write a binary cache to", STR_ARG(a->to));
		return false;
	}
	if (a->key.p && !a->to.p) {
		call_usage(c, "--key signs what --to writes, which is not given");
		return false;
	}
	return true;
}

static int run(struct call *c)
{
	const struct args *a = c->options;
	struct building w = {.call = c, .began = os_now_ns()};
	struct closure *closure = closure_new(S(NIX_STORE_DIR));
	const struct closure_node **nodes;
	const struct named_drv *drvs;
	size_t n = 0;
	struct drvbuild_options o = {
		.jobs = a->jobs,
		.cores = a->cores,
		.keep_going = a->keep_going,
		.remote = {
			.endpoint = c->common.offline ? S("") : a->remote,
			.instance = a->instance,
			.require = a->require_remote,
			.version = S(STRAYLIGHT_VERSION),
		},
		.caches = caches_config(c, &a->caches),
		.observer = {&w, on_started, on_finished, on_substituted},
	};
	bool ok = check_args(c) && named_drvs(c, &a->named, &drvs, &n);
	int code = 0;

	closure_look(closure, nixstore_default(&c->arena));
	o.host = split(c, a->host, &o.nhost);
	server_headers(&c->arena, &o.remote);
	nodes = arena_array(&c->arena, const struct closure_node *, n);
	for (size_t i = 0; i < n && ok; i++) {
		nodes[i] = closure_add(closure, str_dup(&c->arena, drvs[i].path).p, &c->diags);
		ok = nodes[i] != NULL;
	}
	w.build = ok ? drvbuild_open(closure, &o, &c->diags) : NULL;
	if (w.build)
		code = build(&w, nodes, n);
	if (w.build && code == 0)
		record(&w, drvs, n, &o);
	drvbuild_close(w.build);
	closure_free(closure);
	return code;
}

static const struct option options[] = {
	NUMBER(struct args, jobs, 'j', "jobs", "N", "at most N builders at a time (default: one per processor)"),
	NUMBER(struct args, cores, 0, "cores", "N", "NIX_BUILD_CORES (default: 0, the builder decides)"),
	FLAG(struct args, keep_going, 'k', "keep-going", "after a failure go on with all that does not need it"),
	TEXT(struct args, host, 0, "host-path", "DIR,DIR…", "folders of this machine, or of the worker, that builders see"),
	CACHE_OPTIONS(struct args, caches),
	NAMED_OPTIONS(struct args, named),
	TEXT(struct args, remote, 0, "remote", "grpc://HOST:PORT", "a Remote Execution server, with TLS grpcs://…"),
	TEXT(struct args, instance, 0, "instance", "NAME", "the server's instance"),
	FLAG(struct args, require_remote, 0, "require-remote", "what the server does not do is an error, and not done here"),
	TEXT(struct args, out, 'o', "out", "DIR", "write the outputs, and all that they refer to, below DIR/nix/store"),
	TEXT(struct args, to, 0, "to", "file:///DIR", "write them as a binary cache"),
	TEXT(struct args, key, 0, "key", "FILE", "sign what --to writes with this secret key"),
};

const struct command cmd_drv_build = {
	.name = "drv build",
	.usage = "(FILE | NAME#ATTR)…",
	.summary = "build derivations, without Nix",
	.about = "Builds the derivations and all that they need, and prints the paths of their outputs. Each builder runs in a sandbox as "
		 "Nix sets it up, with its inputs at " NIX_STORE_DIR " and nothing of this machine; /bin/sh is busybox, when a static one is "
		 "installed. What it makes is hashed, scanned for references, and checked against what the derivation fixes and allows; "
		 "it is kept in the cache, and not built again.\n"
		 "FILE is a file or a store path. Input derivations and sources are looked for beside the files, then where `straylight nix "
		 "instantiate` puts them, then in " NIX_STORE_DIR ". NAME#ATTR is the attribute ATTR of <NAME>, or of the file at NAME when that begins "
		 "with a dot or a slash (nixpkgs#hello, ./release.nix#tools.x).\n"
		 "What the binary caches of --substituters have is taken from them, with all that it refers to, and only the rest is "
		 "built; a cache that cannot be reached, or says what no trusted key has signed, is a warning. --host-path shows folders of the "
		 "host to derivations that expect them; their outputs are kept apart, for nobody knows what such a folder holds.\n"
		 "Ends with 1 when something could not be built, 3 when the machine is to blame, 130 when interrupted.",
	.section = SECTION_LANGUAGE,
	.min = 1,
	.max = ARGS_ANY,
	COMMAND_OPTIONS(options, struct args),
	.run = run,
};
