#include "journal.h"

#define HASH_KEPT 16 /* bytes of a digest that a record keeps */

struct journal {
	struct state *state;
	uint64_t run;
};

struct journal *journal_new(struct state *state)
{
	struct journal *j = mem_make(struct journal);
	struct buf b = {0};
	str old;

	j->state = state;
	if (state_get(state, STATE_RUN, S("#"), &old)) {
		struct cbor in = cbor_over(old);

		j->run = cbor_get_uint(&in);
	}
	cbor_uint(&b, ++j->run);
	state_put(state, STATE_RUN, S("#"), buf_view(&b));
	buf_free(&b);
	return j;
}

void journal_free(struct journal *j)
{
	mem_free(j);
}

uint64_t journal_run(const struct journal *j)
{
	return j->run;
}

static str key_of(const struct action *a, struct arena *arena)
{
	return str_fmt(arena, "%.*s %.*s", STR_ARG(sym_str(a->configured->target->label)), STR_ARG(a->name));
}

/* ---- recording ---- */

enum {
	ROW_SETS = FIELD_DERIVATION + 1, /* text: who provides them; hash: of the tree */
	ROW_SHAPE,                   /* hash: of the names of all headers.  There when the reads are known */
	ROW_COUNT,
};

struct writer {
	struct action_visitor v;
	struct buf rows;
	uint64_t n;
	bool all; /* headers: nobody knows which were read */
};

static void row(struct writer *w, unsigned f, str text, const unsigned char *hash)
{
	cbor_array(&w->rows, 3);
	cbor_uint(&w->rows, f);
	cbor_bytes(&w->rows, text);
	if (hash)
		cbor_bytes(&w->rows, str_of((const char *)hash, HASH_KEPT));
	else
		cbor_null(&w->rows);
	w->n++;
}

struct hash {
	unsigned char b[HASH_KEPT];
};

/* What a content is told apart by. */
static struct hash hash_of(enum tree_kind kind, bool executable, const struct digest *d, str target)
{
	struct digest of = kind == TREE_SYMLINK ? digest_of(DIGEST_SHA256, target) : *d;
	struct hash h;

	memcpy(h.b, of.b, sizeof h.b);
	h.b[0] ^= (unsigned char)((unsigned)kind << 1 | executable);
	return h;
}

static struct hash hash_of_content(const struct content *c)
{
	return hash_of(c->kind, c->executable, c->kind == TREE_DIR ? tree_digest(c->tree, DIGEST_SHA256) : &c->digest,
			c->target);
}

static struct hash hash_of_entry(const struct tree_entry *e)
{
	return hash_of(e->kind, e->executable, e->kind == TREE_DIR ? tree_digest(e->dir, DIGEST_SHA256) : &e->digest,
			e->target);
}

static void write_text(struct action_visitor *v, enum walk_field f, str s)
{
	row((struct writer *)v, f, s, NULL);
}

static void write_content(struct action_visitor *v, enum walk_field f, str path, const struct content *c)
{
	struct writer *w = (struct writer *)v;

	if (f != FIELD_HEADER || w->all)
		row(w, f, path, hash_of_content(c).b);
}

static void write_tree(struct action_visitor *v, enum walk_field f, str path, struct tree *t)
{
	struct writer *w = (struct writer *)v;

	if (f != FIELD_HEADER || w->all)
		row(w, f == FIELD_HEADER ? ROW_SETS : (unsigned)f, path, tree_digest(t, DIGEST_SHA256)->b);
}

static void write_reads(struct writer *w, const struct identity *id, const str *reads, size_t n)
{
	row(w, ROW_SHAPE, (str){0}, tree_shape(id->headers));
	for (size_t i = 0; i < n; i++) {
		const struct tree_entry *e = tree_find(id->headers, reads[i]);

		if (e)
			row(w, FIELD_HEADER, reads[i], hash_of_entry(e).b);
	}
}

void journal_record(struct journal *j, const struct action *a, const struct contents *c, const struct identity *id,
		bool knows_reads, const str *reads, size_t nreads)
{
	struct writer w = {.v = {write_text, write_content, write_tree}, .all = !knows_reads};
	struct arena arena = {0};
	struct buf out = {0};

	action_walk(a, c, &w.v);
	if (knows_reads)
		write_reads(&w, id, reads, nreads);
	cbor_array(&out, w.n);
	buf_str(&out, buf_view(&w.rows));
	state_put(j->state, STATE_ACTION, key_of(a, &arena), buf_view(&out));
	buf_free(&out);
	buf_free(&w.rows);
	arena_clear(&arena);
}

