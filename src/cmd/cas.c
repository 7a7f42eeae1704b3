#include "cas.h"

#include <errno.h>

static const struct option options[] = {CAS_ROWS, CAS_TREE_ROW};
static const struct option put_options[] = {CAS_ROWS};

/* ---- subjects ---- */

bool cas_open(struct server *r, struct call *c)
{
	struct server_args args = ((const struct cas_args *)c->options)->remote;

	if (!args.endpoint.p)
		args.endpoint = S("");
	return server_open(r, c, &args);
}

struct tree *cas_tree(struct server *r, const struct digest *d)
{
	char text[DIGEST_TEXT_MAX];
	struct tree *t = NULL;
	int err = store_get_tree(r->store, d, &t);
	struct diag *g;

	if (err == -ENOENT && r->client) {
		t = server_tree(r, d);
		if (!t)
			server_tell(r, "fetching the directories");
		return t;
	}
	if (err == -ENOENT) {
		g = diag_error(&r->call->diags, DIAG_CAS_ABSENT, NO_SPAN, "the directory '%s', or one in it, is not in the cache of this machine",
				digest_text(d, text));
		diag_hint(&r->call->diags, g, "--remote=grpc://HOST:PORT looks for it at a server too");
	} else if (err) {
		diag_error(&r->call->diags, DIAG_ACTION_SHAPE, NO_SPAN, "'%s' is not a directory in canonical form", digest_text(d, text));
	}
	return t;
}

static bool put_path(struct server *r, struct store *store, str path, struct subject *out)
{
	const char *z = str_dup(&r->call->arena, path).p;
	struct stat st;
	str bad = path;
	int err = stat(z, &st) < 0 ? -errno : 0;

	if (!err && S_ISDIR(st.st_mode)) {
		err = store_import(store, z, &out->tree, &r->call->arena, &bad);
		err = err ? err : store_put_tree(store, out->tree);
		if (!err)
			out->digest = *tree_digest(out->tree, store_fn(store));
	} else if (!err) {
		err = store_put_file(store, z, &out->digest);
	}
	if (err)
		os_error(&r->call->diags, DIAG_CAS_ABSENT, err, "reading", bad.n ? bad : path);
	return err == 0;
}

bool cas_subject(struct server *r, struct store *store, str text, struct subject *out)
{
	const struct cas_args *args = r->call->options;

	*out = (struct subject){0};
	if (!digest_parse(text, &out->digest))
		return put_path(r, store, text, out);
	if (args->tree)
		out->tree = cas_tree(r, &out->digest);
	return out->tree || !args->tree;
}

static void add_tree(digest_list *list, struct tree *t, enum digest_fn fn)
{
	const struct tree_entry *e = tree_entries(t);

	vec_push(list, *tree_digest(t, fn));
	for (size_t i = 0; i < tree_count(t); i++) {
		if (e[i].kind == TREE_DIR)
			add_tree(list, e[i].dir, fn);
		else if (e[i].kind == TREE_FILE)
			vec_push(list, e[i].digest);
	}
}

void cas_blobs(struct server *r, const struct subject *s, digest_list *out)
{
	if (s->tree)
		add_tree(out, s->tree, store_fn(r->store));
	else
		vec_push(out, s->digest);
}

/* ---- cas put ---- */

static void print_put(struct call *c, str path, const struct subject *s)
{
	char text[DIGEST_TEXT_MAX];
	struct json j = json_to(&c->out);

	digest_text(&s->digest, text);
	if (!c->common.json) {
		buf_fmt(&c->out, "%s  %.*s\n", text, STR_ARG(path));
		return;
	}
	json_object(&j);
	json_member_str(&j, "path", path);
	json_key(&j, "digest");
	json_c(&j, text);
	json_key(&j, "tree");
	json_bool(&j, s->tree != NULL);
	json_end(&j, '}');
	buf_c(&c->out, '\n');
}

static bool send_to(struct server *r, const struct subject *s)
{
	struct re_need need = {.tree = s->tree, .blobs = &s->digest, .nblobs = !s->tree, .thorough = true};

	if (!r->client || server_upload(r, r->client, &need))
		return true;
	server_tell(r, "the upload");
	return false;
}

static int run_put(struct call *c)
{
	struct server r;
	bool ok = cas_open(&r, c);

	for (size_t i = 0; i < c->arguments.nargs && ok; i++) {
		struct subject s = {0};

		ok = put_path(&r, r.store, c->arguments.args[i], &s) && send_to(&r, &s);
		if (ok)
			print_put(c, c->arguments.args[i], &s);
		tree_unref(s.tree);
	}
	server_close(&r);
	return 0;
}

