#include "re_probe.h"
#include "server.h"
#include "ui.h"

#include <straylight/wire.h>

#include <sys/random.h>
#include <sys/utsname.h>

struct args {
	struct server_args remote;
	bool write;
};

static const struct option options[] = {
	SERVER_ROWS(struct args, remote),
	FLAG(struct args, write, 0, "remote-write", "try to write a result into the action cache, too"),
};

enum verdict { VERDICT_OK, VERDICT_BAD, VERDICT_SKIPPED }; /* ORDER of verdict_words */

struct step {
	const char *name;
	enum verdict verdict;
	str detail;
	const char *advice; /* may be NULL */
	int64_t ns;
};

/* The step's things come from one store and go to another, so that they do travel. */
struct check {
	struct server *remote;
	struct store *there, *back;
	struct re_client *client, *second;
	struct re_caps caps;
	struct digest command, action, program;
	struct tree *root;
	char nonce[33];
	int64_t began; /* the step */
	VEC(struct step) steps;
	bool bad;
};

static void found(struct check *c, const char *name, enum verdict verdict, const char *advice, const char *fmt, ...) SL_PRINTF(5, 6);

static void found(struct check *c, const char *name, enum verdict verdict, const char *advice, const char *fmt, ...)
{
	int64_t now = os_now_ns();
	struct step s = {.name = name, .verdict = verdict, .advice = advice, .ns = now - c->began};
	va_list args;

	va_start(args, fmt);
	s.detail = str_vfmt(&c->remote->call->arena, fmt, args);
	va_end(args);
	vec_push(&c->steps, s);
	c->bad |= verdict == VERDICT_BAD;
	c->began = now;
}

/* A step that failed by the last status.  false */
static bool failed(struct check *c, const char *name, const char *advice)
{
	const struct re_status *s = &c->remote->status;

	switch (s->code) {
	case GRPC_UNAUTHENTICATED:
	case GRPC_PERMISSION_DENIED:
		advice = "check the credentials: STRAYLIGHT_REMOTE_HEADERS, and `cert` and `key` of the workspace's remote";
		break;
	case GRPC_INVALID_ARGUMENT:
	case GRPC_NOT_FOUND: advice = "check the name of the instance (--instance)"; break;
	case GRPC_RESOURCE_EXHAUSTED: advice = "the server is full, or a quota is used up"; break;
	default: break;
	}
	found(c, name, VERDICT_BAD, advice, "%s: %.*s", grpc_code_name(s->code), STR_ARG(s->text));
	return false;
}

/* ---- connection, capabilities ---- */

static const char *connection_advice(const struct re_status *s)
{
	if (str_find_str(s->text, S("certificate")) < s->text.n)
		return "give the authorities' file: `ca` of the workspace's remote, or the variable SSL_CERT_FILE";
	if (str_find_str(s->text, S("TLS")) < s->text.n)
		return "grpcs:// is for servers that speak TLS, grpc:// for those that do not";
	return "check that the server runs, the host, the port and the scheme: grpcs:// is TLS, grpc:// is not";
}

static bool check_connection(struct check *c)
{
	struct server *r = c->remote;
	bool tls = str_starts(r->which.endpoint, S("grpcs:")), ok = server_caps(r, c->client, &c->caps);
	bool mismatch = r->status.code == GRPC_FAILED_PRECONDITION && r->status.source == GRPC_BY_CHANNEL;

	if (!ok && !mismatch && r->status.source != GRPC_BY_SERVER)
		return failed(c, "connection", connection_advice(&r->status));
	found(c, "connection", VERDICT_OK, NULL, "%.*s, %s", STR_ARG(re_endpoint(c->client)),
			!tls ? "without TLS" : r->which.cert_file.n ? "TLS, with a client certificate" : "TLS");
	if (ok)
		return true;
	return failed(c, "capabilities", mismatch ? "use another --digest, or another server or instance" : "the server does not "
			"speak the Remote Execution API here: check the port and what stands in front of it");
}

