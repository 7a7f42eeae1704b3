#include "described.h"
#include "ui.h"

#define SHOWN_MAX 50 /* files of a directory that is shown whole */

/* ---- having it ---- */

static bool wrong_message(struct call *c, const struct digest *d, const char *what)
{
	char text[DIGEST_TEXT_MAX];

	diag_error(&c->diags, DIAG_ACTION_SHAPE, NO_SPAN, "'%s' is not %s", digest_text(d, text), what);
	return false;
}

static bool load_messages(struct server *r, struct described *out)
{
	struct arena *a = &r->call->arena;
	struct blob *b = server_blob(r, &out->digest, "the action");
	bool ok;

	if (!b)
		return false;
	ok = re_action_read(str_dup(a, blob_str(b)), a, &out->said);
	blob_unref(b);
	if (!ok)
		return wrong_message(r->call, &out->digest, "an Action");
	b = server_blob(r, &out->said.command, "the command");
	if (!b)
		return false;
	ok = re_command_read(str_dup(a, blob_str(b)), a, &out->command);
	blob_unref(b);
	return ok || wrong_message(r->call, &out->said.command, "a Command");
}

static void load_inputs(struct server *r, struct described *out)
{
	int err = store_get_tree(r->store, &out->said.root, &out->root);

	if (err == 0)
		return;
	if (!r->client) {
		out->why = S("the input directories are not in the cache of this machine");
		return;
	}
	out->root = server_tree(r, &out->said.root);
	out->why = r->status.text;
}

bool described_load(struct server *r, str digest, bool inputs_needed, struct described *out)
{
	struct diag *d;

	*out = (struct described){0};
	if (!server_digest(r->call, digest, &out->digest))
		return false;
	(void)build_recall_action(r->store, &out->digest); /* else they are blobs already, or the server's */
	if (!load_messages(r, out))
		return false;
	load_inputs(r, out);
	if (out->root || !inputs_needed)
		return true;
	if (r->client) {
		server_tell(r, "fetching the inputs");
	} else {
		d = diag_error(&r->call->diags, DIAG_CAS_ABSENT, NO_SPAN, "%.*s", STR_ARG(out->why));
		diag_hint(&r->call->diags, d, "--remote=grpc://HOST:PORT looks for them at a server too");
	}
	return false;
}

void described_free(struct described *a)
{
	tree_unref(a->root);
}

/* ---- trees ---- */

void tree_show(struct tree *t, enum digest_fn fn, str at, size_t most, struct buf *out)
{
	const struct tree_entry *e = tree_entries(t);
	char text[DIGEST_TEXT_MAX];
	struct arena a = {0};

	for (size_t i = 0; i < tree_count(t); i++) {
		str path = str_fmt(&a, "%.*s%.*s", STR_ARG(at), STR_ARG(e[i].name));

		switch (e[i].kind) {
		case TREE_FILE:
			buf_fmt(out, "%.*s%s  %s\n", STR_ARG(path), e[i].executable ? "*" : "", digest_text(&e[i].digest, text));
			break;
		case TREE_SYMLINK: buf_fmt(out, "%.*s -> %.*s\n", STR_ARG(path), STR_ARG(e[i].target)); break;
		case TREE_DIR:
			buf_fmt(out, "%.*s/  %s", STR_ARG(path), digest_text(tree_digest(e[i].dir, fn), text));
			if (tree_files(e[i].dir) > most)
				buf_fmt(out, " (%zu files)", tree_files(e[i].dir));
			buf_c(out, '\n');
			if (tree_files(e[i].dir) <= most)
				tree_show(e[i].dir, fn, str_fmt(&a, "%.*s/", STR_ARG(path)), most, out);
			break;
		}
	}
	arena_clear(&a);
}

static void json_digest(struct json *j, const char *key, const struct digest *d)
{
	char text[DIGEST_TEXT_MAX];

	json_key(j, key);
	json_c(j, digest_text(d, text));
}

void tree_json(struct tree *t, enum digest_fn fn, str at, struct json *j)
{
	static const char *const kinds[] = {[TREE_FILE] = "file", [TREE_DIR] = "directory", [TREE_SYMLINK] = "link"};
	const struct tree_entry *e = tree_entries(t);
	struct arena a = {0};

	for (size_t i = 0; i < tree_count(t); i++) {
		str path = str_fmt(&a, "%.*s%.*s", STR_ARG(at), STR_ARG(e[i].name));

		json_object(j);
		json_member_str(j, "path", path);
		json_key(j, "kind");
		json_c(j, kinds[e[i].kind]);
		if (e[i].kind == TREE_SYMLINK) {
			json_member_str(j, "target", e[i].target);
		} else {
			json_digest(j, "digest", e[i].kind == TREE_DIR ? tree_digest(e[i].dir, fn) : &e[i].digest);
		}
		if (e[i].kind == TREE_FILE) {
			json_key(j, "executable");
			json_bool(j, e[i].executable);
		}
		json_end(j, '}');
		if (e[i].kind == TREE_DIR)
			tree_json(e[i].dir, fn, str_fmt(&a, "%.*s/", STR_ARG(path)), j);
	}
	arena_clear(&a);
}

/* ---- actions ---- */

static void show_list(const char *name, const str *list, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++)
		buf_fmt(out, "%-10s%.*s\n", i ? "" : name, STR_ARG(list[i]));
}

