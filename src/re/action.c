#include "re_int.h"

/* Action { Digest command = 1; Digest input_root = 2; Duration timeout = 6; do_not_cache = 7; bytes salt = 9;
 * Platform platform = 10; }
 * Command { arguments = 1; EnvironmentVariable { name = 1; value = 2; } = 2; output_files = 3; output_directories = 4;
 * Platform { Property { name = 1; value = 2; } = 1; } platform = 5; working_directory = 6; output_paths = 7; } */

struct list {
	VEC(str) items;
};

static void finish(struct list *l, struct arena *a, const str **out, size_t *n)
{
	str *items = arena_array(a, str, l->items.n);

	for (size_t i = 0; i < l->items.n; i++)
		items[i] = l->items.p[i];
	*out = items;
	*n = l->items.n;
	vec_free(&l->items);
}

/* { name = 1; value = 2; } as "NAME=VALUE". */
static bool add_pair(struct list *l, const struct wire_field *field, struct arena *a)
{
	struct wire w = wire_over(field->bytes);
	str name = {NULL, 0}, value = {NULL, 0};
	struct wire_field f;

	if (field->type != WIRE_BYTES)
		return false;
	while (wire_next(&w, &f)) {
		if (f.number == 1)
			name = f.bytes;
		else if (f.number == 2)
			value = f.bytes;
		if (f.number <= 2 && f.type != WIRE_BYTES)
			return false;
	}
	vec_push(&l->items, str_fmt(a, "%.*s=%.*s", STR_ARG(name), STR_ARG(value)));
	return !w.bad;
}

static bool add_text(struct list *l, const struct wire_field *f)
{
	vec_push(&l->items, f->bytes);
	return f->type == WIRE_BYTES;
}

static bool add_platform(struct list *l, const struct wire_field *field, struct arena *a)
{
	struct wire w = wire_over(field->bytes);
	struct wire_field f;

	if (field->type != WIRE_BYTES)
		return false;
	while (wire_next(&w, &f))
		if (f.number == 1 && !add_pair(l, &f, a))
			return false;
	return !w.bad;
}

static bool read_seconds(const struct wire_field *field, uint32_t *out)
{
	struct wire w = wire_over(field->bytes);
	struct wire_field f;

	if (field->type != WIRE_BYTES)
		return false;
	while (wire_next(&w, &f))
		if (f.number == 1 && f.type == WIRE_VARINT)
			*out = f.n < UINT32_MAX ? (uint32_t)f.n : UINT32_MAX;
	return !w.bad;
}

bool re_action_read(str bytes, struct arena *a, struct re_described *out)
{
	struct wire w = wire_over(bytes);
	bool ok = true, has_command = false, has_root = false;
	struct list platform = {0};
	struct wire_field f;

	*out = (struct re_described){0};
	while (ok && wire_next(&w, &f)) {
		switch (f.number) {
		case 1: has_command = ok = wire_get_digest(&f, &out->command); break;
		case 2: has_root = ok = wire_get_digest(&f, &out->root); break;
		case 6: ok = read_seconds(&f, &out->timeout_s); break;
		case 7: out->do_not_cache = f.n != 0; break;
		case 9: out->salt = f.bytes; break;
		case 10: ok = add_platform(&platform, &f, a); break;
		default: break;
		}
	}
	finish(&platform, a, &out->platform, &out->nplatform);
	return ok && !w.bad && has_command && has_root;
}

bool re_command_read(str bytes, struct arena *a, struct re_command *out)
{
	struct list argv = {0}, env = {0}, outputs = {0}, platform = {0};
	struct wire w = wire_over(bytes);
	struct wire_field f;
	bool ok = true;

	*out = (struct re_command){0};
	while (ok && wire_next(&w, &f)) {
		switch (f.number) {
		case 1: ok = add_text(&argv, &f); break;
		case 2: ok = add_pair(&env, &f, a); break;
		case 3: case 4: case 7: ok = add_text(&outputs, &f); break;
		case 5: ok = add_platform(&platform, &f, a); break;
		case 6: out->directory = f.bytes; ok = f.type == WIRE_BYTES; break;
		default: break;
		}
	}
	finish(&argv, a, &out->argv, &out->argc);
	finish(&env, a, &out->env, &out->nenv);
	finish(&outputs, a, &out->outputs, &out->noutputs);
	finish(&platform, a, &out->platform, &out->nplatform);
	return ok && !w.bad && out->argc;
}