static void tell_capabilities(struct check *c)
{
	const struct re_caps *s = &c->caps;

	found(c, "capabilities", VERDICT_OK, NULL, "%s%s%s%s, batches of %zu bytes%s", s->fn == DIGEST_BLAKE3 ? "BLAKE3" : "SHA256",
			s->exec ? ", runs actions" : ", a cache only", s->ac_write ? ", lets results be written" : "",
			s->zstd ? ", zstd" : "", s->batch_max,
			s->high[0] ? str_fmt(&c->remote->call->arena, ", API %u.%u to %u.%u", s->low[0], s->low[1], s->high[0], s->high[1]).p
				   : "");
}

/* ---- blobs ---- */

static bool put(struct check *c, str bytes, struct digest *out)
{
	int err = store_put(c->there, bytes, out);

	if (err)
		os_error(&c->remote->call->diags, DIAG_IO, err, "storing", S("what is sent"));
	return err == 0;
}

/* Bytes that nobody has: the nonce again and again. */
static bool put_new(struct check *c, size_t n, struct digest *out)
{
	struct buf b = {0};
	bool ok;

	while (b.n < n)
		buf_add(&b, c->nonce, 32);
	ok = put(c, buf_view(&b), out);
	buf_free(&b);
	return ok;
}

static bool check_blobs(struct check *c)
{
	struct server *r = c->remote;
	struct digest blobs[2];
	struct re_need need = {.blobs = blobs, .nblobs = SL_COUNT(blobs)};

	if (!put_new(c, 64, &blobs[0]) || !put_new(c, c->caps.batch_max + 1, &blobs[1]))
		return false;
	if (!server_upload(r, c->client, &need))
		return failed(c, "upload", "look into the server's log; its store may be read-only");
	found(c, "upload", VERDICT_OK, NULL, "a blob in a batch, and %lld bytes by ByteStream", (long long)blobs[1].size);
	if (!server_fetch(r, c->second, blobs, SL_COUNT(blobs)))
		return failed(c, "download", "the server took blobs and does not give them: its store may be too small, or several "
				"servers behind one address do not share it");
	found(c, "download", VERDICT_OK, NULL, "the same bytes came back");
	return true;
}

/* ---- the action, and the cache of results ---- */

static void variable(struct buf *b, const char *name, const char *value)
{
	size_t mark = wire_begin(b, 2);

	wire_str(b, 1, str_c(name));
	wire_str(b, 2, str_c(value));
	wire_end(b, mark);
}

/* Of this run alone, by a variable that nobody else has. */
static bool make_action(struct check *c, str program)
{
	struct tree_builder *t = tree_builder_new();
	struct buf b = {0};
	bool ok = put(c, program, &c->program);

	tree_put_file(t, S("probe"), &c->program, true);
	c->root = tree_builder_end(t, NULL, NULL);
	wire_element(&b, 1, S("./probe"));
	variable(&b, "STRAYLIGHT_CHECK", c->nonce);
	wire_element(&b, 7, S("out"));
	ok = ok && put(c, buf_view(&b), &c->command);
	b.n = 0;
	wire_digest(&b, 1, &c->command);
	wire_digest(&b, 2, tree_digest(c->root, store_fn(c->there)));
	ok = ok && put(c, buf_view(&b), &c->action);
	buf_free(&b);
	return ok;
}

/* The result that the action must have. */
static bool wanted_result(struct check *c, struct output_entry *output, struct action_result *out)
{
	struct digest text;

	if (!put(c, RE_PROBE_SAYS, &text))
		return false;
	*output = (struct output_entry){.path = S("out"), .kind = TREE_FILE, .digest = text};
	*out = (struct action_result){.outputs = output, .noutputs = 1, .out = text};
	return true;
}

static bool is_wanted(const struct action_result *got, const struct action_result *wanted)
{
	return got->exit_code == 0 && got->noutputs == 1 && got->outputs[0].kind == TREE_FILE && str_eq(got->outputs[0].path, S("out")) &&
			digest_eq(&got->outputs[0].digest, &wanted->outputs[0].digest) && digest_eq(&got->out, &wanted->out);
}

