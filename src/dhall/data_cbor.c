/* CBOR as JSON and back, for expressions' encodings. */
#include "num.h"
#include "stack.h"

#include <math.h>
#include <stdlib.h>
#include <straylight/data.h>

static const char digits64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* ---- base64url ---- */

static str base64(struct arena *a, str in)
{
	struct buf b = {0};
	uint32_t held = 0;
	unsigned bits = 0;

	for (size_t i = 0; i < in.n; i++) {
		held = held << 8 | (unsigned char)in.p[i];
		for (bits += 8; bits >= 6; bits -= 6)
			buf_c(&b, digits64[held >> (bits - 6) & 63]);
	}
	if (bits)
		buf_c(&b, digits64[held << (6 - bits) & 63]);
	return buf_take(&b, a);
}

static bool unbase64(str in, struct buf *out)
{
	uint32_t held = 0;
	unsigned bits = 0;

	for (size_t i = 0; i < in.n; i++) {
		const char *at = memchr(digits64, in.p[i], 64);

		if (!at)
			return false;
		held = held << 6 | (uint32_t)(at - digits64);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			buf_c(out, (char)(held >> bits));
		}
	}
	return bits < 6 && (held & ((1u << bits) - 1)) == 0;
}

/* ---- CBOR to data ---- */

struct reader {
	struct arena *mem;
	struct cbor in;
	struct diags *diags;
	const char *floor;
	bool failed;
};

static const struct data *read_item(struct reader *);

static const struct data *fail(struct reader *r, const char *why)
{
	if (!r->failed) {
		struct diag *d = diag_error(r->diags, DIAG_DATA_FORM, NO_SPAN, "%s has no form in JSON", why);

		diag_hint(r->diags, d, "write CBOR, without --json");
	}
	r->failed = true;
	return NULL;
}

static struct data *made(struct reader *r, enum data_kind kind)
{
	struct data *d = arena_make(r->mem, struct data);

	d->kind = kind;
	return d;
}

static const struct data *number(struct reader *r, struct num n)
{
	struct data *d = made(r, DATA_NUMBER);
	struct buf b = {0};

	num_print(n, &b);
	d->text = buf_take(&b, r->mem);
	return d;
}

static const struct data *integer(struct reader *r, const struct cbor_item *head)
{
	unsigned char bytes[8];

	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(head->n >> (56 - 8 * i));
	/* the magnitude of a negative one is n + 1 */
	if (head->major == CBOR_NINT)
		return number(r, num_sub(r->mem, num_small(-1), num_from_bytes(r->mem, str_of((char *)bytes, 8), false)));
	return number(r, num_from_bytes(r->mem, str_of((char *)bytes, 8), false));
}

static const struct data *tagged(struct reader *r, uint64_t tag)
{
	struct cbor_item item;
	struct num n;

	if (tag == 4) /* a decimal fraction: its array says all */
		return read_item(r);
	if ((tag != 2 && tag != 3) || !cbor_next(&r->in, &item) || item.major != CBOR_BYTES)
		return fail(r, "a tag");
	n = num_from_bytes(r->mem, item.bytes, false);
	return number(r, tag == 3 ? num_sub(r->mem, num_small(-1), n) : n);
}

static const struct data *simple(struct reader *r, const struct cbor_item *head)
{
	struct data *d;
	struct buf b = {0};
	double x;

	if (head->info == 22)
		return made(r, DATA_NULL);
	if (head->info == 20 || head->info == 21) {
		d = made(r, DATA_BOOL);
		d->truth = head->info == 21;
		return d;
	}
	x = cbor_float(head);
	if (!isfinite(x))
		return fail(r, isnan(x) ? "NaN" : "an infinity");
	num_print_double(x, &b);
	d = made(r, DATA_NUMBER);
	d->text = buf_take(&b, r->mem);
	return d;
}

static const struct data *parts(struct reader *r, const struct cbor_item *head)
{
	bool named = head->major == CBOR_MAP;
	struct data *d = made(r, named ? DATA_OBJECT : DATA_LIST);
	str *keys = named ? arena_array(r->mem, str, head->n) : NULL;

	d->items = arena_array(r->mem, const struct data *, head->n);
	d->keys = keys;
	for (; d->n < head->n; d->n++) {
		if (named)
			keys[d->n] = cbor_get_text(&r->in);
		d->items[d->n] = read_item(r);
		if (!d->items[d->n])
			return NULL;
	}
	return d;
}

