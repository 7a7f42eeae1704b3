#include "re_int.h"

#include <stdlib.h>

#include <remote_execution.pb-c.h>

/* Old servers write links into the older fields; they are read. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/* ---- pieces ---- */

/* Some servers say nothing, or 64 zeros, for the empty blob: it has its name. */
static bool read_digest(const Re__Digest *m, enum digest_fn fn, struct digest *out)
{
	if (!m || m->size_bytes < 0)
		return false;
	if (m->size_bytes == 0)
		*out = digest_of(fn, (str){NULL, 0});
	out->size = m->size_bytes;
	return m->size_bytes == 0 || hex_parse(str_c(m->hash), out->b, sizeof out->b);
}

static str copy(struct arena *a, const char *s)
{
	return str_dup(a, str_c(s));
}

static bool refuse(str *why, const char *text)
{
	*why = str_c(text);
	return false;
}

/* Relative, normalised, and inside the working directory. */
static bool path_ok(struct arena *a, const char *p)
{
	str text = str_c(p), normal;

	return text.n && text.p[0] != '/' && os_normalize(a, text, &normal) && str_eq(text, normal);
}

/* ---- ActionResult ---- */

struct reading {
	struct arena *mem;
	enum digest_fn fn;
	struct output_entry *outputs;
	size_t n;
	struct read_result *out;
	str *why;
};

static struct output_entry *add(struct reading *r, const char *path, enum tree_kind kind)
{
	struct output_entry *e = &r->outputs[r->n];

	if (!path_ok(r->mem, path)) {
		refuse(r->why, "an output has a path that is not below the working directory");
		return NULL;
	}
	r->n++;
	*e = (struct output_entry){.path = copy(r->mem, path), .kind = kind};
	return e;
}

static bool add_files(struct reading *r, const Re__ActionResult *m)
{
	for (size_t i = 0; i < m->n_output_files; i++) {
		const Re__OutputFile *f = m->output_files[i];
		struct output_entry *e = add(r, f->path, TREE_FILE);

		if (!e)
			return false;
		e->executable = f->is_executable;
		if (!read_digest(f->digest, r->fn, &e->digest))
			return refuse(r->why, "an output file has no digest");
	}
	return true;
}

static bool add_links(struct reading *r, Re__OutputSymlink *const *links, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct output_entry *e = add(r, links[i]->path, TREE_SYMLINK);

		if (!e)
			return false;
		e->target = copy(r->mem, links[i]->target);
		if (!e->target.n)
			return refuse(r->why, "an output link has no target");
	}
	return true;
}

/* The digest of the Tree message stands in for that of the root until the message is here. */
static bool add_directories(struct reading *r, const Re__ActionResult *m)
{
	for (size_t i = 0; i < m->n_output_directories; i++) {
		const Re__OutputDirectory *d = m->output_directories[i];
		struct output_entry *e = add(r, d->path, TREE_DIR);

		if (!e)
			return false;
		if (!read_digest(d->tree_digest, r->fn, &e->digest))
			return refuse(r->why, "an output directory has no digest");
	}
	return true;
}

static int compare_outputs(const void *a, const void *b)
{
	return str_cmp(((const struct output_entry *)a)->path, ((const struct output_entry *)b)->path);
}

/* NativeLink writes a link into the new field and into an old one: equal ones are one. */
static bool sort_outputs(struct reading *r)
{
	size_t kept = 0;

	qsort(r->outputs, r->n, sizeof *r->outputs, compare_outputs);
	for (size_t i = 0; i < r->n; i++) {
		struct output_entry *last = kept ? &r->outputs[kept - 1] : NULL, *e = &r->outputs[i];

		if (!last || !str_eq(last->path, e->path))
			r->outputs[kept++] = *e;
		else if (last->kind != TREE_SYMLINK || e->kind != TREE_SYMLINK || !str_eq(last->target, e->target))
			return refuse(r->why, "two outputs stand in one place");
	}
	r->n = kept;
	return true;
}