static bool check_write(struct check *c)
{
	struct server *r = c->remote;
	struct digest messages[] = {c->action, c->command};
	struct re_need need = {.tree = c->root, .blobs = messages, .nblobs = SL_COUNT(messages)};
	struct action_result wanted, got;
	struct output_entry output;
	bool has = false;

	if (!wanted_result(c, &output, &wanted))
		return false;
	if (!server_upload(r, c->client, &need) || !server_update(r, &c->action, &wanted))
		return failed(c, "cache write", "without the right to write, leave `write` and --remote-write away");
	if (!server_lookup(r, &c->action, &has, &got))
		return failed(c, "cache write", NULL);
	if (!has || !is_wanted(&got, &wanted))
		found(c, "cache write", VERDICT_BAD, "look into the server's log; several servers behind one address may not share their cache",
				has ? "the result was taken, and another one is there now" : "the result was taken, and is not there");
	else
		found(c, "cache write", VERDICT_OK, NULL, "a result was written and read again");
	return true;
}

static bool check_cache(struct check *c)
{
	struct action_result got;
	bool has = false;

	if (!server_lookup(c->remote, &c->action, &has, &got))
		return failed(c, "cache read", "without an action cache nothing is ever cached: look into the server's configuration");
	if (has) {
		found(c, "cache read", VERDICT_BAD, "do not use this server", "it has a result for an action that never ran");
		return true;
	}
	found(c, "cache read", VERDICT_OK, NULL, "an unknown action is a miss");
	if (!c->caps.ac_write)
		found(c, "cache write", VERDICT_SKIPPED, NULL, "the server lets no client write results");
	else if (!((const struct args *)c->remote->call->options)->write)
		found(c, "cache write", VERDICT_SKIPPED, NULL, "not tried; --remote-write does");
	else
		check_write(c);
	return true;
}

static void check_run(struct check *c)
{
	struct re_action action = {.action = c->action, .command = c->command, .root = c->root, .skip_cache = true, .timeout_ms = 120000,
		.mnemonic = S("re check")};
	struct action_result wanted, got;
	struct output_entry output;
	str message;
	bool has = false;

	if (!c->caps.exec) {
		found(c, "action", VERDICT_SKIPPED, NULL, "the server runs none");
		return;
	}
	if (!wanted_result(c, &output, &wanted))
		return;
	if (!server_execute(c->remote, &action, &has, &got, &message) || !has)
		failed(c, "action", "look for workers that are connected and take actions without platform properties");
	else if (got.exit_code)
		found(c, "action", VERDICT_BAD, "look at the worker's log, and whether it runs programs for this machine",
				"exit code %d from a program that cannot fail%s%.*s", got.exit_code, message.n ? ": " : "", STR_ARG(message));
	else if (!is_wanted(&got, &wanted))
		found(c, "action", VERDICT_BAD, "the worker must honour output_paths and keep what is printed", "it ran, and its output "
				"or what it printed is not what it wrote");
	else
		found(c, "action", VERDICT_OK, NULL, "it ran%s%.*s, and gave what it should", got.worker.n ? " on " : "", STR_ARG(got.worker));
}

/* ---- all steps ---- */

static bool open_stores(struct check *c)
{
	struct server *r = c->remote;
	enum digest_fn fn = store_fn(r->store);
	str there, back;
	int err = store_scratch(r->store, &r->call->arena, &there);

	err = err ? err : store_scratch(r->store, &r->call->arena, &back);
	if (err) {
		os_error(&r->call->diags, DIAG_IO, err, "making a directory below", store_root(r->store));
		return false;
	}
	c->there = store_open(there, fn, &r->call->diags);
	c->back = store_open(back, fn, &r->call->diags);
	c->client = c->there ? server_client(r, c->there) : NULL;
	c->second = c->back ? server_client(r, c->back) : NULL;
	return c->client && c->second;
}

static void make_nonce(struct check *c)
{
	unsigned char random[16];

	if (getrandom(random, sizeof random, 0) != sizeof random)
		memcpy(random, &c->began, sizeof c->began);
	hex_of(random, sizeof random, c->nonce);
}

