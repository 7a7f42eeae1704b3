#include "store_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* A record's file is its bytes and then the SHA-256 of kind, NUL, key and bytes: a file that is torn,
 * damaged or under another's name is not believed. */

#define SEAL 32
#define RECORD_NAME 160 /* "kind/ab/KEY" */
#define RECORD_MAX ((size_t)1 << 30)

static bool record_name(const char *kind, const unsigned char key[32], char out[RECORD_NAME])
{
	char hex[65];
	int n;

	hex_of(key, 32, hex);
	n = snprintf(out, RECORD_NAME, "%s/%.2s/%s", kind, hex, hex);
	return n > 0 && n < RECORD_NAME;
}

static void seal_of(const char *kind, const unsigned char key[32], str bytes, unsigned char out[SEAL])
{
	struct hasher *h = hasher_new(DIGEST_SHA256);
	struct digest d;

	hasher_add(h, kind, strlen(kind) + 1);
	hasher_add(h, key, 32);
	hasher_add(h, bytes.p ? bytes.p : "", bytes.n);
	hasher_end(h, &d);
	memcpy(out, d.b, SEAL);
}

struct blob *record_seal(const char *kind, const unsigned char key[32], str bytes)
{
	struct blob *b = blob_raw(bytes.n + SEAL);

	if (bytes.n)
		memcpy(b->b, bytes.p, bytes.n);
	seal_of(kind, key, bytes, (unsigned char *)b->b + bytes.n);
	return b;
}

bool record_unseal(const char *kind, const unsigned char key[32], struct blob *b)
{
	unsigned char seal[SEAL];

	if (b->n < SEAL)
		return false;
	seal_of(kind, key, str_of(b->b, b->n - SEAL), seal);
	if (memcmp(seal, b->b + b->n - SEAL, SEAL) != 0)
		return false;
	b->n -= SEAL;
	b->b[b->n] = '\0';
	return true;
}

bool store_record_get(struct store *s, const char *kind, const unsigned char key[32], struct blob **out)
{
	char name[RECORD_NAME];
	int fd, err;

	*out = NULL;
	if (!record_name(kind, key, name))
		return false;
	fd = openat(s->ac, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	err = os_read_fd(fd, RECORD_MAX, out);
	close(fd);
	if (err < 0)
		return false;
	if (record_unseal(kind, key, *out))
		return true;
	unlinkat(s->ac, name, 0);
	blob_unref(*out);
	*out = NULL;
	return false;
}

int64_t store_record_time(struct store *s, const char *kind, const unsigned char key[32])
{
	char name[RECORD_NAME];
	struct stat st;

	if (!record_name(kind, key, name) || fstatat(s->ac, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return 0;
	return st.st_mtim.tv_sec;
}

int store_record_put(struct store *s, const char *kind, const unsigned char key[32], str bytes)
{
	char name[RECORD_NAME], temp[TEMP_NAME];
	struct blob *sealed;
	int fd, err;

	if (!record_name(kind, key, name))
		return -ENAMETOOLONG;
	if (bytes.n > RECORD_MAX - SEAL)
		return -EFBIG;
	fd = store_temp(s, temp);
	if (fd < 0)
		return fd;
	sealed = record_seal(kind, key, bytes);
	err = store_finish(fd, os_write_all(fd, sealed->b, sealed->n), false, 0);
	blob_unref(sealed);
	if (err == 0)
		return store_place(s, temp, s->ac, name);
	unlinkat(s->tmp, temp, 0);
	return err;
}

/* ---- action results ----
 * The record "result": a CBOR array
 *	[1, exit code, [output …], stdout, stderr, worker, start, wall]
 *	output = [path, kind, executable, digest, target]    digest = [32 bytes, size] */

#define RESULT_FORMAT 1

static void write_output(struct buf *b, const struct output_entry *e)
{
	cbor_array(b, 5);
	cbor_bytes(b, e->path);
	cbor_uint(b, e->kind);
	cbor_bool(b, e->executable);
	digest_write(b, &e->digest);
	cbor_bytes(b, e->target);
}

void result_write(const struct action_result *r, struct buf *b)
{
	cbor_array(b, 8);
	cbor_uint(b, RESULT_FORMAT);
	cbor_int(b, r->exit_code);
	cbor_array(b, r->noutputs);
	for (size_t i = 0; i < r->noutputs; i++)
		write_output(b, &r->outputs[i]);
	digest_write(b, &r->out);
	digest_write(b, &r->err);
	cbor_bytes(b, r->worker);
	cbor_int(b, r->start_ns);
	cbor_int(b, r->wall_ns);
}

static bool read_output(struct cbor *c, struct arena *a, struct output_entry *e)
{
	uint64_t kind;

	if (!cbor_get_row(c, 5))
		return false;
	e->path = str_dup(a, cbor_get_bytes(c));
	kind = cbor_get_uint(c);
	e->executable = cbor_get_bool(c);
	if (c->bad || kind > TREE_SYMLINK || !digest_read(c, &e->digest))
		return false;
	e->kind = (enum tree_kind)kind;
	e->target = str_dup(a, cbor_get_bytes(c));
	return !c->bad;
}

static bool read_outputs(struct cbor *c, struct arena *a, struct action_result *r)
{
	struct output_entry *outputs;
	uint64_t n = cbor_get_array(c);

	if (c->bad)
		return false;
	outputs = arena_array(a, struct output_entry, n);
	for (size_t i = 0; i < n; i++) {
		if (!read_output(c, a, &outputs[i]))
			return false;
		if (i > 0 && str_cmp(outputs[i - 1].path, outputs[i].path) >= 0)
			return false;
	}
	r->outputs = outputs;
	r->noutputs = (size_t)n;
	return true;
}

bool result_read(str bytes, struct arena *a, struct action_result *r)
{
	struct cbor c = cbor_over(bytes);
	int64_t code;

	*r = (struct action_result){0};
	if (!cbor_get_row(&c, 8) || cbor_get_uint(&c) != RESULT_FORMAT)
		return false;
	code = cbor_get_int(&c);
	if (c.bad || code < INT32_MIN || code > INT32_MAX || !read_outputs(&c, a, r) ||
			!digest_read(&c, &r->out) || !digest_read(&c, &r->err))
		return false;
	r->exit_code = (int32_t)code;
	r->worker = str_dup(a, cbor_get_bytes(&c));
	r->start_ns = cbor_get_int(&c);
	r->wall_ns = cbor_get_int(&c);
	return !c.bad && c.at == bytes.n;
}

static bool is_whole(struct store *s, const struct action_result *r)
{
	for (size_t i = 0; i < r->noutputs; i++) {
		const struct output_entry *e = &r->outputs[i];

		if (e->kind == TREE_FILE && !store_has(s, &e->digest))
			return false;
		if (e->kind == TREE_DIR && !store_has_tree(s, &e->digest))
			return false;
	}
	return store_has(s, &r->out) && store_has(s, &r->err);
}

bool store_result_get(struct store *s, const struct digest *action, struct arena *a, struct action_result *out)
{
	struct blob *bytes;
	bool hit;

	*out = (struct action_result){0};
	if (!store_record_get(s, "result", action->b, &bytes))
		return false;
	hit = result_read(blob_str(bytes), a, out) && is_whole(s, out);
	blob_unref(bytes);
	if (!hit)
		*out = (struct action_result){0};
	return hit;
}

int store_result_put(struct store *s, const struct digest *action, const struct action_result *r)
{
	struct buf b = {0};
	int err;

	result_write(r, &b);
	err = store_record_put(s, "result", action->b, buf_view(&b));
	buf_free(&b);
	return err;
}
