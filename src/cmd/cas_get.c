#include "cas.h"

#include <errno.h>
#include <unistd.h>

static const struct option get_options[] = {
	CAS_ROWS,
	CAS_TREE_ROW,
	TEXT(struct cas_args, out, 'o', "output", "PATH", "where it goes, which must not exist (default: standard output)"),
};
static const struct option verify_options[] = {CAS_ROWS, CAS_TREE_ROW};

/* ---- cas get ---- */

static bool get_tree(struct server *r, const struct digest *d, const char *to)
{
	struct tree *t = cas_tree(r, d);
	bool ok = t && (!r->client || server_fetch_tree(r, t));
	int err = 0;

	if (t && !ok)
		server_tell(r, "the download");
	if (ok)
		err = store_export(r->store, t, to, true);
	if (err == -ENOENT)
		diag_error(&r->call->diags, DIAG_CAS_ABSENT, NO_SPAN, "a file of the directory is not in the cache of this machine");
	else if (err)
		os_error(&r->call->diags, DIAG_CAS_ABSENT, err, "writing", str_c(to));
	tree_unref(t);
	return ok && !err;
}

/* Large blobs go from file to file. */
static bool get_file(struct server *r, const struct digest *d, const char *to)
{
	char text[DIGEST_TEXT_MAX];
	struct diag *g;
	int err;

	if (r->client && !server_fetch(r, r->client, d, 1)) {
		server_tell(r, "the download");
		return false;
	}
	err = store_verify(r->store, d);
	if (!err)
		err = store_get_file(r->store, d, false, true, to);
	else if (err == -ENOENT) {
		g = diag_error(&r->call->diags, DIAG_CAS_ABSENT, NO_SPAN, "'%s' is not in the cache of this machine", digest_text(d, text));
		diag_hint(&r->call->diags, g, "--remote=grpc://HOST:PORT looks for it at a server too");
		return false;
	}
	if (err)
		os_error(&r->call->diags, DIAG_CAS_ABSENT, err, "writing", str_c(to));
	return err == 0;
}

static bool print(struct server *r, const struct digest *d)
{
	struct blob *b = server_blob(r, d, "the blob");

	if (!b)
		return false;
	buf_str(&r->call->out, blob_str(b));
	blob_unref(b);
	return true;
}

static int run_get(struct call *c)
{
	const struct cas_args *args = c->options;
	struct digest d;
	struct server r;
	const char *to = args->out.p ? str_dup(&c->arena, args->out).p : NULL;

	if (args->tree && !to) {
		call_usage(c, "--tree needs -o, the folder to write");
		return 0;
	}
	if (!cas_open(&r, c) || !server_digest(c, c->arguments.args[0], &d))
		;
	else if (args->tree)
		(void)get_tree(&r, &d, to);
	else if (to)
		(void)get_file(&r, &d, to);
	else
		(void)print(&r, &d);
	server_close(&r);
	return 0;
}

const struct command cmd_cas_get = {
	.name = "cas get",
	.usage = "DIGEST",
	.summary = "write the content with a digest",
	.about = "Writes the blob with the digest (HASH/SIZE) to standard output or, with -o, into a new file; with --tree the directory "
		 "with all that is in it into a new folder. What the cache of this machine lacks comes from the server that --remote "
		 "names. Every byte is verified.",
	.section = SECTION_OTHER,
	.min = 1,
	.max = 1,
	COMMAND_OPTIONS(get_options, struct cas_args),
	.run = run_get,
};

/* ---- cas verify ---- */

/* A store that is empty, and its client: what is in it afterwards came from the server. */
struct examined {
	struct server *remote;
	struct store *store;
	struct re_client *client;
};

static bool begin(struct server *r, struct examined *x)
{
	str path;
	int err = store_scratch(r->store, &r->call->arena, &path);

	*x = (struct examined){.remote = r};
	if (err) {
		os_error(&r->call->diags, DIAG_IO, err, "making a directory below", store_root(r->store));
		return false;
	}
	x->store = store_open(path, store_fn(r->store), &r->call->diags);
	if (x->store && r->client)
		x->client = server_client(r, x->store);
	return x->store && (x->client || !r->client);
}

static void end(struct examined *x)
{
	re_close(x->client);
	uv_run(&x->remote->loop, UV_RUN_DEFAULT); /* before its store goes */
	if (x->store)
		store_close(x->store);
}

static bool damaged(struct server *r, const struct digest *d)
{
	char text[DIGEST_TEXT_MAX];
	struct diag *g = diag_error(&r->call->diags, DIAG_CAS_DAMAGED, NO_SPAN, "'%s' is damaged, or missing", digest_text(d, text));

	diag_hint(&r->call->diags, g, "what was damaged is removed; it is made or fetched again when it is next needed");
	return false;
}

static bool verify(struct examined *x, const digest_list *blobs)
{
	struct server *r = x->remote;
	bool ok = true;

	if (r->client && !server_fetch(r, x->client, blobs->p, blobs->n)) {
		server_tell(r, "the download");
		return false;
	}
	for (size_t i = 0; i < blobs->n && !r->client; i++)
		if (store_verify(r->store, &blobs->p[i]))
			ok = damaged(r, &blobs->p[i]);
	return ok;
}

static void print_whole(struct call *c, const struct digest *d, size_t n)
{
	char text[DIGEST_TEXT_MAX];
	struct json j = json_to(&c->out);

	digest_text(d, text);
	if (!c->common.json) {
		buf_fmt(&c->out, "%s  whole", text);
		if (n > 1)
			buf_fmt(&c->out, ", %zu blobs", n);
		buf_c(&c->out, '\n');
		return;
	}
	json_object(&j);
	json_key(&j, "digest");
	json_c(&j, text);
	json_member_int(&j, "blobs", (int64_t)n);
	json_end(&j, '}');
	buf_c(&c->out, '\n');
}

static void verify_one(struct examined *x, str text)
{
	digest_list blobs = {0};
	struct subject s;

	if (cas_subject(x->remote, x->store, text, &s)) {
		cas_blobs(x->remote, &s, &blobs);
		if (verify(x, &blobs))
			print_whole(x->remote->call, &s.digest, blobs.n);
	}
	tree_unref(s.tree);
	vec_free(&blobs);
}

static int run_verify(struct call *c)
{
	struct examined x = {0};
	struct server r;

	if (cas_open(&r, c) && begin(&r, &x)) {
		for (size_t i = 0; i < c->arguments.nargs; i++)
			verify_one(&x, c->arguments.args[i]);
	}
	if (x.remote)
		end(&x);
	server_close(&r);
	return 0;
}

const struct command cmd_cas_verify = {
	.name = "cas verify",
	.usage = "DIGEST|PATH…",
	.summary = "hash content in the cache again",
	.about = "Hashes the blob with each digest (HASH/SIZE), or that of the file or folder at each path, again as it is in the cache "
		 "of this machine. What is damaged is removed, so that it is made or fetched anew. With --remote it is downloaded from "
		 "the server, for this alone, and hashed.\n"
		 "Ends with 3 when something is damaged or missing.",
	.section = SECTION_OTHER,
	.min = 1,
	.max = ARGS_ANY,
	COMMAND_OPTIONS(verify_options, struct cas_args),
	.run = run_verify,
};
