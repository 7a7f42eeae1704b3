#include "toolchain.h"

struct toolchain *toolchain_ref(struct toolchain *t)
{
	t->refs++;
	return t;
}

void toolchain_unref(struct toolchain *t)
{
	if (!t || --t->refs)
		return;
	tree_unref(t->tree);
	arena_clear(&t->arena);
	mem_free(t);
}

str toolchain_tool(const struct toolchain *t, str name)
{
	for (uint32_t i = 0; i < t->rendered.ntools; i++)
		if (str_eq(t->rendered.tools[i].name, name))
			return t->rendered.tools[i].value;
	return (str){NULL, 0};
}

const struct flag_list *toolchain_flags(const struct toolchain *t, str category)
{
	for (uint32_t i = 0; i < t->rendered.nflags; i++)
		if (str_eq(t->rendered.flags[i].category, category))
			return &t->rendered.flags[i];
	return NULL;
}

/* ---- copying and encoding ---- */

static const str *copy_texts(const str *in, uint32_t n, struct arena *a)
{
	str *out = arena_array(a, str, n);

	for (uint32_t i = 0; i < n; i++)
		out[i] = str_dup(a, in[i]);
	return out;
}

static const struct named_text *copy_named(const struct named_text *in, uint32_t n, struct arena *a)
{
	struct named_text *out = arena_array(a, struct named_text, n);

	for (uint32_t i = 0; i < n; i++)
		out[i] = (struct named_text){str_dup(a, in[i].name), str_dup(a, in[i].value)};
	return out;
}

struct rendered rendered_copy(const struct rendered *r, struct arena *a)
{
	struct rendered out = *r;
	struct flag_list *flags = arena_array(a, struct flag_list, r->nflags);
	struct bytes *bytes = arena_array(a, struct bytes, r->nbytes);

	out.name = str_dup(a, r->name);
	for (uint32_t i = 0; i < r->nbytes; i++) {
		const struct bytes *b = &r->bytes[i];

		bytes[i] = *b;
		bytes[i].where = str_dup(a, b->where);
		bytes[i].compilers = copy_texts(b->compilers, b->ncompilers, a);
		bytes[i].languages = copy_texts(b->languages, b->nlanguages, a);
		bytes[i].packages = copy_texts(b->packages, b->npackages, a);
		bytes[i].programs = copy_texts(b->programs, b->nprograms, a);
	}
	out.bytes = bytes;
	out.tools = copy_named(r->tools, r->ntools, a);
	out.env = copy_named(r->env, r->nenv, a);
	for (uint32_t i = 0; i < r->nflags; i++) {
		flags[i].category = str_dup(a, r->flags[i].category);
		flags[i].flags = copy_texts(r->flags[i].flags, r->flags[i].n, a);
		flags[i].n = r->flags[i].n;
	}
	out.flags = flags;
	return out;
}

static void put_texts(struct buf *b, const str *in, uint32_t n)
{
	cbor_array(b, n);
	for (uint32_t i = 0; i < n; i++)
		cbor_text(b, in[i]);
}

static void put_named(struct buf *b, const struct named_text *in, uint32_t n)
{
	cbor_array(b, (uint64_t)n * 2);
	for (uint32_t i = 0; i < n; i++) {
		cbor_text(b, in[i].name);
		cbor_text(b, in[i].value);
	}
}

void bytes_encode(const struct bytes *b, struct buf *out)
{
	cbor_array(out, 6);
	cbor_uint(out, b->kind);
	put_texts(out, b->compilers, b->ncompilers);
	put_texts(out, b->languages, b->nlanguages);
	put_texts(out, b->packages, b->npackages);
	put_texts(out, b->programs, b->nprograms);
	cbor_text(out, b->where);
}

void rendered_encode(const struct rendered *r, struct buf *out)
{
	cbor_array(out, 5);
	cbor_text(out, r->name);
	cbor_array(out, r->nbytes);
	for (uint32_t i = 0; i < r->nbytes; i++)
		bytes_encode(&r->bytes[i], out);
	put_named(out, r->tools, r->ntools);
	cbor_array(out, (uint64_t)r->nflags * 2);
	for (uint32_t i = 0; i < r->nflags; i++) {
		cbor_text(out, r->flags[i].category);
		put_texts(out, r->flags[i].flags, r->flags[i].n);
	}
	put_named(out, r->env, r->nenv);
}