const struct command cmd_cas_put = {
	.name = "cas put",
	.usage = "PATH…",
	.summary = "put files and folders into the cache, and print their digests",
	.about = "Puts each file, or each folder with all that is in it, into the content store of this machine, with --remote into "
		 "that of the server too, and prints its digest: of a file that of its bytes, of a folder that of its Directory "
		 "message.",
	.section = SECTION_OTHER,
	.min = 1,
	.max = ARGS_ANY,
	COMMAND_OPTIONS(put_options, struct cas_args),
	.run = run_put,
};

/* ---- cas ls ---- */

static int run_ls(struct call *c)
{
	struct digest d;
	struct server r;
	struct tree *t = NULL;
	struct json j = json_to(&c->out);

	if (cas_open(&r, c) && server_digest(c, c->arguments.args[0], &d))
		t = cas_tree(&r, &d);
	if (t && c->common.json) {
		json_array(&j);
		tree_json(t, store_fn(r.store), (str){0}, &j);
		json_end(&j, ']');
		buf_c(&c->out, '\n');
	} else if (t) {
		tree_show(t, store_fn(r.store), (str){0}, SIZE_MAX, &c->out);
	}
	tree_unref(t);
	server_close(&r);
	return 0;
}

const struct command cmd_cas_ls = {
	.name = "cas ls",
	.usage = "DIGEST",
	.summary = "list the directory with a digest",
	.about = "Lists what is in the directory whose message has the digest (HASH/SIZE), and in those below it: names, digests, a "
		 "'*' after what can be executed, the targets of links.",
	.section = SECTION_OTHER,
	.min = 1,
	.max = 1,
	COMMAND_OPTIONS(put_options, struct cas_args),
	.run = run_ls,
};

/* ---- cas has ---- */

static bool is_in(const struct digest *d, const struct digest *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (digest_eq(d, &list[i]))
			return true;
	return false;
}

/* Whether all of it is at the server, or without one here. */
static bool has(struct server *r, const digest_list *blobs, bool *out)
{
	*out = true;
	if (r->client && !server_find(r, blobs->p, blobs->n)) {
		server_tell(r, "the question");
		return false;
	}
	for (size_t i = 0; i < blobs->n && *out; i++)
		*out = r->client ? !is_in(&blobs->p[i], r->status.missing, r->status.nmissing) : store_has(r->store, &blobs->p[i]);
	return true;
}

static void print_has(struct call *c, const struct digest *d, bool is)
{
	char text[DIGEST_TEXT_MAX];
	struct json j = json_to(&c->out);

	digest_text(d, text);
	if (!c->common.json) {
		buf_fmt(&c->out, "%s  %s\n", text, is ? "yes" : "no");
		return;
	}
	json_object(&j);
	json_key(&j, "digest");
	json_c(&j, text);
	json_key(&j, "has");
	json_bool(&j, is);
	json_end(&j, '}');
	buf_c(&c->out, '\n');
}

/* A store for what is at a path: asking is no putting. */
static struct store *own_store(struct server *r)
{
	str path;
	int err = store_scratch(r->store, &r->call->arena, &path);

	if (err)
		os_error(&r->call->diags, DIAG_IO, err, "making a directory below", store_root(r->store));
	return err ? NULL : store_open(path, store_fn(r->store), &r->call->diags);
}

static bool one_has(struct server *r, struct store *own, str text, bool *all)
{
	digest_list blobs = {0};
	struct subject s;
	bool is = false, ok = cas_subject(r, own, text, &s);

	if (ok)
		cas_blobs(r, &s, &blobs);
	ok = ok && has(r, &blobs, &is);
	if (ok)
		print_has(r->call, &s.digest, is);
	*all = *all && is;
	tree_unref(s.tree);
	vec_free(&blobs);
	return ok;
}

static int run_has(struct call *c)
{
	struct store *own = NULL;
	struct server r;
	bool all = true;

	if (cas_open(&r, c) && (own = own_store(&r)) != NULL)
		for (size_t i = 0; i < c->arguments.nargs && one_has(&r, own, c->arguments.args[i], &all); i++)
			;
	if (own)
		store_close(own);
	server_close(&r);
	return all ? 0 : BLAME_USER;
}

const struct command cmd_cas_has = {
	.name = "cas has",
	.usage = "DIGEST|PATH…",
	.summary = "say whether content is in the cache",
	.about = "Says of each digest (HASH/SIZE), or of the file or folder at each path, whether the content store of this machine has "
		 "it; with --remote, whether that of the server has.\n"
		 "Ends with 1 when something is not there.",
	.section = SECTION_OTHER,
	.min = 1,
	.max = ARGS_ANY,
	COMMAND_OPTIONS(options, struct cas_args),
	.run = run_has,
};
