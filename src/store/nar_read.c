#include "store_int.h"

#include <straylight/nar.h>

/* The word that comes next. */
enum state {
	AT_MAGIC, AT_OPEN, AT_TYPE_KEY, AT_TYPE, AT_REGULAR, AT_EXECUTABLE, AT_CONTENTS_KEY, AT_CONTENTS, AT_TARGET_KEY,
	AT_TARGET, AT_CLOSE, AT_ENTRY, AT_ENTRY_OPEN, AT_NAME_KEY, AT_NAME, AT_NODE_KEY, AT_ENTRY_CLOSE, AT_END,
};

/* What stands there; NULL where it is not a fixed word. */
static const struct {
	const char *word;
	enum state next;
	size_t max; /* length of a word that is not fixed */
} rows[] = { /* ORDER state */
	[AT_MAGIC] = {"nix-archive-1", AT_OPEN, 0},
	[AT_OPEN] = {"(", AT_TYPE_KEY, 0},
	[AT_TYPE_KEY] = {"type", AT_TYPE, 0},
	[AT_TYPE] = {NULL, AT_END, sizeof "directory" - 1},
	[AT_REGULAR] = {NULL, AT_END, sizeof "executable" - 1},
	[AT_EXECUTABLE] = {"", AT_CONTENTS_KEY, 0},
	[AT_CONTENTS_KEY] = {"contents", AT_CONTENTS, 0},
	[AT_CONTENTS] = {NULL, AT_CLOSE, 0},
	[AT_TARGET_KEY] = {"target", AT_TARGET, 0},
	[AT_TARGET] = {NULL, AT_CLOSE, NAR_TARGET_MAX},
	[AT_CLOSE] = {")", AT_END, 0},
	[AT_ENTRY] = {NULL, AT_END, sizeof "entry" - 1},
	[AT_ENTRY_OPEN] = {"(", AT_NAME_KEY, 0},
	[AT_NAME_KEY] = {"name", AT_NAME, 0},
	[AT_NAME] = {NULL, AT_NODE_KEY, NAR_NAME_MAX},
	[AT_NODE_KEY] = {"node", AT_OPEN, 0},
	[AT_ENTRY_CLOSE] = {")", AT_ENTRY, 0},
	[AT_END] = {NULL, AT_END, 0},
};

struct nar_reader {
	struct nar_visitor *v;
	struct diags *diags;
	str name;
	enum state state;
	bool failed;
	uint64_t offset;          /* of the next byte */
	uint64_t word_at;         /* where the present word's length stands */
	enum { LENGTH, BYTES, PAD } part;
	uint64_t size, left;      /* of the present word; bytes of the part that are still to come */
	unsigned char length[8];
	bool executable;
	struct buf word;
	struct buf names;         /* the newest name of each open directory, one after another */
	VEC(size_t) dirs;         /* where each begins in `names` */
};

static bool fail(struct nar_reader *r, uint64_t at, const char *fmt, ...) SL_PRINTF(3, 4);

static bool fail(struct nar_reader *r, uint64_t at, const char *fmt, ...)
{
	struct buf b = {0};
	va_list args;

	va_start(args, fmt);
	buf_vfmt(&b, fmt, args);
	va_end(args);
	diag_subject(r->diags, diag_error(r->diags, DIAG_NAR_SYNTAX, NO_SPAN, "%s at byte %llu", buf_z(&b),
			(unsigned long long)at), r->name);
	buf_free(&b);
	return false;
}

static void expect(struct nar_reader *r, enum state s)
{
	r->state = s;
	r->part = LENGTH;
	r->left = sizeof r->length;
	r->word_at = r->offset;
	r->word.n = 0;
}

struct nar_reader *nar_reader_new(struct nar_visitor *v, str name, struct diags *diags)
{
	struct nar_reader *r = mem_make(struct nar_reader);

	r->v = v;
	r->name = name;
	r->diags = diags;
	expect(r, AT_MAGIC);
	return r;
}

/* ---- words ---- */

/* The name of the node that begins. */
static str node_name(const struct nar_reader *r)
{
	return r->dirs.n ? str_from(buf_view(&r->names), vec_last(&r->dirs)) : S("");
}

/* After a node: back to the directory that it is in. */
static enum state after_node(const struct nar_reader *r)
{
	return r->dirs.n ? AT_ENTRY_CLOSE : AT_END;
}

static bool open_dir(struct nar_reader *r)
{
	if (r->dirs.n == NAR_DEPTH_MAX)
		return fail(r, r->word_at, "directories are nested deeper than %d", NAR_DEPTH_MAX);
	if (!r->v->enter(r->v, node_name(r)))
		return false;
	vec_push(&r->dirs, r->names.n);
	expect(r, AT_ENTRY);
	return true;
}

static bool close_dir(struct nar_reader *r)
{
	r->names.n = vec_pop(&r->dirs);
	if (!r->v->leave(r->v))
		return false;
	expect(r, after_node(r));
	return true;
}

static bool type(struct nar_reader *r, str w)
{
	r->executable = false;
	if (str_eq(w, S("directory")))
		return open_dir(r);
	if (!str_eq(w, S("regular")) && !str_eq(w, S("symlink")))
		return fail(r, r->word_at, "the type '%.*s' is none of regular, symlink and directory", STR_ARG(w));
	expect(r, str_eq(w, S("regular")) ? AT_REGULAR : AT_TARGET_KEY);
	return true;
}

