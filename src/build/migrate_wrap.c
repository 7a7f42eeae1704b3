/* Derivations that no rule builds yet, as nix-compat actions: the expression is what `straylight dhall to-nix` prints. */
#include "migrate_int.h"
#include "wrap_int.h"

#include <straylight/derivation.h>

struct packing {
	struct fixing *f;
	const struct subject *s;
	struct wrapped w;
	text_list sources, outputs;
	VEC(struct wrapped_bytes) bytes;
	struct map places; /* of the bytes: <artifact/NAME> */
	str why;
};

static bool refuse(struct packing *p, const char *fmt, ...) SL_PRINTF(2, 3);
static bool refuse(struct packing *p, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	p->why = str_vfmt(p->f->a, fmt, args);
	va_end(args);
	return false;
}

/* ---- inputs ---- */

/* Can the name stand in a path of Nix as it is? */
static bool is_plain(str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!char_in(name.p[i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-"))
			return false;
	return name.n > 0;
}

static bool add_bytes(struct packing *p, const struct value_input *in)
{
	struct fixing *f = p->f;
	str *place = arena_make(f->a, str);

	if (map_has(&p->places, in->digest))
		return true;
	for (size_t i = 0; i < p->bytes.n; i++)
		if (str_eq(p->bytes.p[i].name, in->text))
			return refuse(p, "two of its inputs are called '%.*s'", STR_ARG(in->text));
	if (!is_plain(in->text))
		return refuse(p, "'%.*s' is no name that a path can end in", STR_ARG(in->text));
	*place = str_fmt(f->a, "<artifact/%.*s>", STR_ARG(in->text));
	map_put(&p->places, in->digest, place);
	vec_push(&p->bytes, ((struct wrapped_bytes){in->text, in->digest}));
	return true;
}

static bool has(const text_list *list, str text)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->p[i], text))
			return true;
	return false;
}

static bool add_input(struct packing *p, const struct value_input *in)
{
	text_list files = {0};
	bool ok = in->kind != FROM_SRC || bytes_files(p->f, in->text, &files);

	for (size_t i = 0; i < files.n; i++)
		if (!has(&p->sources, files.p[i]))
			vec_push(&p->sources, files.p[i]);
	vec_free(&files);
	if (!ok)
		return refuse(p, "'%.*s' has no files below the folder of this file", STR_ARG(in->text));
	return in->kind != FROM_STORE || add_bytes(p, in);
}

static bool add_inputs(struct packing *p, const struct subject *s)
{
	input_list inputs = {0};
	bool ok = true;

	bytes_inputs(p->f, s, &inputs);
	for (size_t i = 0; i < inputs.n && ok; i++)
		ok = add_input(p, &inputs.p[i]);
	vec_free(&inputs);
	return ok;
}

/* ---- the expression ---- */

/* Is one of its inputs made by the same record? */
static bool needs_sibling(struct packing *p)
{
	struct fixing *f = p->f;
	input_list inputs = {0};
	bool found = false;

	bytes_inputs(f, p->s, &inputs);
	for (size_t i = 0; i < inputs.n; i++)
		for (size_t k = 0; k < f->subjects.n && p->s->npath == 1; k++) {
			const struct subject *o = &f->subjects.p[k];

			found |= inputs.p[i].kind == FROM_DRV && o->npath == 1 && o->path[0].name &&
				 str_eq(sym_str(o->path[0].name), inputs.p[i].text);
		}
	vec_free(&inputs);
	return found;
}

static void find_outputs(struct packing *p)
{
	if (!value_output_names(p->f, p->s->v, &p->outputs))
		vec_push(&p->outputs, S("out"));
}

/* Some have no name, which phase 1 leaves out. */
static bool outputs_differ(struct packing *p)
{
	size_t n = value_length(p->f, p->s->v, "outputs");

	return p->s->kind != SUBJECT_RAW && n != 0 && n != p->outputs.n;
}

/* p == NULL: it is what is there anyway. */
static str outputs_expression(struct packing *p)
{
	struct buf b = {0};

	if (p->outputs.n == 1 && str_eq(p->outputs.p[0], S("out")))
		return (str){0};
	buf_c(&b, '[');
	for (size_t i = 0; i < p->outputs.n; i++) {
		buf_c(&b, ' ');
		derivation_text(p->outputs.p[i], &b);
	}
	buf_lit(&b, " ]");
	return buf_take(&b, p->f->a);
}

