#include "services.h"

#include <stdio.h>
#include <unistd.h>

#define KEY_LENGTH 41

static str key_of(struct arena *a, enum digest_fn fn, const struct digest *d)
{
	char *key = arena_raw(a, KEY_LENGTH, 1);

	key[0] = (char)fn;
	memcpy(key + 1, d->b, 32);
	memcpy(key + 33, &d->size, 8);
	return str_of(key, KEY_LENGTH);
}

/* ---- on disk: results/FN-HASH-SIZE ---- */

static const char *path_of(struct server *s, struct arena *a, enum digest_fn fn, const struct digest *d)
{
	char hex[65];

	hex_of(d->b, 32, hex);
	return str_fmt(a, "%s/results/%d-%s-%lld", s->options.store, fn, hex, (long long)d->size).p;
}

void results_load(struct server *s)
{
	const char *dir = str_fmt(&s->arena, "%s/results", s->options.store).p;
	str *names;
	size_t n;

	if (os_mkdirs(dir, 0777) < 0 || os_list(&s->arena, dir, &names, &n) < 0)
		return;
	for (size_t i = 0; i < n; i++) {
		struct blob *b;
		struct digest d;
		long long size;
		char hex[65];
		int fn;

		if (sscanf(str_dup(&s->arena, names[i]).p, "%d-%64[0-9a-f]-%lld", &fn, hex, &size) != 3 ||
				!hex_parse(str_c(hex), d.b, 32) || os_read(os_join(&s->arena, str_c(dir), names[i]), 0, &b) < 0)
			continue;
		d.size = size;
		map_put(&s->results, key_of(&s->arena, (enum digest_fn)fn, &d), b);
	}
}

void results_forget(struct server *s)
{
	for (size_t i = 0; i < s->results.n; i++) {
		blob_unref(s->results.entries[i].value);
		s->results.entries[i].value = NULL;
	}
	if (s->options.store) {
		os_remove_tree(str_fmt(&s->arena, "%s/results", s->options.store).p);
		results_load(s);
	}
}

void result_put(struct server *s, enum digest_fn fn, const struct digest *action, const Re__ActionResult *result)
{
	void **slot = map_slot(&s->results, key_of(&s->arena, fn, action), NULL);
	struct arena a = {0};
	str packed = pack(&a, &result->base);

	blob_unref(*slot);
	*slot = blob_new(packed);
	if (s->options.store)
		(void)!os_replace(path_of(s, &a, fn, action), packed, 0644, false);
	arena_clear(&a);
}

/* ---- what a result names ---- */

typedef bool visit_fn(struct server *, enum digest_fn, const struct digest *);

static bool is_there(struct server *s, enum digest_fn fn, const struct digest *d)
{
	return blobs_has(&s->blobs, fn, d);
}

static bool forget_it(struct server *s, enum digest_fn fn, const struct digest *d)
{
	blobs_forget(&s->blobs, fn, d);
	return true;
}

static bool visit(struct server *s, enum digest_fn fn, const Re__Digest *m, visit_fn *f)
{
	struct digest d;

	return !m || (digest_of_message(m, &d) && f(s, fn, &d));
}

static bool visit_directory(struct server *s, enum digest_fn fn, const Re__Directory *dir, visit_fn *f)
{
	bool whole = true;

	for (size_t i = 0; dir && i < dir->n_files; i++)
		whole = visit(s, fn, dir->files[i]->digest, f) && whole;
	return whole;
}

static bool visit_tree(struct server *s, struct arena *a, enum digest_fn fn, const Re__Digest *m, visit_fn *f)
{
	struct digest d;
	Re__Tree *tree = digest_of_message(m, &d) ? stored_message(s, a, fn, &d, &re__tree__descriptor) : NULL;
	bool whole = tree != NULL && visit_directory(s, fn, tree->root, f);

	for (size_t i = 0; tree && i < tree->n_children; i++)
		whole = visit_directory(s, fn, tree->children[i], f) && whole;
	return visit(s, fn, m, f) && whole;
}

