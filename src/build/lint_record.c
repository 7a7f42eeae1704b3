/* What was found in a file, for the next process.  Paths are written from the workspace's root, so a copy elsewhere
 * shares it; a path outside stands as it is. */
#include "lint_int.h"

static void put_path(struct buf *out, str path, str root)
{
	bool below = str_starts(path, root) && path.n > root.n && path.p[root.n] == '/';

	cbor_bool(out, below);
	cbor_text(out, below ? str_from(path, root.n + 1) : path);
}

static str get_path(struct cbor *in, str root, struct arena *a)
{
	bool below = cbor_get_bool(in);
	str path = cbor_get_text(in);

	return below ? str_fmt(a, "%.*s/%.*s", STR_ARG(root), STR_ARG(path)) : str_dup(a, path);
}

void lint_record(const struct lint_file *f, str root, struct buf *out)
{
	cbor_array(out, f->targets.n);
	for (size_t i = 0; i < f->targets.n; i++) {
		cbor_text(out, f->targets.p[i].name);
		cbor_uint(out, f->targets.p[i].lo);
		cbor_uint(out, f->targets.p[i].hi);
	}
	cbor_array(out, f->findings.n);
	for (size_t i = 0; i < f->findings.n; i++) {
		const struct lint_finding *x = &f->findings.p[i];

		cbor_uint(out, x->rule);
		cbor_uint(out, x->target);
		put_path(out, x->file, root);
		cbor_uint(out, x->lo);
		cbor_uint(out, x->hi);
		cbor_text(out, x->text);
		cbor_bool(out, x->allowed.p != NULL);
		cbor_text(out, x->allowed);
		cbor_bool(out, x->wrapped);
	}
	cbor_array(out, f->allows.n);
	for (size_t i = 0; i < f->allows.n; i++) {
		const struct lint_allow *x = &f->allows.p[i];

		cbor_uint(out, x->rules);
		cbor_bool(out, x->of_target);
		cbor_uint(out, x->lo);
		cbor_uint(out, x->hi);
		cbor_uint(out, x->from);
		cbor_uint(out, x->to);
		cbor_text(out, x->reason);
		cbor_bool(out, x->used);
	}
	cbor_array(out, f->imports.n);
	for (size_t i = 0; i < f->imports.n; i++)
		put_path(out, f->imports.p[i], root);
	cbor_array(out, f->wrapped.n);
	for (size_t i = 0; i < f->wrapped.n; i++)
		put_path(out, f->wrapped.p[i], root);
}

static uint32_t number(struct cbor *in)
{
	uint64_t n = cbor_get_uint(in);

	if (n > UINT32_MAX && !in->bad)
		in->bad = CBOR_RANGE;
	return (uint32_t)n;
}

static void get_finding(struct cbor *in, str root, struct lint_file *f)
{
	struct lint_finding x = {0};
	bool allowed;

	x.rule = number(in);
	x.target = number(in);
	x.file = get_path(in, root, &f->arena);
	x.lo = number(in);
	x.hi = number(in);
	x.text = str_dup(&f->arena, cbor_get_text(in));
	allowed = cbor_get_bool(in);
	x.allowed = str_dup(&f->arena, cbor_get_text(in));
	if (!allowed)
		x.allowed = (str){0};
	x.wrapped = cbor_get_bool(in);
	if (x.rule >= LINT_RULES || (x.target != LINT_NO_TARGET && x.target >= f->targets.n))
		in->bad = CBOR_RANGE;
	if (!in->bad)
		vec_push(&f->findings, x);
}

static struct lint_allow get_allow(struct cbor *in, struct arena *a)
{
	struct lint_allow x = {0};

	x.rules = cbor_get_uint(in);
	x.of_target = cbor_get_bool(in);
	x.lo = number(in);
	x.hi = number(in);
	x.from = number(in);
	x.to = number(in);
	x.reason = str_dup(a, cbor_get_text(in));
	x.used = cbor_get_bool(in);
	return x;
}

bool lint_recall(str bytes, str root, struct lint_file *f)
{
	struct cbor in = cbor_over(bytes);

	for (uint64_t n = cbor_get_array(&in); n && !in.bad; n--) {
		struct lint_target t = {.file = f->path};

		t.name = str_dup(&f->arena, cbor_get_text(&in));
		t.lo = number(&in);
		t.hi = number(&in);
		vec_push(&f->targets, t);
	}
	for (uint64_t n = cbor_get_array(&in); n && !in.bad; n--)
		get_finding(&in, root, f);
	for (uint64_t n = cbor_get_array(&in); n && !in.bad; n--)
		vec_push(&f->allows, get_allow(&in, &f->arena));
	for (uint64_t n = cbor_get_array(&in); n && !in.bad; n--)
		vec_push(&f->imports, get_path(&in, root, &f->arena));
	for (uint64_t n = cbor_get_array(&in); n && !in.bad; n--)
		vec_push(&f->wrapped, get_path(&in, root, &f->arena));
	return !in.bad && in.at == in.in.n;
}
