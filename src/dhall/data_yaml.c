/* Reading YAML, by libyaml's events.  Plain scalars mean what YAML 1.2's core schema says: dates, `no`
 * and `on` are texts. */
#include <straylight/base/utf8.h>
#include <straylight/data.h>
#include <yaml.h>

struct level { /* a list or object that is open */
	struct data *made;
	VEC(const struct data *) items; /* of an object: keys and values in turn */
	str anchor;
};

struct cursor { /* libyaml counts characters */
	size_t index, at;
};

struct reader {
	struct arena *mem;
	str text;
	struct cursor start, end; /* of events: both only ever grow, but for errors */
	uint32_t file;
	struct diags *diags;
	yaml_parser_t parser;
	yaml_event_t event;
	VEC(struct level) levels;
	struct map anchors;
	const struct data *root;
	unsigned documents;
	bool failed;
};

static uint32_t offset(const struct reader *r, struct cursor *c, size_t index)
{
	if (index < c->index)
		*c = (struct cursor){0, 0};
	for (; c->index < index && c->at < r->text.n; c->index++) {
		c->at++;
		while (c->at < r->text.n && ((unsigned char)r->text.p[c->at] & 0xc0) == 0x80)
			c->at++;
	}
	return (uint32_t)c->at;
}

static void fail(struct reader *r, size_t lo, size_t hi, const char *what, const char *hint)
{
	struct diag *d = diag_error(r->diags, DIAG_DATA_SYNTAX, (struct span){r->file, (uint32_t)lo, (uint32_t)hi}, "%s", what);

	diag_hint(r->diags, d, "%s", hint);
	r->failed = true;
}

static void fail_here(struct reader *r, const char *what, const char *hint)
{
	fail(r, offset(r, &r->start, r->event.start_mark.index), offset(r, &r->end, r->event.end_mark.index), what, hint);
}

static struct data *made(struct reader *r, enum data_kind kind)
{
	struct data *d = arena_make(r->mem, struct data);

	d->kind = kind;
	d->lo = offset(r, &r->start, r->event.start_mark.index);
	d->hi = offset(r, &r->end, r->event.end_mark.index);
	return d;
}

/* ---- scalars ---- */

static bool is_one_of(str s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(s, str_c(words[i])))
			return true;
	return false;
}

