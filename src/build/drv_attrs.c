/* __structuredAttrs: all attributes as one JSON file, and as a file for bash of what bash can hold. */
#include "drv_start.h"

#include <straylight/data.h>

#include <math.h>
#include <stdlib.h>

#define INT_LIMIT 2147483647.0 /* what Nix can write for bash as an integer */

struct attrs {
	const struct drv *drv;
	struct valids *valids;
	const struct valid *const *inputs;
	size_t ninputs;
	struct arena *arena;
	struct diags *diags;
};

/* ---- data ---- */

static struct data *made(struct attrs *s, enum data_kind kind, size_t n)
{
	struct data *d = arena_make(s->arena, struct data);

	d->kind = kind;
	d->items = arena_array(s->arena, const struct data *, n);
	d->keys = kind == DATA_OBJECT ? arena_array(s->arena, str, n) : NULL;
	return d;
}

static const struct data *text_data(struct attrs *s, str text)
{
	struct data *d = made(s, DATA_TEXT, 0);

	d->text = text;
	return d;
}

static const struct data *number_data(struct attrs *s, uint64_t n)
{
	struct data *d = made(s, DATA_NUMBER, 0);

	d->text = str_fmt(s->arena, "%llu", (unsigned long long)n);
	return d;
}

/* The last of equal keys counts; there is room for it. */
static void set(struct data *object, str key, const struct data *value)
{
	size_t i = 0;

	while (i < object->n && !str_eq(object->keys[i], key))
		i++;
	if (i == object->n)
		object->n++;
	((str *)(uintptr_t)object->keys)[i] = key;
	object->items[i] = value;
}

const struct data *drv_attr(const struct data *object, str key)
{
	for (size_t i = 0; object && object->kind == DATA_OBJECT && i < object->n; i++)
		if (str_eq(object->keys[i], key))
			return object->items[i];
	return NULL;
}

/* ---- JSON, as Nix writes it: keys sorted, no space ---- */

struct field {
	str key;
	const struct data *value;
};

static int by_key(const void *a, const void *b)
{
	return str_cmp(((const struct field *)a)->key, ((const struct field *)b)->key);
}

static const struct field *sorted(struct attrs *s, const struct data *object)
{
	struct field *fields = arena_array(s->arena, struct field, object->n);

	for (size_t i = 0; i < object->n; i++)
		fields[i] = (struct field){object->keys[i], object->items[i]};
	if (object->n)
		qsort(fields, object->n, sizeof *fields, by_key);
	return fields;
}

static bool is_real(str number)
{
	return str_find(number, '.') < number.n || str_find(number, 'e') < number.n || str_find(number, 'E') < number.n;
}

static double value_of(struct attrs *s, const struct data *number)
{
	return strtod(str_dup(s->arena, number->text).p, NULL);
}

static void write_number(struct attrs *s, const struct data *d, struct buf *out)
{
	struct buf text = {0};
	struct json j = json_to(&text);

	if (!is_real(d->text)) {
		buf_str(out, d->text);
		return;
	}
	json_double(&j, value_of(s, d));
	buf_str(out, buf_view(&text));
	if (!is_real(buf_view(&text)))
		buf_lit(out, ".0");
	buf_free(&text);
}

/* The reader has bounded the depth. */
static void write_json(struct attrs *s, const struct data *d, struct buf *out)
{
	const struct field *fields;

	switch (d->kind) {
	case DATA_NULL: buf_lit(out, "null"); break;
	case DATA_BOOL: buf_str(out, d->truth ? S("true") : S("false")); break;
	case DATA_NUMBER: write_number(s, d, out); break;
	case DATA_TEXT: json_quote(out, d->text); break;
	case DATA_LIST:
		buf_c(out, '[');
		for (size_t i = 0; i < d->n; i++) {
			if (i)
				buf_c(out, ',');
			write_json(s, d->items[i], out);
		}
		buf_c(out, ']');
		break;
	case DATA_OBJECT:
		fields = sorted(s, d);
		buf_c(out, '{');
		for (size_t i = 0; i < d->n; i++) {
			if (i)
				buf_c(out, ',');
			json_quote(out, fields[i].key);
			buf_c(out, ':');
			write_json(s, fields[i].value, out);
		}
		buf_c(out, '}');
		break;
	}
}