static const struct data *read_item(struct reader *r)
{
	struct cbor_item head;
	struct data *d;

	if (stack_low(r->floor))
		return fail(r, "an expression that is nested that deep");
	if (!cbor_next(&r->in, &head))
		return fail(r, "this encoding");
	switch (head.major) {
	case CBOR_UINT:
	case CBOR_NINT: return integer(r, &head);
	case CBOR_BYTES:
	case CBOR_TEXT:
		d = made(r, DATA_TEXT);
		d->text = head.major == CBOR_TEXT ? head.bytes : base64(r->mem, head.bytes);
		return d;
	case CBOR_ARRAY:
	case CBOR_MAP: return parts(r, &head);
	case CBOR_TAG: return tagged(r, head.n);
	case CBOR_SIMPLE: return simple(r, &head);
	}
	return NULL;
}

const struct data *data_of_cbor(struct arena *a, str cbor, struct diags *diags)
{
	struct reader r = {.mem = a, .in = cbor_over(str_dup(a, cbor)), .diags = diags, .floor = stack_floor()};

	return read_item(&r);
}

/* ---- data to CBOR ---- */

struct writer {
	struct buf *out;
	struct diags *diags;
	struct arena scratch;
	const char *floor;
};

/* What stands at `i` of an array that begins with this label is a byte string, or a decimal fraction. */
static bool is_label(const struct data *list, const char *label)
{
	return list->n && list->items[0]->kind == DATA_NUMBER && str_eq(list->items[0]->text, str_c(label));
}

static bool write_error(struct writer *w, const char *what)
{
	struct diag *d = diag_error(w->diags, DIAG_DATA_CBOR, NO_SPAN, "%s", what);

	diag_hint(w->diags, d, "'dhall encode --json' writes what is read here");
	return false;
}

static bool write_number(struct writer *w, str s)
{
	bool negative = str_starts(s, S("-"));
	str digits = str_from(s, negative), bytes;
	struct num n;
	uint64_t word = 0;

	if (str_find(s, '.') < s.n || str_find(s, 'e') < s.n || str_find(s, 'E') < s.n) {
		cbor_double(w->out, strtod(str_dup(&w->scratch, s).p, NULL));
		return true;
	}
	n = num_parse(&w->scratch, digits, 10);
	if (negative && num_sign(n) == 0) {
		cbor_uint(w->out, 0);
		return true;
	}
	bytes = num_bytes(&w->scratch, negative ? num_sub(&w->scratch, n, num_small(1)) : n);
	if (bytes.n > 8) {
		cbor_tag(w->out, negative ? 3 : 2);
		cbor_bytes(w->out, bytes);
		return true;
	}
	for (size_t i = 0; i < bytes.n; i++)
		word = word << 8 | (unsigned char)bytes.p[i];
	cbor_head(w->out, negative ? CBOR_NINT : CBOR_UINT, word);
	return true;
}

static bool write_bytes(struct writer *w, const struct data *d)
{
	struct buf b = {0};
	bool ok = unbase64(d->text, &b);

	if (ok)
		cbor_bytes(w->out, buf_view(&b));
	buf_free(&b);
	return ok || write_error(w, "a byte string is not base64url without padding");
}

static bool write_item(struct writer *w, const struct data *d)
{
	bool bytes, fraction, ok = true;

	if (stack_low(w->floor))
		return write_error(w, "the JSON text is nested too deep");
	switch (d->kind) {
	case DATA_NULL: cbor_null(w->out); return true;
	case DATA_BOOL: cbor_bool(w->out, d->truth); return true;
	case DATA_NUMBER: return write_number(w, d->text);
	case DATA_TEXT: cbor_text(w->out, d->text); return true;
	case DATA_LIST:
		bytes = is_label(d, "33") || is_label(d, "24");
		fraction = is_label(d, "31");
		cbor_array(w->out, d->n);
		for (size_t i = 0; i < d->n && ok; i++) {
			if (i == 3 && fraction)
				cbor_tag(w->out, 4);
			ok = i == 1 && bytes && d->items[i]->kind == DATA_TEXT ? write_bytes(w, d->items[i]) : write_item(w, d->items[i]);
		}
		return ok;
	case DATA_OBJECT:
		cbor_map(w->out, d->n);
		for (size_t i = 0; i < d->n && ok; i++) {
			cbor_text(w->out, d->keys[i]);
			ok = write_item(w, d->items[i]);
		}
		return ok;
	}
	return false;
}

bool data_cbor(const struct data *d, struct diags *diags, struct buf *out)
{
	struct writer w = {.out = out, .diags = diags, .floor = stack_floor()};
	bool ok = write_item(&w, d);

	arena_clear(&w.scratch);
	return ok;
}