static bool visit_result(struct server *s, enum digest_fn fn, const Re__ActionResult *r, visit_fn *f)
{
	struct arena a = {0};
	bool whole = true;

	for (size_t i = 0; i < r->n_output_files; i++)
		whole = visit(s, fn, r->output_files[i]->digest, f) && whole;
	for (size_t i = 0; i < r->n_output_directories; i++)
		whole = (!r->output_directories[i]->tree_digest ||
					visit_tree(s, &a, fn, r->output_directories[i]->tree_digest, f)) && whole;
	whole = visit(s, fn, r->stdout_digest, f) && whole;
	whole = visit(s, fn, r->stderr_digest, f) && whole;
	arena_clear(&a);
	return whole;
}

Re__ActionResult *result_find(struct server *s, struct arena *a, enum digest_fn fn, const struct digest *action)
{
	struct blob *b = map_get(&s->results, key_of(a, fn, action));
	ProtobufCAllocator allocator = arena_allocator(a);
	Re__ActionResult *r = b ? re__action_result__unpack(&allocator, b->n, (const uint8_t *)b->b) : NULL;

	return r && visit_result(s, fn, r, is_there) ? r : NULL;
}

void result_forget_blobs(struct server *s, enum digest_fn fn, const Re__ActionResult *r)
{
	visit_result(s, fn, r, forget_it);
}

static void inline_one(struct server *s, struct arena *a, enum digest_fn fn, const Re__Digest *m, ProtobufCBinaryData *out)
{
	struct digest d;
	struct blob *b = digest_of_message(m, &d) ? blobs_get(&s->blobs, fn, &d) : NULL;
	str content = str_dup(a, blob_str(b));

	if (b && b->n < 1 << 20)
		*out = (ProtobufCBinaryData){content.n, (uint8_t *)(uintptr_t)content.p};
	blob_unref(b);
}

void result_inline(struct server *s, struct arena *a, enum digest_fn fn, Re__ActionResult *r, bool out, bool err)
{
	if (out && r->stdout_raw.len == 0)
		inline_one(s, a, fn, r->stdout_digest, &r->stdout_raw);
	if (err && r->stderr_raw.len == 0)
		inline_one(s, a, fn, r->stderr_digest, &r->stderr_raw);
}

/* ---- the service ---- */

/* Digests of outputs that no blob has. */
static void flip_digests(struct call *c, Re__ActionResult *r)
{
	for (size_t i = 0; i < r->n_output_files; i++)
		if (r->output_files[i]->digest) {
			char *hash = (char *)(uintptr_t)str_dup(&c->arena, str_c(r->output_files[i]->digest->hash)).p;

			hash[0] = hash[0] == '0' ? '1' : '0';
			r->output_files[i]->digest->hash = hash;
		}
}

void get_action_result(struct call *c, str bytes)
{
	const Re__GetActionResultRequest *request = call_unpack(c, &re__get_action_result_request__descriptor, bytes);
	Re__ActionResult *r;
	enum digest_fn fn;
	struct digest action;

	if (!request || !call_instance(c, request->instance_name) || !call_fn(c, request->digest_function, &fn) ||
			!call_digest(c, request->action_digest, &action))
		return;
	r = result_find(c->server, &c->arena, fn, &action);
	if (!r) {
		call_finish(c, NOT_FOUND, "the action has no result");
		return;
	}
	result_inline(c->server, &c->arena, fn, r, request->inline_stdout, request->inline_stderr);
	if (call_has(c, FAULT_FORGET))
		result_forget_blobs(c->server, fn, r);
	if (call_has(c, FAULT_FLIP))
		flip_digests(c, r);
	call_answer(c, &r->base);
}

void update_action_result(struct call *c, str bytes)
{
	const Re__UpdateActionResultRequest *request = call_unpack(c, &re__update_action_result_request__descriptor, bytes);
	enum digest_fn fn;
	struct digest action;

	if (!request || !call_instance(c, request->instance_name) || !call_fn(c, request->digest_function, &fn) ||
			!call_digest(c, request->action_digest, &action))
		return;
	if (c->server->options.read_only)
		call_finish(c, PERMISSION_DENIED, "results are not taken");
	else if (!request->action_result)
		call_finish(c, INVALID_ARGUMENT, "there is no result");
	else if (!visit_result(c->server, fn, request->action_result, is_there))
		call_finish(c, FAILED_PRECONDITION, "the result names blobs that are not there");
	else {
		if (!call_has(c, FAULT_FORGET))
			result_put(c->server, fn, &action, request->action_result);
		call_answer(c, &request->action_result->base);
	}
}