/* ---- bash ---- */

static void write_quoted(str s, struct buf *out)
{
	buf_c(out, '\'');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\'')
			buf_lit(out, "'\\''");
		else
			buf_c(out, s.p[i]);
	}
	buf_c(out, '\'');
}

/* Nix makes an int of it; what has more than 32 bits loses them. */
static bool write_integer(struct attrs *s, const struct data *d, struct buf *out)
{
	double v = value_of(s, d);

	if (!is_real(d->text))
		v = (int32_t)(uint32_t)strtoll(str_dup(s->arena, d->text).p, NULL, 10);
	else if (floor(v) != v || fabs(v) > INT_LIMIT)
		return false;
	buf_fmt(out, "%d", (int)v);
	return true;
}

/* A value that is one word; false for all others. */
static bool write_word(struct attrs *s, const struct data *d, struct buf *out)
{
	switch (d->kind) {
	case DATA_TEXT: write_quoted(d->text, out); return true;
	case DATA_NULL: buf_lit(out, "''"); return true;
	case DATA_BOOL: buf_str(out, d->truth ? S("1") : S("")); return true;
	case DATA_NUMBER: return write_integer(s, d, out);
	case DATA_LIST:
	case DATA_OBJECT: break;
	}
	return false;
}

static bool write_words(struct attrs *s, const struct data *list, struct buf *out)
{
	for (size_t i = 0; i < list->n; i++) {
		if (!write_word(s, list->items[i], out))
			return false;
		buf_c(out, ' ');
	}
	return true;
}

static bool write_fields(struct attrs *s, const struct data *object, struct buf *out)
{
	const struct field *fields = sorted(s, object);

	for (size_t i = 0; i < object->n; i++) {
		buf_c(out, '[');
		write_quoted(fields[i].key, out);
		buf_lit(out, "]=");
		if (!write_word(s, fields[i].value, out))
			return false;
		buf_c(out, ' ');
	}
	return true;
}

static bool is_name(str key)
{
	for (size_t i = 0; i < key.n; i++) {
		char c = key.p[i], low = (char)(c | 0x20);

		if (!(low >= 'a' && low <= 'z') && c != '_' && !(i > 0 && c >= '0' && c <= '9'))
			return false;
	}
	return key.n > 0;
}

static void declare(struct buf *out, const char *how, str key, const char *open, str value, const char *close)
{
	buf_fmt(out, "declare %s%.*s=%s", how, STR_ARG(key), open);
	buf_str(out, value);
	buf_fmt(out, "%s\n", close);
}

static void write_bash(struct attrs *s, const struct data *top, struct buf *out)
{
	const struct field *fields = sorted(s, top);

	for (size_t i = 0; i < top->n; i++) {
		const struct data *d = fields[i].value;
		struct buf text = {0};

		if (!is_name(fields[i].key))
			continue;
		if (write_word(s, d, &text))
			declare(out, "", fields[i].key, "", buf_view(&text), "");
		else if (d->kind == DATA_LIST && write_words(s, d, &text))
			declare(out, "-a ", fields[i].key, "(", buf_view(&text), ")");
		else if (d->kind == DATA_OBJECT && write_fields(s, d, &text))
			declare(out, "-A ", fields[i].key, "(", buf_view(&text), ")");
		buf_free(&text);
	}
}

/* ---- what Nix adds ---- */

static void add_outputs(struct attrs *s, struct data *top)
{
	const struct drv *d = s->drv;
	struct data *outputs = made(s, DATA_OBJECT, d->noutputs);

	for (size_t i = 0; i < d->noutputs; i++)
		set(outputs, d->outputs[i].name, text_data(s, d->outputs[i].path));
	set(top, S("outputs"), outputs);
}