static void note_trees(struct reading *r)
{
	r->out->wants = arena_array(r->mem, struct tree_want, r->n);
	r->out->trees = arena_array(r->mem, struct tree *, r->n);
	for (size_t i = 0; i < r->n; i++)
		if (r->outputs[i].kind == TREE_DIR)
			r->out->wants[r->out->nwants++] = (struct tree_want){r->outputs[i].digest, (uint32_t)i};
}

static int64_t ns_of(const Google__Protobuf__Timestamp *t)
{
	if (!t || t->seconds < 0 || t->seconds > (int64_t)1 << 33 || t->nanos < 0)
		return 0;
	return t->seconds * 1000000000 + t->nanos;
}

static void read_metadata(struct reading *r, const Re__ExecutedActionMetadata *m)
{
	struct action_result *out = &r->out->r.result;
	int64_t end;

	if (!m)
		return;
	out->worker = copy(r->mem, m->worker);
	out->start_ns = ns_of(m->execution_start_timestamp);
	end = ns_of(m->execution_completed_timestamp);
	out->wall_ns = end > out->start_ns && out->start_ns ? end - out->start_ns : 0;
}

/* What came along, or a digest, or neither: nothing was printed. */
static bool read_stream(struct reading *r, const ProtobufCBinaryData *raw, const Re__Digest *d, struct digest *digest, str *bytes, bool *has)
{
	*digest = (struct digest){0};
	*has = raw->len || !d || d->size_bytes == 0;
	if (raw->len)
		*bytes = str_dup(r->mem, str_of((const char *)raw->data, raw->len));
	return *has || read_digest(d, r->fn, digest) || refuse(r->why, "what was printed has no digest");
}

static bool read_all(struct reading *r, const Re__ActionResult *m)
{
	struct action_result *out = &r->out->r.result;

	out->exit_code = m->exit_code;
	read_metadata(r, m->execution_metadata);
	return add_files(r, m) && add_directories(r, m) && add_links(r, m->output_symlinks, m->n_output_symlinks) &&
			add_links(r, m->output_file_symlinks, m->n_output_file_symlinks) &&
			add_links(r, m->output_directory_symlinks, m->n_output_directory_symlinks) && sort_outputs(r) &&
			read_stream(r, &m->stdout_raw, m->stdout_digest, &out->out, &r->out->raw_out, &r->out->has_out) &&
			read_stream(r, &m->stderr_raw, m->stderr_digest, &out->err, &r->out->raw_err, &r->out->has_err);
}

bool result_read_message(str bytes, enum digest_fn fn, struct arena *a, struct read_result *out, str *why)
{
	Re__ActionResult *m = re__action_result__unpack(NULL, bytes.n, (const uint8_t *)bytes.p);
	struct reading r = {.mem = a, .fn = fn, .out = out, .why = why};
	bool ok;

	*out = (struct read_result){0};
	if (!m)
		return refuse(why, "it is not an ActionResult");
	r.outputs = arena_array(a, struct output_entry,
			m->n_output_files + m->n_output_directories + m->n_output_symlinks + m->n_output_file_symlinks + m->n_output_directory_symlinks);
	ok = read_all(&r, m);
	re__action_result__free_unpacked(m, NULL);
	out->r.result.outputs = r.outputs;
	out->r.result.noutputs = r.n;
	if (ok)
		note_trees(&r);
	out->r.trees = out->trees;
	return ok;
}

/* ---- Tree ----
 * Tree { Directory root = 1; repeated Directory children = 2; }: a child is found by the digest of its bytes; what
 * is put together is written again in canonical form, so properties of nodes are left out. */

struct children {
	struct arena *mem;
	enum digest_fn fn;
	struct map by_digest; /* of the bytes of a digest: a struct child */
	size_t nodes;
	str *why;
};

struct child {
	struct digest digest;
	str bytes;
	struct tree *tree; /* when it was read */
	bool open;         /* being read: a second time would be a circle */
};

