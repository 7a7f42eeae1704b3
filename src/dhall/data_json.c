/* Reading JSON (RFC 8259). */
#include <straylight/base/utf8.h>
#include <straylight/data.h>

struct reader {
	struct arena *mem;
	str text;
	size_t at;
	unsigned depth;
	uint32_t file;
	struct diags *diags;
	struct buf bytes;
};

static const struct data *value(struct reader *);

/* Always NULL, and false for those that ask so. */
static const struct data *fail(struct reader *r, size_t lo, size_t hi, const char *what, const char *hint)
{
	struct span at = {r->file, (uint32_t)lo, (uint32_t)(hi < r->text.n ? hi : r->text.n)};
	struct diag *d = diag_error(r->diags, DIAG_DATA_SYNTAX, at, "%s", what);

	diag_hint(r->diags, d, "%s", hint);
	return NULL;
}

static char peek(const struct reader *r)
{
	return r->at < r->text.n ? r->text.p[r->at] : '\0';
}

static void space(struct reader *r)
{
	while (r->at < r->text.n && memchr(" \t\r\n", r->text.p[r->at], 4))
		r->at++;
}

static bool take(struct reader *r, char c)
{
	if (peek(r) != c || r->at == r->text.n)
		return false;
	r->at++;
	return true;
}

static struct data *made(struct reader *r, enum data_kind kind, size_t lo)
{
	struct data *d = arena_make(r->mem, struct data);

	d->kind = kind;
	d->lo = (uint32_t)lo;
	d->hi = (uint32_t)r->at;
	return d;
}

/* ---- texts ---- */

static bool hex4(struct reader *r, uint32_t *out)
{
	*out = 0;
	for (unsigned i = 0; i < 4; i++) {
		char c = peek(r);

		if (c >= '0' && c <= '9')
			*out = *out * 16 + (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			*out = *out * 16 + (uint32_t)((c | 0x20) - 'a' + 10);
		else
			return false;
		r->at++;
	}
	return true;
}

/* Behind \u; a high surrogate takes its low one with it. */
static bool unicode(struct reader *r)
{
	uint32_t cp, low;

	if (!hex4(r, &cp) || (cp >= 0xdc00 && cp <= 0xdfff))
		return false;
	if (cp >= 0xd800 && cp <= 0xdbff) {
		if (!take(r, '\\') || !take(r, 'u') || !hex4(r, &low) || low < 0xdc00 || low > 0xdfff)
			return false;
		cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
	}
	utf8_put(&r->bytes, cp);
	return true;
}

static bool escape(struct reader *r)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;

	if (take(r, 'u'))
		return unicode(r);
	at = r->at < r->text.n ? memchr(from, peek(r), sizeof from - 1) : NULL;
	if (!at)
		return false;
	buf_c(&r->bytes, to[at - from]);
	r->at++;
	return true;
}

/* A text from its opening quote on; p is NULL after an error. */
static str string(struct reader *r)
{
	size_t lo = r->at++;

	r->bytes.n = 0;
	for (;;) {
		size_t from = r->at;

		while (r->at < r->text.n && (unsigned char)r->text.p[r->at] >= 0x20 && r->text.p[r->at] != '"' &&
				r->text.p[r->at] != '\\')
			r->at++;
		buf_add(&r->bytes, r->text.p + from, r->at - from);
		if (take(r, '"'))
			return str_dup(r->mem, buf_view(&r->bytes));
		from = r->at;
		if (take(r, '\\')) {
			if (escape(r))
				continue;
			fail(r, from, r->at + 1, "this escape is none of JSON's", "JSON has \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX");
		} else if (r->at < r->text.n) {
			fail(r, from, from + 1, "a control character stands in a text", "write it as an escape: \\n, \\t, \\uXXXX");
		} else {
			fail(r, lo, lo + 1, "this text does not end", "a text ends with '\"'");
		}
		return (str){NULL, 0};
	}
}

/* ---- numbers ---- */

static size_t digits(struct reader *r)
{
	size_t from = r->at;

	while (peek(r) >= '0' && peek(r) <= '9')
		r->at++;
	return r->at - from;
}

static const struct data *number(struct reader *r)
{
	size_t lo = r->at, whole;
	struct data *d;
	bool zero, ok;

	take(r, '-');
	zero = peek(r) == '0';
	whole = digits(r);
	ok = whole && !(zero && whole > 1);
	if (ok && take(r, '.'))
		ok = digits(r) > 0;
	if (ok && (take(r, 'e') || take(r, 'E'))) {
		if (!take(r, '-'))
			take(r, '+');
		ok = digits(r) > 0;
	}
	if (!ok)
		return fail(r, lo, r->at + (r->at == lo), "this is no number of JSON", "numbers are written like 0, -12, 1.5 or 2e10");
	d = made(r, DATA_NUMBER, lo);
	d->text = str_dup(r->mem, str_of(r->text.p + lo, r->at - lo));
	return d;
}