static const struct data *path_data(struct attrs *s, const struct valid *v)
{
	struct data *o = made(s, DATA_OBJECT, 6), *refs = made(s, DATA_LIST, v->nrefs);
	const struct valid *const *closure;
	uint64_t size = 0;
	size_t n;

	closure = valids_closure(s->valids, &v->path, 1, s->arena, &n);
	for (size_t i = 0; i < n; i++)
		size += closure[i]->nar_size;
	for (refs->n = 0; refs->n < v->nrefs; refs->n++)
		refs->items[refs->n] = text_data(s, v->refs[refs->n]);
	set(o, S("path"), text_data(s, v->path));
	set(o, S("narHash"), text_data(s, nix_hash_str(s->arena, &v->nar_hash, NIX_BASE32, true)));
	set(o, S("narSize"), number_data(s, v->nar_size));
	set(o, S("references"), refs);
	set(o, S("closureSize"), number_data(s, size));
	if (v->ca.n)
		set(o, S("ca"), text_data(s, v->ca));
	return o;
}

/* The paths of one graph: a text or a list of them, each an input. */
static bool graph_paths(struct attrs *s, const struct data *v, str *paths, size_t *n)
{
	size_t count = v->kind == DATA_LIST ? v->n : 1;
	struct buf ignored = {0};
	bool ok = true;

	for (*n = 0; ok && *n < count; ++*n) {
		const struct data *p = v->kind == DATA_LIST ? v->items[*n] : v;

		ok = p->kind == DATA_TEXT && storepath_top(S(NIX_STORE_DIR), p->text, &paths[*n]) &&
				drv_graph_text(s->valids, paths[*n], s->inputs, s->ninputs, s->arena, &ignored);
	}
	buf_free(&ignored);
	return ok;
}

static bool add_graph(struct attrs *s, struct data *top, str key, const struct data *v)
{
	str *paths = arena_array(s->arena, str, v->kind == DATA_LIST ? v->n : 1);
	const struct valid *const *closure;
	struct data *list;
	size_t n;

	if (!graph_paths(s, v, paths, &n)) {
		drv_attribute_error(s->drv, s->diags, "'%.*s' of 'exportReferencesGraph' names a path that is none of the inputs",
				STR_ARG(key));
		return false;
	}
	closure = valids_closure(s->valids, paths, n, s->arena, &n);
	list = made(s, DATA_LIST, n);
	for (list->n = 0; list->n < n; list->n++)
		list->items[list->n] = path_data(s, closure[list->n]);
	set(top, key, list);
	return true;
}

const struct data *drv_attrs_read(const struct drv *d, struct arena *a, struct diags *diags)
{
	const struct data *top = data_read_json(a, 0, drv_variable(d, S("__json")), diags);

	if (top && top->kind == DATA_OBJECT)
		return top;
	drv_attribute_error(d, diags, "'__json' is no JSON object");
	return NULL;
}

bool drv_attrs_files(struct drv_start *start, const struct drv *d, struct valids *valids, const struct valid *const *inputs,
		size_t ninputs, struct arena *a, struct diags *diags)
{
	struct attrs s = {d, valids, inputs, ninputs, a, diags};
	const struct data *given = drv_attrs_read(d, a, diags), *graphs = drv_attr(given, S("exportReferencesGraph"));
	size_t ngraphs = graphs && graphs->kind == DATA_OBJECT ? graphs->n : 0;
	struct buf json = {0}, bash = {0};
	struct data *top;

	if (!given)
		return false;
	top = made(&s, DATA_OBJECT, given->n + 1 + ngraphs);
	for (size_t i = 0; i < given->n; i++)
		set(top, given->keys[i], given->items[i]);
	add_outputs(&s, top);
	for (size_t i = 0; i < ngraphs; i++)
		if (!add_graph(&s, top, graphs->keys[i], graphs->items[i]))
			return false;
	write_json(&s, top, &json);
	write_bash(&s, top, &bash);
	drv_start_file(start, S(".attrs.json"), drv_rewrite(d, buf_take(&json, a), a), a);
	drv_start_file(start, S(".attrs.sh"), drv_rewrite(d, buf_take(&bash, a), a), a);
	return true;
}