static void check_all(struct check *c)
{
	struct server *r = c->remote;
	struct re_client *own = r->client;
	struct buf program = {0};
	struct utsname u;

	c->began = os_now_ns();
	make_nonce(c);
	r->client = c->client;
	if (check_connection(c)) {
		bool known = uname(&u) == 0 && re_probe(u.machine, &program);

		tell_capabilities(c);
		if (check_blobs(c) && make_action(c, buf_view(&program)) && check_cache(c) && known)
			check_run(c);
		else if (!c->bad && !known)
			found(c, "action", VERDICT_SKIPPED, NULL, "there is no program for a machine like this one");
	}
	r->client = own;
	buf_free(&program);
}

/* ---- the report ---- */

static const char *const verdict_words[] = {"ok", "bad", "skip"};

static void report_text(const struct check *c, struct buf *out)
{
	for (size_t i = 0; i < c->steps.n; i++) {
		const struct step *s = &c->steps.p[i];

		buf_fmt(out, "%-4s  %-12s  %.*s", verdict_words[s->verdict], s->name, STR_ARG(s->detail));
		if (s->verdict == VERDICT_OK) {
			buf_lit(out, " (");
			ui_time(s->ns, out);
			buf_c(out, ')');
		}
		buf_c(out, '\n');
		if (s->advice && s->verdict == VERDICT_BAD)
			buf_fmt(out, "%20s%s\n", "", s->advice);
	}
	buf_fmt(out, "%s\n", c->bad ? "not usable" : c->caps.exec ? "usable" : "usable as a cache");
}

static void report_json(const struct check *c, struct buf *out)
{
	struct json j = json_to(out);

	json_object(&j);
	json_member_str(&j, "endpoint", c->remote->which.endpoint);
	json_member_str(&j, "instance", c->remote->which.instance);
	json_key(&j, "usable");
	json_bool(&j, !c->bad);
	json_key(&j, "steps");
	json_array(&j);
	for (size_t i = 0; i < c->steps.n; i++) {
		const struct step *s = &c->steps.p[i];

		json_object(&j);
		json_key(&j, "step");
		json_c(&j, s->name);
		json_key(&j, "verdict");
		json_c(&j, verdict_words[s->verdict]);
		json_member_str(&j, "detail", s->detail);
		if (s->advice && s->verdict == VERDICT_BAD) {
			json_key(&j, "advice");
			json_c(&j, s->advice);
		}
		json_member_int(&j, "ns", s->ns);
		json_end(&j, '}');
	}
	json_end(&j, ']');
	json_end(&j, '}');
	buf_c(out, '\n');
}

static int run(struct call *call)
{
	const struct args *args = call->options;
	struct server r;
	struct check c = {.remote = &r};
	bool ok = server_open(&r, call, &args->remote) && server_needed(&r) && open_stores(&c);

	if (ok) {
		check_all(&c);
		if (call->common.json)
			report_json(&c, &call->out);
		else
			report_text(&c, &call->out);
	}
	tree_unref(c.root);
	re_close(c.client);
	re_close(c.second);
	uv_run(&r.loop, UV_RUN_DEFAULT); /* before their stores go */
	if (c.there)
		store_close(c.there);
	if (c.back)
		store_close(c.back);
	vec_free(&c.steps);
	server_close(&r);
	return c.bad ? BLAME_INFRA : 0;
}

const struct command cmd_re_check = {
	.name = "re check",
	.usage = "",
	.summary = "say, step by step, whether a Remote Execution server is usable",
	.about = "Connects, asks for the capabilities, sends a small and a large blob and fetches them again, asks the action cache "
		 "for what it cannot have, and runs an action whose program needs nothing of the worker. Each step has a verdict, "
		 "and what to do when it is bad. What is sent is new each time and small; the action cache is written to only "
		 "with --remote-write.\n"
		 "Ends with 3 when the server is not usable.",
	.section = SECTION_OTHER,
	COMMAND_OPTIONS(options, struct args),
	.run = run,
};