#define NODES_MAX ((size_t)1 << 22)

static struct tree *read_directory(struct children *all, str bytes, unsigned depth);

static struct tree *child_tree(struct children *all, const Re__Digest *m, unsigned depth)
{
	struct child *c = NULL;
	struct digest d;

	if (m && read_digest(m, all->fn, &d)) {
		if (d.size == 0)
			return tree_empty();
		c = map_get(&all->by_digest, str_of((const char *)&d, sizeof d));
	}
	if (!c || c->open) {
		*all->why = S("a directory in it is missing");
		return NULL;
	}
	if (!c->tree) {
		c->open = true;
		c->tree = read_directory(all, c->bytes, depth + 1);
		c->open = false;
	}
	return c->tree ? tree_ref(c->tree) : NULL;
}

static bool put_directories(struct children *all, struct tree_builder *b, const Re__Directory *m, unsigned depth)
{
	for (size_t i = 0; i < m->n_directories; i++) {
		struct tree *t = child_tree(all, m->directories[i]->digest, depth);

		if (!t)
			return false;
		tree_put_tree(b, str_c(m->directories[i]->name), t);
		tree_put_dir(b, str_c(m->directories[i]->name));
		tree_unref(t);
	}
	return true;
}

/* A name is one component: the builder takes paths. */
static bool names_ok(const Re__Directory *m)
{
	for (size_t i = 0; i < m->n_files; i++)
		if (strchr(m->files[i]->name, '/'))
			return false;
	for (size_t i = 0; i < m->n_directories; i++)
		if (!*m->directories[i]->name || strchr(m->directories[i]->name, '/'))
			return false;
	for (size_t i = 0; i < m->n_symlinks; i++)
		if (strchr(m->symlinks[i]->name, '/'))
			return false;
	return true;
}

static bool put_nodes(struct children *all, struct tree_builder *b, const Re__Directory *m, unsigned depth)
{
	struct digest d;

	all->nodes += m->n_files + m->n_directories + m->n_symlinks;
	if (!names_ok(m) || all->nodes > NODES_MAX || depth > TREE_DEPTH_MAX)
		return refuse(all->why, "a directory in it is damaged");
	for (size_t i = 0; i < m->n_files; i++) {
		if (!read_digest(m->files[i]->digest, all->fn, &d))
			return refuse(all->why, "a file in it has no digest");
		tree_put_file(b, str_c(m->files[i]->name), &d, m->files[i]->is_executable);
	}
	for (size_t i = 0; i < m->n_symlinks; i++)
		tree_put_symlink(b, str_c(m->symlinks[i]->name), str_c(m->symlinks[i]->target));
	return put_directories(all, b, m, depth);
}

static struct tree *read_directory(struct children *all, str bytes, unsigned depth)
{
	Re__Directory *m = re__directory__unpack(NULL, bytes.n, (const uint8_t *)bytes.p);
	struct tree_builder *b = tree_builder_new();
	bool ok = m && put_nodes(all, b, m, depth);
	struct tree *t = tree_builder_end(b, NULL, NULL);

	if (!m || (ok && !t))
		*all->why = S("a directory in it is damaged");
	if (m)
		re__directory__free_unpacked(m, NULL);
	if (!ok) {
		tree_unref(t);
		return NULL;
	}
	return t;
}

static bool split_tree(struct children *all, str bytes, str *root)
{
	struct wire w = wire_over(bytes);
	struct wire_field f;

	*root = (str){NULL, 0};
	while (wire_next(&w, &f)) {
		struct child *c;

		if (f.type != WIRE_BYTES || f.number > 2)
			continue;
		if (f.number == 1)
			*root = f.bytes;
		c = arena_make(all->mem, struct child); /* the root too: it may be named as a child */
		c->bytes = f.bytes;
		c->digest = digest_of(all->fn, f.bytes);
		map_put(&all->by_digest, str_of((const char *)&c->digest, sizeof c->digest), c);
	}
	return !w.bad;
}