/* ---- explaining ---- */

#define REASONS_MAX 16

struct old_row {
	unsigned field;
	str text, hash;
	bool seen;
};

struct explainer {
	struct action_visitor v;
	struct map old;      /* field byte + text → struct old_row * */
	VEC(str) arguments;  /* as they were */
	size_t argument;     /* the next one */
	bool reordered;
	bool all;            /* the record has all headers, not those that were read */
	struct arena *arena;
	VEC(str) reasons;
	size_t more; /* reasons that are not listed */
};

static str row_key(struct explainer *x, unsigned f, str text)
{
	return str_fmt(x->arena, "%c%.*s", 'a' + (int)f, STR_ARG(text));
}

static bool read_row(struct explainer *x, struct cbor *in, struct old_row *r)
{
	struct cbor_item item;

	if (cbor_get_array(in) != 3)
		return false;
	r->field = (unsigned)cbor_get_uint(in);
	r->text = str_dup(x->arena, cbor_get_bytes(in));
	if (!cbor_next(in, &item) || r->field >= ROW_COUNT)
		return false;
	if (item.major == CBOR_BYTES)
		r->hash = str_dup(x->arena, item.bytes);
	return true;
}

static void load_old(struct explainer *x, str record)
{
	struct cbor in = cbor_over(record);
	uint64_t n = cbor_get_array(&in);

	x->all = true;
	for (uint64_t i = 0; i < n && !in.bad; i++) {
		struct old_row *r = arena_make(x->arena, struct old_row);

		if (!read_row(x, &in, r))
			return;
		if (r->field == FIELD_ARGUMENT)
			vec_push(&x->arguments, r->text);
		if (r->field == ROW_SHAPE)
			x->all = false;
		map_put(&x->old, row_key(x, r->field, r->text), r);
	}
}

static void reason(struct explainer *x, const char *fmt, ...) SL_PRINTF(2, 3);
static void reason(struct explainer *x, const char *fmt, ...)
{
	va_list args;

	if (x->reasons.n == REASONS_MAX) {
		x->more++;
		return;
	}
	va_start(args, fmt);
	vec_push(&x->reasons, str_vfmt(x->arena, fmt, args));
	va_end(args);
}

static const char *row_name(unsigned f)
{
	return f == ROW_SETS ? "what may be read of" : field_names[f];
}

static void compare(struct explainer *x, unsigned f, str text, const unsigned char *hash)
{
	struct old_row *r = map_get(&x->old, row_key(x, f, text));

	if (!r) {
		reason(x, "%s '%.*s' is new", row_name(f), STR_ARG(text));
		return;
	}
	r->seen = true;
	if (hash && (r->hash.n != HASH_KEPT || memcmp(r->hash.p, hash, HASH_KEPT) != 0))
		reason(x, "%s '%.*s' changed", row_name(f), STR_ARG(text));
}

static void compare_text(struct action_visitor *v, enum walk_field f, str s)
{
	struct explainer *x = (struct explainer *)v;

	compare(x, f, s, NULL);
	if (f != FIELD_ARGUMENT)
		return;
	if (x->argument >= x->arguments.n || !str_eq(x->arguments.p[x->argument], s))
		x->reordered = true;
	x->argument++;
}

static void compare_content(struct action_visitor *v, enum walk_field f, str path, const struct content *c)
{
	struct explainer *x = (struct explainer *)v;

	if (f != FIELD_HEADER || x->all)
		compare(x, f, path, hash_of_content(c).b);
}

static void compare_tree(struct action_visitor *v, enum walk_field f, str path, struct tree *t)
{
	struct explainer *x = (struct explainer *)v;

	if (f != FIELD_HEADER || x->all)
		compare(x, f == FIELD_HEADER ? ROW_SETS : (unsigned)f, path, tree_digest(t, DIGEST_SHA256)->b);
}

static void compare_read(struct explainer *x, const struct identity *id, const struct old_row *r)
{
	const struct tree_entry *e = tree_find(id->headers, r->text);

	if (!e)
		reason(x, "header '%.*s' is gone", STR_ARG(r->text));
	else if (r->hash.n != HASH_KEPT || memcmp(hash_of_entry(e).b, r->hash.p, HASH_KEPT) != 0)
		reason(x, "header '%.*s' changed", STR_ARG(r->text));
}