#define ONE_OF(s, ...) \
	is_one_of((s), (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static size_t skip_digits(str s, size_t at)
{
	while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
		at++;
	return at;
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool is_number(str s)
{
	size_t at = s.n && (s.p[0] == '-' || s.p[0] == '+'), whole = skip_digits(s, at), part;
	bool some = whole > at;

	at = whole;
	if (at < s.n && s.p[at] == '.') {
		part = skip_digits(s, at + 1);
		some = some || part > at + 1;
		at = part;
	}
	if (!some)
		return false;
	if (at < s.n && (s.p[at] == 'e' || s.p[at] == 'E')) {
		at++;
		at += at < s.n && (s.p[at] == '-' || s.p[at] == '+');
		part = skip_digits(s, at);
		if (part == at)
			return false;
		at = part;
	}
	return at == s.n;
}

/* As JSON spells it: no plus, no needless zeros before, digits on both sides of the point. */
static str number_text(struct reader *r, str s)
{
	struct buf b = {0};
	bool negative = s.p[0] == '-';
	size_t at = negative || s.p[0] == '+', end;

	while (at + 1 < s.n && s.p[at] == '0' && s.p[at + 1] >= '0' && s.p[at + 1] <= '9')
		at++;
	if (negative)
		buf_c(&b, '-');
	if (s.p[at] == '.')
		buf_c(&b, '0');
	end = skip_digits(s, at);
	buf_add(&b, s.p + at, end - at);
	at = end;
	if (at < s.n && s.p[at] == '.') {
		buf_c(&b, '.');
		end = skip_digits(s, at + 1);
		buf_add(&b, s.p + at + 1, end - at - 1);
		if (end == at + 1)
			buf_c(&b, '0');
		at = end;
	}
	buf_str(&b, str_from(s, at));
	return buf_take(&b, r->mem);
}

static const struct data *plain(struct reader *r, str s)
{
	struct data *d;
	const char *special = NULL;

	if (s.n == 0 || ONE_OF(s, "null", "Null", "NULL", "~"))
		return made(r, DATA_NULL);
	if (ONE_OF(s, "true", "True", "TRUE", "false", "False", "FALSE")) {
		d = made(r, DATA_BOOL);
		d->truth = (s.p[0] | 0x20) == 't';
		return d;
	}
	if (ONE_OF(s, ".nan", ".NaN", ".NAN"))
		special = "NaN";
	else if (ONE_OF(s, ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"))
		special = "Infinity";
	else if (ONE_OF(s, "-.inf", "-.Inf", "-.INF"))
		special = "-Infinity";
	if (!special && !is_number(s)) {
		d = made(r, DATA_TEXT);
		d->text = str_dup(r->mem, s);
		return d;
	}
	d = made(r, DATA_NUMBER);
	d->text = special ? str_c(special) : number_text(r, s);
	return d;
}

static const struct data *scalar(struct reader *r)
{
	str text = str_of((const char *)r->event.data.scalar.value, r->event.data.scalar.length);
	str tag = str_c((const char *)r->event.data.scalar.tag);
	struct data *d;

	if (r->event.data.scalar.plain_implicit && r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		return plain(r, text);
	if (tag.n && !str_eq(tag, S("tag:yaml.org,2002:str")) && !str_eq(tag, S("!")))
		fail_here(r, "tags are not read, but for !!str", "write the value without its tag");
	d = made(r, DATA_TEXT);
	d->text = str_dup(r->mem, text);
	return d;
}

/* ---- structure ---- */

static void name(struct reader *r, const yaml_char_t *anchor, const struct data *d)
{
	if (anchor)
		map_put(&r->anchors, str_dup(r->mem, str_c((const char *)anchor)), (void *)(uintptr_t)d);
}

static void add(struct reader *r, const struct data *d)
{
	struct level *top;

	if (!r->levels.n) {
		r->root = d;
		return;
	}
	top = &vec_last(&r->levels);
	if (top->made->kind == DATA_OBJECT && top->items.n % 2 == 0 && d->kind != DATA_TEXT && d->kind != DATA_NUMBER &&
			d->kind != DATA_BOOL) {
		fail_here(r, "the name of a field is no text here", "write names as texts");
		return;
	}
	vec_push(&top->items, d);
}

static void open_level(struct reader *r, enum data_kind kind, const yaml_char_t *anchor)
{
	struct level level = {.made = made(r, kind)};

	if (r->levels.n >= DATA_DEPTH_MAX) {
		fail_here(r, "lists and mappings are nested too deep here", "at most 1000 levels are read");
		return;
	}
	if (anchor)
		level.anchor = str_dup(r->mem, str_c((const char *)anchor));
	vec_push(&r->levels, level);
}

static str key_text(const struct data *d)
{
	return d->kind == DATA_BOOL ? (d->truth ? S("true") : S("false")) : d->text;
}

static void close_object(struct reader *r, struct level *l)
{
	struct map seen = {0};
	str *keys = arena_array(r->mem, str, l->items.n / 2);
	bool fresh;

	l->made->items = arena_array(r->mem, const struct data *, l->items.n / 2);
	l->made->keys = keys;
	for (size_t i = 0; i + 1 < l->items.n && !r->failed; i += 2) {
		const struct data *key = l->items.p[i];

		keys[l->made->n] = key_text(key);
		map_slot(&seen, keys[l->made->n], &fresh);
		if (!fresh)
			fail(r, key->lo, key->hi, "this name stands twice in its mapping", "names of a mapping are distinct");
		l->made->items[l->made->n++] = l->items.p[i + 1];
	}
	map_free(&seen);
}

static void close_level(struct reader *r)
{
	struct level l = vec_pop(&r->levels);

	l.made->hi = offset(r, &r->end, r->event.end_mark.index);
	if (l.made->kind == DATA_OBJECT) {
		close_object(r, &l);
	} else {
		l.made->items = arena_array(r->mem, const struct data *, l.items.n);
		for (; l.made->n < l.items.n; l.made->n++)
			l.made->items[l.made->n] = l.items.p[l.made->n];
	}
	vec_free(&l.items);
	if (l.anchor.n)
		map_put(&r->anchors, l.anchor, l.made);
	if (!r->failed)
		add(r, l.made);
}

static void alias(struct reader *r)
{
	const struct data *d = map_get(&r->anchors, str_c((const char *)r->event.data.alias.anchor));

	if (d)
		add(r, d);
	else
		fail_here(r, "no anchor of that name stands before this", "an alias names a part that is already whole");
}

static void event(struct reader *r)
{
	const struct data *d;

	switch (r->event.type) {
	case YAML_DOCUMENT_START_EVENT:
		if (++r->documents > 1)
			fail_here(r, "a second document begins here", "a file holds one document");
		break;
	case YAML_SCALAR_EVENT:
		d = scalar(r);
		name(r, r->event.data.scalar.anchor, d);
		if (!r->failed)
			add(r, d);
		break;
	case YAML_SEQUENCE_START_EVENT: open_level(r, DATA_LIST, r->event.data.sequence_start.anchor); break;
	case YAML_MAPPING_START_EVENT: open_level(r, DATA_OBJECT, r->event.data.mapping_start.anchor); break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT: close_level(r); break;
	case YAML_ALIAS_EVENT: alias(r); break;
	default: break;
	}
}

static void read_all(struct reader *r)
{
	bool more = true;

	while (more && !r->failed) {
		if (!yaml_parser_parse(&r->parser, &r->event)) {
			const char *why = r->parser.problem ? r->parser.problem : "this is no YAML";
			size_t at = offset(r, &r->start, r->parser.problem_mark.index);

			fail(r, at, at + 1, str_fmt(r->mem, "YAML cannot be read: %s", why).p, "YAML is read as its version 1.1 is written");
			return;
		}
		event(r);
		more = r->event.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&r->event);
	}
}

const struct data *data_read_yaml(struct arena *a, uint32_t file, str text, struct diags *diags)
{
	struct reader r = {.mem = a, .text = text, .file = file, .diags = diags};
	size_t bad = utf8_check(text);

	if (bad < text.n) {
		fail(&r, bad, bad + 1, "this byte is not UTF-8", "only YAML in UTF-8 is read");
		return NULL;
	}
	if (!yaml_parser_initialize(&r.parser))
		mem_oom();
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text.p, text.n);
	read_all(&r);
	if (!r.failed && !r.root)
		fail(&r, 0, 0, "there is no document", "write one; 'null' stands for nothing");
	while (r.levels.n) {
		struct level l = vec_pop(&r.levels);

		vec_free(&l.items);
	}
	vec_free(&r.levels);
	map_free(&r.anchors);
	yaml_parser_delete(&r.parser);
	return r.failed ? NULL : r.root;
}