struct tree *tree_read_message(str bytes, enum digest_fn fn, struct arena *a, str *why)
{
	struct children all = {.mem = a, .fn = fn, .why = why};
	struct tree *t = NULL;
	str root;

	if (split_tree(&all, bytes, &root))
		t = read_directory(&all, root, 0);
	else
		*why = S("it is not a Tree");
	for (size_t i = 0; i < all.by_digest.n; i++)
		tree_unref(((struct child *)all.by_digest.entries[i].value)->tree);
	map_free(&all.by_digest);
	return t;
}

static void write_children(struct tree *t, enum digest_fn fn, struct map *seen, struct buf *out)
{
	const struct tree_entry *e = tree_entries(t);

	for (size_t i = 0; i < tree_count(t); i++) {
		const struct digest *d = e[i].kind == TREE_DIR ? tree_digest(e[i].dir, fn) : NULL;
		bool fresh;
		size_t mark;

		if (!d || d->size == 0)
			continue;
		map_slot(seen, str_of((const char *)d, sizeof *d), &fresh);
		if (!fresh)
			continue;
		mark = wire_begin(out, 2);
		tree_message(e[i].dir, fn, out);
		wire_end(out, mark);
		write_children(e[i].dir, fn, seen, out);
	}
}

void tree_write_message(struct tree *t, enum digest_fn fn, struct buf *out)
{
	struct map seen = {0};
	size_t mark = wire_begin(out, 1);

	tree_message(t, fn, out);
	wire_end(out, mark);
	write_children(t, fn, &seen, out);
	map_free(&seen);
}

/* ---- writing ---- */

static void write_timestamp(struct buf *out, unsigned field, int64_t ns)
{
	size_t mark;

	if (ns <= 0)
		return;
	mark = wire_begin(out, field);
	wire_int(out, 1, ns / 1000000000);
	wire_int(out, 2, ns % 1000000000);
	wire_end(out, mark);
}

static void write_output(const struct output_entry *e, const struct digest *message, struct buf *out)
{
	static const unsigned fields[] = {[TREE_FILE] = 2, [TREE_DIR] = 3, [TREE_SYMLINK] = 12};
	size_t mark = wire_begin(out, fields[e->kind]);

	wire_str(out, 1, e->path);
	switch (e->kind) {
	case TREE_FILE:
		wire_digest(out, 2, &e->digest);
		wire_bool(out, 4, e->executable);
		break;
	case TREE_DIR:
		wire_digest(out, 3, message);
		wire_digest(out, 5, &e->digest);
		break;
	case TREE_SYMLINK: wire_str(out, 2, e->target); break;
	}
	wire_end(out, mark);
}

void result_write_message(const struct action_result *r, const struct tree_want *wants, struct buf *out)
{
	static const enum tree_kind order[] = {TREE_FILE, TREE_DIR};
	size_t mark;

	for (size_t k = 0; k < SL_COUNT(order); k++)
		for (size_t i = 0; i < r->noutputs; i++)
			if (r->outputs[i].kind == order[k])
				write_output(&r->outputs[i], order[k] == TREE_DIR ? &wants++->message : NULL, out);
	wire_int(out, 4, r->exit_code);
	if (!digest_is_none(&r->out))
		wire_digest(out, 6, &r->out);
	if (!digest_is_none(&r->err))
		wire_digest(out, 8, &r->err);
	mark = wire_begin(out, 9);
	wire_str(out, 1, r->worker);
	write_timestamp(out, 7, r->start_ns);
	write_timestamp(out, 8, r->start_ns ? r->start_ns + r->wall_ns : 0);
	wire_end(out, mark);
	for (size_t i = 0; i < r->noutputs; i++)
		if (r->outputs[i].kind == TREE_SYMLINK)
			write_output(&r->outputs[i], NULL, out);
}