/* Headers that the last run read, and anything else that is gone.  What every other reason explains too
 * comes last. */
static void compare_rest(struct explainer *x, const struct identity *id)
{
	bool reshaped = false;

	for (size_t i = 0; i < x->old.n; i++) {
		const struct old_row *r = x->old.entries[i].value;

		if (r->field == ROW_SHAPE)
			reshaped = r->hash.n != HASH_KEPT || memcmp(tree_shape(id->headers), r->hash.p, HASH_KEPT) != 0;
		else if (r->field == FIELD_HEADER && !x->all)
			compare_read(x, id, r);
		else if (!r->seen)
			reason(x, "%s '%.*s' is gone", row_name(r->field), STR_ARG(r->text));
	}
	if (x->reasons.n == 0 && (x->reordered || x->argument != x->arguments.n))
		reason(x, "the order of its arguments changed");
	if (x->reasons.n == 0 && reshaped)
		reason(x, "files that it may read were added or removed");
}

void journal_explain(struct journal *j, const struct action *a, const struct contents *c, const struct identity *id,
		struct arena *arena, const str **reasons, size_t *n)
{
	struct explainer x = {.v = {compare_text, compare_content, compare_tree}, .arena = arena};
	str record, *out;

	if (!state_get(j->state, STATE_ACTION, key_of(a, arena), &record)) {
		reason(&x, "it is new in this workspace");
	} else {
		load_old(&x, record);
		action_walk(a, c, &x.v);
		compare_rest(&x, id);
	}
	if (x.reasons.n == 0)
		reason(&x, "nothing changed since its last result, but that is not in the cache");
	if (x.more)
		vec_push(&x.reasons, str_fmt(arena, "and %zu more", x.more));
	out = arena_array(arena, str, x.reasons.n);
	memcpy(out, x.reasons.p, x.reasons.n * sizeof *out);
	*reasons = out;
	*n = x.reasons.n;
	vec_free(&x.reasons);
	vec_free(&x.arguments);
	map_free(&x.old);
}

/* ---- events ---- */

void journal_event(struct journal *j, const struct action *a, const struct journal_event *e)
{
	struct arena arena = {0};
	struct buf b = {0};

	cbor_array(&b, 7);
	cbor_uint(&b, j->run);
	cbor_uint(&b, e->served);
	cbor_int(&b, e->start_ns);
	cbor_int(&b, e->wall_ns);
	cbor_bytes(&b, str_of((const char *)e->action.b, sizeof e->action.b));
	cbor_int(&b, e->action.size);
	cbor_array(&b, e->nreasons);
	for (size_t i = 0; i < e->nreasons; i++)
		cbor_text(&b, e->reasons[i]);
	state_put(j->state, STATE_RUN, key_of(a, &arena), buf_view(&b));
	buf_free(&b);
	arena_clear(&arena);
}

bool journal_is_last(const struct journal *j, const struct action *a, const struct digest *digest)
{
	struct arena arena = {0};
	struct journal_event last;
	bool is = journal_last(j->state, key_of(a, &arena), &arena, &last) && digest_eq(&last.action, digest);

	arena_clear(&arena);
	return is;
}

bool journal_last(struct state *state, str key, struct arena *arena, struct journal_event *out)
{
	struct cbor in;
	str value, hash, *reasons;
	uint64_t n;

	*out = (struct journal_event){0};
	if (!state_get(state, STATE_RUN, key, &value))
		return false;
	in = cbor_over(value);
	if (cbor_get_array(&in) != 7)
		return false;
	out->run = cbor_get_uint(&in);
	out->served = (enum build_served)cbor_get_uint(&in);
	out->start_ns = cbor_get_int(&in);
	out->wall_ns = cbor_get_int(&in);
	hash = cbor_get_bytes(&in);
	if (hash.n == sizeof out->action.b)
		memcpy(out->action.b, hash.p, hash.n);
	out->action.size = cbor_get_int(&in);
	n = cbor_get_array(&in);
	reasons = arena_array(arena, str, n);
	for (uint64_t i = 0; i < n; i++)
		reasons[i] = str_dup(arena, cbor_get_text(&in));
	out->reasons = reasons;
	out->nreasons = n;
	return !in.bad;
}