static bool of_value(struct packing *p, dh_val v, dh_val type, struct buf *out)
{
	struct fixing *f = p->f;
	struct derivation_nix about;
	struct diags diags = {0};
	struct buf nix = {0};
	const struct derivation_instead instead[] = {{"__impure", {0}}, {"outputs", outputs_expression(p)}};
	const struct derivation_given given = {&p->places, instead, v.v != p->s->v.v ? 0 : outputs_differ(p) ? 2 : 1};
	bool ok = derivation_nix_of(f->s->dhall, f->typed, v, type, &given, &about, &nix, &diags);

	if (ok)
		derivation_call(&about, str_trim(buf_view(&nix)), out);
	else
		(void)refuse(p, "%.*s", STR_ARG(diags_line(f->a, &diags)));
	buf_free(&nix);
	diags_free(&diags);
	return ok;
}

/* All of the record, and its member. */
static bool of_record(struct packing *p, struct buf *out)
{
	struct fixing *f = p->f;
	dh_val type = dhall_type_of(f->s->dhall, f->typed);
	struct buf set = {0};
	bool ok = true;

	if (derivation_form(f->s->dhall, type) != DERIVATION_SET)
		return refuse(p, "it needs another of this record, which has more than derivations");
	for (size_t i = 0; i < f->subjects.n && ok; i++)
		ok = add_inputs(p, &f->subjects.p[i]);
	ok = ok && of_value(p, dhall_eval(f->s->dhall, f->typed), type, &set);
	buf_fmt(out, "(%.*s).", STR_ARG(buf_view(&set)));
	wrap_nix_name(sym_str(p->s->path[0].name), out);
	buf_free(&set);
	return ok;
}

static bool find_expression(struct packing *p)
{
	struct buf b = {0};
	bool ok = needs_sibling(p) ? of_record(p, &b) : add_inputs(p, p->s) && of_value(p, p->s->v, p->s->type, &b);

	p->w.expression = buf_take(&b, p->f->a);
	return ok;
}

/* ---- the action ---- */

/* What may stand in a label. */
static str label_of(struct fixing *f, str name)
{
	struct buf b = {0};

	for (size_t i = 0; i < name.n; i++)
		buf_c(&b, is_plain(str_of(name.p + i, 1)) ? name.p[i] : '_');
	return buf_take(&b, f->a);
}

static bool outputs_named(struct packing *p)
{
	size_t n = value_length(p->f, p->s->v, "outputs");

	return p->s->kind != SUBJECT_RAW || n == 0 || n == p->outputs.n || refuse(p, "one of its outputs has no name");
}

static void put(struct packing *p)
{
	struct fixing *f = p->f;
	struct buf call = {0};

	p->w.name = label_of(f, p->s->what);
	p->w.drv_name = p->s->what;
	p->w.inputs = p->sources.p;
	p->w.ninputs = p->sources.n;
	p->w.outputs = p->outputs.p;
	p->w.noutputs = p->outputs.n;
	p->w.bytes = p->bytes.p;
	p->w.nbytes = p->bytes.n;
	wrap_call(&p->w, "S.Action", &call);
	place_target(f, p->s, buf_view(&call));
	buf_free(&call);
}

/* Nobody looks into an action: what makes it another one elsewhere must not be hidden there. */
static bool is_pure(struct packing *p)
{
	const char *impurity = settings_impurity(p->f, p->s);
	input_list inputs = {0};
	bool ok = true;

	if (impurity && (strcmp(impurity, "the network") == 0 || value_says(p->f, p->s->v, "__impure", true)))
		ok = refuse(p, "its build reads %s, which nobody would see there", impurity);
	bytes_inputs(p->f, p->s, &inputs);
	for (size_t i = 0; i < inputs.n && ok; i++)
		if (inputs.p[i].kind == FROM_FETCH && !inputs.p[i].digest.p)
			ok = refuse(p, "'%.*s' is fetched without a hash, which nobody would see there", STR_ARG(inputs.p[i].text));
	vec_free(&inputs);
	return ok;
}

bool wrap_rewrite(struct fixing *f, const struct subject *s, str *why)
{
	struct packing p = {.f = f, .s = s};
	bool ok;

	find_outputs(&p);
	ok = is_pure(&p) && outputs_named(&p) && find_expression(&p);
	if (ok) {
		put(&p);
		change(f, s, "it becomes a nix-compat action of the same expression");
		if (p.bytes.n)
			change(f, s, "its derivation is another one: what it names by digest are inputs of the action, not files that Nix is to be given");
	}
	*why = p.why;
	vec_free(&p.sources);
	vec_free(&p.outputs);
	vec_free(&p.bytes);
	map_free(&p.places);
	return ok;
}