static bool regular(struct nar_reader *r, str w)
{
	r->executable = str_eq(w, S("executable"));
	if (!r->executable && !str_eq(w, S("contents")))
		return fail(r, r->word_at, "'%.*s' stands where 'contents' must", STR_ARG(w));
	expect(r, r->executable ? AT_EXECUTABLE : AT_CONTENTS);
	return true;
}

static bool entry(struct nar_reader *r, str w)
{
	if (str_eq(w, S(")")))
		return close_dir(r);
	if (!str_eq(w, S("entry")))
		return fail(r, r->word_at, "'%.*s' stands where 'entry' must", STR_ARG(w));
	expect(r, AT_ENTRY_OPEN);
	return true;
}

static bool name(struct nar_reader *r, str w)
{
	str before = node_name(r);
	int order = before.n ? str_cmp(before, w) : -1;

	if (!tree_name_ok(w))
		return fail(r, r->word_at, "'%.*s' is no name of a file", STR_ARG(w));
	if (order >= 0)
		return fail(r, r->word_at, order ? "the name '%.*s' is not in the order of bytes" : "the name '%.*s' is there twice",
				STR_ARG(w));
	r->names.n = vec_last(&r->dirs);
	buf_str(&r->names, w);
	expect(r, AT_NODE_KEY);
	return true;
}

static bool target(struct nar_reader *r, str w)
{
	if (w.n == 0 || str_find(w, '\0') < w.n)
		return fail(r, r->word_at, "the target of a link is empty or has a NUL byte");
	if (!r->v->link(r->v, node_name(r), w))
		return false;
	expect(r, AT_CLOSE);
	return true;
}

/* A word is whole. */
static bool word(struct nar_reader *r)
{
	str w = buf_view(&r->word);

	switch (r->state) {
	case AT_TYPE: return type(r, w);
	case AT_REGULAR: return regular(r, w);
	case AT_ENTRY: return entry(r, w);
	case AT_NAME: return name(r, w);
	case AT_TARGET: return target(r, w);
	case AT_CONTENTS:
		if (!r->v->done(r->v))
			return false;
		break;
	default:
		if (!str_eq(w, str_c(rows[r->state].word)))
			return fail(r, r->word_at, "'%.*s' stands where '%s' must", STR_ARG(w), rows[r->state].word);
	}
	expect(r, r->state == AT_CLOSE ? after_node(r) : rows[r->state].next);
	return true;
}

/* ---- bytes ---- */

static uint64_t number(const unsigned char *b)
{
	uint64_t v = 0;

	for (unsigned i = 8; i-- > 0;)
		v = v << 8 | b[i];
	return v;
}

static bool begin_word(struct nar_reader *r)
{
	size_t max = rows[r->state].word ? strlen(rows[r->state].word) : rows[r->state].max;

	r->size = number(r->length);
	if (r->state == AT_CONTENTS) {
		if (r->size > INT64_MAX)
			return fail(r, r->word_at, "a file has a length of more than 63 bits");
		if (!r->v->file(r->v, node_name(r), r->executable, r->size))
			return false;
	} else if (r->size > max) {
		if (rows[r->state].word)
			return fail(r, r->word_at, "a word of %llu bytes stands where '%s' must", (unsigned long long)r->size,
					rows[r->state].word);
		return fail(r, r->word_at, "a word of %llu bytes stands where %zu are the most", (unsigned long long)r->size, max);
	}
	r->part = BYTES;
	r->left = r->size;
	return true;
}

static bool take(struct nar_reader *r, str s)
{
	switch (r->part) {
	case LENGTH:
		memcpy(r->length + sizeof r->length - r->left, s.p, s.n);
		return true;
	case BYTES:
		if (r->state == AT_CONTENTS)
			return r->v->data(r->v, s);
		buf_str(&r->word, s);
		return true;
	case PAD:
		for (size_t i = 0; i < s.n; i++)
			if (s.p[i])
				return fail(r, r->offset + i, "padding is not zero");
		return true;
	}
	return true;
}

/* A part that has no bytes left is over; so may be the next. */
static bool end_part(struct nar_reader *r)
{
	while (r->left == 0 && r->state != AT_END) {
		if (r->part == LENGTH) {
			if (!begin_word(r))
				return false;
		} else if (r->part == BYTES && r->size % 8) {
			r->part = PAD;
			r->left = 8 - r->size % 8;
		} else if (!word(r)) {
			return false;
		}
	}
	return true;
}

bool nar_reader_feed(struct nar_reader *r, str bytes)
{
	while (!r->failed && bytes.n) {
		str s = str_upto(bytes, r->left < bytes.n ? (size_t)r->left : bytes.n);

		if (r->state == AT_END) {
			fail(r, r->offset, "something follows the archive");
			r->failed = true;
			break;
		}
		r->failed = !take(r, s);
		r->left -= s.n;
		r->offset += s.n;
		bytes = str_from(bytes, s.n);
		r->failed = r->failed || !end_part(r);
	}
	return !r->failed;
}

bool nar_reader_end(struct nar_reader *r)
{
	bool ok = !r->failed && r->state == AT_END;

	if (!r->failed && !ok)
		fail(r, r->offset, "the archive ends too early");
	buf_free(&r->word);
	buf_free(&r->names);
	vec_free(&r->dirs);
	mem_free(r);
	return ok;
}