/* ---- lists and objects ---- */

struct parts {
	VEC(const struct data *) items;
	VEC(str) keys;
	struct map at; /* keys to their places + 1 */
};

static void parts_free(struct parts *p)
{
	vec_free(&p->items);
	vec_free(&p->keys);
	map_free(&p->at);
}

static bool key(struct reader *r, struct parts *p, size_t *place)
{
	str name;
	void **slot;
	bool fresh;

	if (peek(r) != '"') {
		fail(r, r->at, r->at + 1, "a field's name was expected here", "names of fields stand in double quotes");
		return false;
	}
	name = string(r);
	if (!name.p)
		return false;
	slot = map_slot(&p->at, name, &fresh);
	if (fresh) {
		vec_push(&p->keys, name);
		vec_push(&p->items, NULL);
		*slot = (void *)(uintptr_t)p->keys.n;
	}
	*place = (size_t)(uintptr_t)*slot - 1;
	space(r);
	if (take(r, ':'))
		return true;
	fail(r, r->at, r->at + 1, "':' was expected here", "an object is written { \"name\": value, … }");
	return false;
}

/* Of equal names the last one counts. */
static bool members(struct reader *r, struct parts *p, char close)
{
	const struct data *item;
	size_t place = 0;

	space(r);
	if (take(r, close))
		return true;
	for (;;) {
		space(r);
		if (close == '}' && !key(r, p, &place))
			return false;
		item = value(r);
		if (!item)
			return false;
		if (close == '}')
			p->items.p[place] = item;
		else
			vec_push(&p->items, item);
		space(r);
		if (take(r, close))
			return true;
		if (!take(r, ',')) {
			fail(r, r->at, r->at + 1, close == '}' ? "',' or '}' was expected here" : "',' or ']' was expected here",
					"commas stand between the parts, none behind the last one");
			return false;
		}
	}
}

static const struct data *compound(struct reader *r, char close)
{
	struct parts p = {0};
	struct data *d = NULL;
	size_t lo = r->at++;

	if (r->depth++ >= DATA_DEPTH_MAX)
		return fail(r, lo, lo + 1, "lists and objects are nested too deep here", "at most 1000 levels are read");
	if (members(r, &p, close)) {
		d = made(r, close == '}' ? DATA_OBJECT : DATA_LIST, lo);
		d->n = p.items.n;
		d->items = arena_array(r->mem, const struct data *, d->n);
		d->keys = close == '}' ? arena_array(r->mem, str, d->n) : NULL;
		for (size_t i = 0; i < d->n; i++)
			d->items[i] = p.items.p[i];
		for (size_t i = 0; i < p.keys.n; i++)
			((str *)(uintptr_t)d->keys)[i] = p.keys.p[i];
	}
	parts_free(&p);
	r->depth--;
	return d;
}

static const struct data *word(struct reader *r)
{
	static const struct {
		const char *text;
		enum data_kind kind;
		bool truth;
	} words[] = {{"null", DATA_NULL, false}, {"true", DATA_BOOL, true}, {"false", DATA_BOOL, false}};
	struct data *d;
	size_t lo = r->at;

	for (size_t i = 0; i < SL_COUNT(words); i++) {
		if (!str_starts(str_from(r->text, lo), str_c(words[i].text)))
			continue;
		r->at += strlen(words[i].text);
		d = made(r, words[i].kind, lo);
		d->truth = words[i].truth;
		return d;
	}
	return fail(r, lo, lo + 1, lo < r->text.n ? "a value was expected here" : "a value was expected here, and the text ends",
			"values are null, true, false, numbers, \"texts\", [ lists ] and { objects }");
}

static const struct data *value(struct reader *r)
{
	struct data *d;
	size_t lo;
	str s;

	space(r);
	lo = r->at;
	switch (peek(r)) {
	case '{': return compound(r, '}');
	case '[': return compound(r, ']');
	case '"':
		s = string(r);
		if (!s.p)
			return NULL;
		d = made(r, DATA_TEXT, lo);
		d->text = s;
		return d;
	case '-': return number(r);
	default: return peek(r) >= '0' && peek(r) <= '9' ? number(r) : word(r);
	}
}

const struct data *data_read_json(struct arena *a, uint32_t file, str text, struct diags *diags)
{
	struct reader r = {.mem = a, .text = text, .file = file, .diags = diags};
	size_t bad = utf8_check(text);
	const struct data *d;

	if (bad < text.n)
		return fail(&r, bad, bad + 1, "this byte is not UTF-8", "JSON is written in UTF-8");
	d = value(&r);
	space(&r);
	if (d && r.at < text.n)
		d = fail(&r, r.at, r.at + 1, "something stands behind the value", "a file holds one JSON value");
	buf_free(&r.bytes);
	return d;
}