static void show_digest(const char *name, const struct digest *d, struct buf *out)
{
	char text[DIGEST_TEXT_MAX];

	buf_fmt(out, "%-10s%s\n", name, digest_text(d, text));
}

static void show_inputs(const struct described *a, enum digest_fn fn, bool all, struct buf *out)
{
	if (!a->root) {
		buf_fmt(out, "          %.*s\n", STR_ARG(a->why));
		return;
	}
	buf_fmt(out, "          %zu files, %llu bytes\n", tree_files(a->root), (unsigned long long)tree_bytes(a->root));
	tree_show(a->root, fn, S("          "), all ? SIZE_MAX : SHOWN_MAX, out);
}

void described_show(const struct described *a, enum digest_fn fn, bool all, struct buf *out)
{
	const struct re_command *c = &a->command;

	show_digest("action", &a->digest, out);
	show_digest("command", &a->said.command, out);
	buf_fmt(out, "%-10s", "");
	for (size_t i = 0; i < c->argc; i++) {
		if (i)
			buf_c(out, ' ');
		ui_quote(c->argv[i], out);
	}
	buf_c(out, '\n');
	show_list("env", c->env, c->nenv, out);
	if (c->directory.n)
		show_list("directory", &c->directory, 1, out);
	show_list("outputs", c->outputs, c->noutputs, out);
	show_list("platform", c->nplatform ? c->platform : a->said.platform, c->nplatform ? c->nplatform : a->said.nplatform, out);
	if (a->said.timeout_s)
		buf_fmt(out, "%-10s%u s\n", "timeout", a->said.timeout_s);
	if (a->said.salt.n)
		buf_fmt(out, "%-10s%.*s\n", "salt", STR_ARG(a->said.salt));
	if (a->said.do_not_cache)
		buf_fmt(out, "%-10sits result is not cached\n", "");
	show_digest("inputs", &a->said.root, out);
	show_inputs(a, fn, all, out);
}

static void json_list(struct json *j, const char *key, const str *list, size_t n)
{
	json_key(j, key);
	json_array(j);
	for (size_t i = 0; i < n; i++)
		json_str(j, list[i]);
	json_end(j, ']');
}

static void json_inputs(const struct described *a, enum digest_fn fn, struct json *j)
{
	json_key(j, "inputs");
	json_object(j);
	json_digest(j, "digest", &a->said.root);
	if (a->root) {
		json_member_int(j, "files", (int64_t)tree_files(a->root));
		json_member_int(j, "bytes", (int64_t)tree_bytes(a->root));
		json_key(j, "entries");
		json_array(j);
		tree_json(a->root, fn, (str){0}, j);
		json_end(j, ']');
	} else {
		json_member_str(j, "missing", a->why);
	}
	json_end(j, '}');
}

void described_json(const struct described *a, enum digest_fn fn, struct json *j)
{
	const struct re_command *c = &a->command;

	json_digest(j, "action", &a->digest);
	json_digest(j, "command", &a->said.command);
	json_list(j, "argv", c->argv, c->argc);
	json_list(j, "env", c->env, c->nenv);
	json_member_str(j, "directory", c->directory);
	json_list(j, "outputs", c->outputs, c->noutputs);
	json_list(j, "platform", c->nplatform ? c->platform : a->said.platform, c->nplatform ? c->nplatform : a->said.nplatform);
	json_member_int(j, "timeout", a->said.timeout_s);
	json_member_str(j, "salt", a->said.salt);
	json_key(j, "do_not_cache");
	json_bool(j, a->said.do_not_cache);
	json_inputs(a, fn, j);
}

/* ---- results ---- */

void action_result_show(const struct action_result *r, struct buf *out)
{
	char text[DIGEST_TEXT_MAX];

	buf_fmt(out, "%-10sexit code %d", "result", r->exit_code);
	if (r->worker.n)
		buf_fmt(out, ", on %.*s", STR_ARG(r->worker));
	if (r->wall_ns) {
		buf_lit(out, ", ");
		ui_time(r->wall_ns, out);
	}
	buf_c(out, '\n');
	for (size_t i = 0; i < r->noutputs; i++) {
		const struct output_entry *e = &r->outputs[i];

		if (e->kind == TREE_SYMLINK)
			buf_fmt(out, "%-10s%.*s -> %.*s\n", "", STR_ARG(e->path), STR_ARG(e->target));
		else
			buf_fmt(out, "%-10s%.*s%s  %s\n", "", STR_ARG(e->path),
					e->kind == TREE_DIR ? "/" : e->executable ? "*" : "", digest_text(&e->digest, text));
	}
	if (r->out.size)
		show_digest("stdout", &r->out, out);
	if (r->err.size)
		show_digest("stderr", &r->err, out);
}

void action_result_json(const struct action_result *r, struct json *j)
{
	json_member_int(j, "exit_code", r->exit_code);
	json_member_str(j, "worker", r->worker);
	json_member_int(j, "wall_ns", r->wall_ns);
	json_key(j, "made");
	json_array(j);
	for (size_t i = 0; i < r->noutputs; i++) {
		const struct output_entry *e = &r->outputs[i];

		json_object(j);
		json_member_str(j, "path", e->path);
		if (e->kind == TREE_SYMLINK) {
			json_member_str(j, "target", e->target);
		} else {
			json_digest(j, "digest", &e->digest);
		}
		json_end(j, '}');
	}
	json_end(j, ']');
	if (r->out.size)
		json_digest(j, "stdout", &r->out);
	if (r->err.size)
		json_digest(j, "stderr", &r->err);
}
