#include "migrate_int.h"

bool value_get(struct fixing *f, dh_val record, const char *name, dh_val *out)
{
	return dh_field(f->s->dhall, record, intern_c(name), out);
}

bool value_has(struct fixing *f, dh_val record, const char *name)
{
	dh_val v;

	return value_get(f, record, name, &v);
}

str value_text(struct fixing *f, dh_val record, const char *name)
{
	dh_val v;
	str text = {0};

	return value_get(f, record, name, &v) && dh_text(f->s->dhall, v, &text) ? text : (str){0};
}

bool value_says(struct fixing *f, dh_val record, const char *name, bool wanted)
{
	dh_val v;
	bool is = false;

	return value_get(f, record, name, &v) && dh_bool(f->s->dhall, v, &is) && is == wanted;
}

bool value_is_none(struct fixing *f, dh_val record, const char *name)
{
	dh_val v, inner;
	bool some = true;

	return value_get(f, record, name, &v) && dh_optional(f->s->dhall, v, &some, &inner) && !some;
}

str value_some(struct fixing *f, dh_val record, const char *name)
{
	dh_val v, inner;
	bool some = false;
	str text = {0};

	if (!value_get(f, record, name, &v) || !dh_optional(f->s->dhall, v, &some, &inner) || !some ||
			!dh_text(f->s->dhall, inner, &text))
		return (str){0};
	return text.p ? text : S("");
}

void value_texts(struct fixing *f, dh_val record, const char *name, text_list *out)
{
	dh_val list, item;
	size_t n = 0;
	str text = {0};

	if (!value_get(f, record, name, &list) || !dh_list(f->s->dhall, list, &n))
		return;
	for (size_t i = 0; i < n; i++)
		if (dh_item(f->s->dhall, list, i, &item) && dh_text(f->s->dhall, item, &text))
			vec_push(out, str_dup(f->a, text));
}

size_t value_length(struct fixing *f, dh_val record, const char *name)
{
	dh_val v;
	size_t n = 0;

	return value_get(f, record, name, &v) && dh_list(f->s->dhall, v, &n) ? n : 0;
}

bool value_output_names(struct fixing *f, dh_val record, text_list *out)
{
	size_t n = 0, before = out->n;
	dh_val list, item;
	str text = {0};

	if (!value_get(f, record, "outputs", &list) || !dh_list(f->s->dhall, list, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!dh_item(f->s->dhall, list, i, &item))
			continue;
		if (!dh_text(f->s->dhall, item, &text))
			text = value_text(f, item, "name");
		if (text.n)
			vec_push(out, str_dup(f->a, text));
	}
	if (out->n == before)
		vec_push(out, S("out"));
	return true;
}

static void value_outputs(struct fixing *f, dh_val payload, struct value_input *out)
{
	text_list list = {0};
	str *outputs;

	value_texts(f, payload, "outputs", &list);
	outputs = arena_array(f->a, str, list.n + 1);
	if (list.n)
		memcpy(outputs, list.p, list.n * sizeof *outputs);
	out->outputs = outputs;
	out->noutputs = list.n;
	vec_free(&list);
}

bool value_input(struct fixing *f, dh_val v, struct value_input *out)
{
	static const char *const names[] = {"Drv", "Src", "Store", "Fetch", "Nix"}; /* ORDER input_case */
	dh_val payload;
	sym name;
	unsigned kind = 0;

	*out = (struct value_input){0};
	if (!dh_case(f->s->dhall, v, &name, &payload) || !payload.v)
		return false;
	while (kind < SL_COUNT(names) && name != intern_c(names[kind]))
		kind++;
	if (kind == SL_COUNT(names))
		return false;
	out->kind = (enum input_case)kind;
	switch (out->kind) {
	case FROM_DRV:
		out->text = value_text(f, payload, "drv");
		value_outputs(f, payload, out);
		break;
	case FROM_SRC: return dh_text(f->s->dhall, payload, &out->text);
	case FROM_STORE:
		out->text = value_text(f, payload, "name");
		out->digest = value_text(f, payload, "digest");
		break;
	case FROM_FETCH:
		out->text = value_text(f, payload, "url");
		out->digest = value_some(f, payload, "sha256");
		break;
	case FROM_NIX: out->text = value_text(f, payload, "toNix"); break;
	}
	return true;
}

bool value_fixes_output(struct fixing *f, dh_val derivation)
{
	dh_val list, item;
	size_t n = 0;

	if (!value_get(f, derivation, "outputs", &list) || !dh_list(f->s->dhall, list, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (dh_item(f->s->dhall, list, i, &item) && value_some(f, item, "hash").p)
			return true;
	return false;
}
