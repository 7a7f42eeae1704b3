/* Settings in place: the record keeps its type. */
#include "migrate_int.h"

struct settings_edit {
	struct fixing *f;
	const struct subject *s;
	VEC(struct reshape_field) list;
};

/* ---- changes of fields ---- */

static const struct dh_site_field *written(const struct subject *s, const char *name)
{
	for (size_t i = 0; i < s->site.nfields; i++)
		if (s->site.fields[i].name == intern_c(name))
			return &s->site.fields[i];
	return NULL;
}

/* Its function is of the Derivation module, which says nothing but defaults. */
static bool is_made_plain(const struct subject *s)
{
	static const struct { const char *name; size_t arguments; } makers[] = {
		{"mkDerivation", 2}, {"mkHaskellPackage", 2}, {"buildRustPackage", 3}, {"derivation", 3}, {"constrained", 3},
	};

	for (size_t i = 0; i < SL_COUNT(makers); i++)
		if (s->site.maker == intern_c(makers[i].name) && s->site.narguments == makers[i].arguments)
			return true;
	return false;
}

static void set(struct settings_edit *e, const char *name, str text)
{
	vec_push(&e->list, ((struct reshape_field){.name = intern_c(name), .kind = RESHAPE_SET, .before = text.p}));
}

static void set_list(struct settings_edit *e, const char *name, const char *before, const text_list *texts)
{
	vec_push(&e->list, ((struct reshape_field){.name = intern_c(name), .kind = RESHAPE_SET, .before = before,
					.items = dhalltext_items(e->f->a, texts->p, texts->n), .nitems = texts->n, .type = S("Text")}));
}

/* Back to what it is when nobody says anything. */
static void reset(struct settings_edit *e, const char *name, str text)
{
	if (is_made_plain(e->s) && written(e->s, name))
		vec_push(&e->list, ((struct reshape_field){.name = intern_c(name), .kind = RESHAPE_DROP}));
	else
		set(e, name, text);
}

static str in_module(struct settings_edit *e, const char *fmt)
{
	str module = fixing_module(e->f, e->s);

	return str_fmt(e->f->a, fmt, STR_ARG(module));
}

/* ---- each setting ---- */

static void references(struct settings_edit *e)
{
	text_list names = {0};

	if (!value_is_none(e->f, e->s->v, "allowedReferences") || is_suppressed(e->f, e->s, LINT_REFERENCES))
		return;
	references_of(e->f, e->s, &names);
	set_list(e, "allowedReferences", "Some ", &names);
	vec_free(&names);
}

static void outputs(struct settings_edit *e)
{
	struct fixing *f = e->f;
	text_list names = {0}, kept = {0};
	dh_val list, item;
	size_t n = 0;
	bool blank = false, records = e->s->kind == SUBJECT_RAW;

	if (!value_get(f, e->s->v, "outputs", &list) || !dh_list(f->s->dhall, list, &n) || is_suppressed(f, e->s, LINT_OUTPUT))
		return;
	for (size_t i = 0; i < n; i++) {
		str text = {0};

		if (!dh_item(f->s->dhall, list, i, &item))
			continue;
		text = records ? value_text(f, item, "name") : (dh_text(f->s->dhall, item, &text), text);
		blank |= !text.n;
		if (text.n)
			vec_push(&kept, str_dup(f->a, text));
	}
	for (size_t i = 0; i < kept.n; i++)
		vec_push(&names, records ? str_fmt(f->a, "%.*s.output \"%.*s\"", STR_ARG(fixing_module(f, e->s)), STR_ARG(kept.p[i]))
					 : kept.p[i]);
	if (n == 0 || (blank && !kept.n)) {
		reset(e, "outputs", records ? in_module(e, "[ %.*s.output \"out\" ]") : S("[ \"out\" ]"));
	} else if (blank && records) {
		trouble(f, e->s, LINT_OUTPUT, "one of several outputs has no name");
	} else if (blank) {
		set_list(e, "outputs", "", &names);
	}
	vec_free(&kept);
	vec_free(&names);
}

const char *settings_impurity(struct fixing *f, const struct subject *s)
{
	static const char *const fields[] = {
		"unpackPhase", "patchPhase", "configurePhase", "buildPhase", "checkPhase", "installPhase", "fixupPhase",
	};
	static const char *const words[] = {"date", "hostname", "uname", "$RANDOM", "/dev/urandom", "/etc/", "whoami"};
	text_list all = {0};
	const char *found = NULL;

	for (size_t i = 0; i < SL_COUNT(fields); i++)
		vec_push(&all, value_some(f, s->v, fields[i]));
	value_texts(f, s->v, "args", &all);
	for (size_t i = 0; i < all.n && !found; i++) {
		if (lint_uses_network(all.p[i]))
			found = "the network";
		for (size_t k = 0; k < SL_COUNT(words) && !found; k++)
			if (str_find_str(all.p[i], str_c(words[k])) < all.p[i].n)
				found = words[k];
	}
	vec_free(&all);
	return found;
}

static void switches(struct settings_edit *e)
{
	struct fixing *f = e->f;
	const char *why;

	if (value_says(f, e->s->v, "allowSubstitutes", false) && !is_suppressed(f, e->s, LINT_SUBSTITUTES))
		reset(e, "allowSubstitutes", S("True"));
	if (!value_says(f, e->s->v, "__impure", true) || is_suppressed(f, e->s, LINT_IMPURE))
		return;
	why = settings_impurity(f, e->s);
	if (why)
		trouble(f, e->s, LINT_IMPURE, "its build reads %s", why);
	else
		reset(e, "__impure", S("False"));
}

static void flags(struct settings_edit *e, const char *name, const text_list *a, const text_list *b)
{
	struct fixing *f = e->f;
	text_list all = {0};
	size_t before;

	value_texts(f, e->s->v, name, &all);
	before = all.n;
	for (size_t i = 0; i < a->n + b->n; i++) {
		str flag = i < a->n ? a->p[i] : b->p[i - a->n];
		bool known = false;

		for (size_t k = 0; k < all.n; k++)
			known |= str_eq(all.p[k], flag);
		if (!known)
			vec_push(&all, flag);
	}
	if (all.n > before)
		set_list(e, name, "", &all);
	vec_free(&all);
}

static void phases(struct settings_edit *e, const struct standard *st)
{
	static const char *const names[] = {
		"unpackPhase", "patchPhase", "configurePhase", "buildPhase", "checkPhase", "installPhase", "fixupPhase",
		"installCheckPhase",
	};
	struct fixing *f = e->f;

	for (size_t i = 0; i < SL_COUNT(names) && st->all; i++) {
		if (!value_some(f, e->s->v, names[i]).p)
			continue;
		reset(e, names[i], S("None Text"));
	}
}

static void environment(struct settings_edit *e, const struct env_moves *m, const struct standard *st)
{
	struct fixing *f = e->f;
	str type = in_module(e, "[] : List %.*s.EnvVar");

	if (!value_length(f, e->s->v, "env") || is_suppressed(f, e->s, LINT_ENV))
		return;
	if (m->left.n)
		trouble(f, e->s, LINT_ENV, "no setting says what '%.*s' does", STR_ARG(m->left.p[0]));
	else if (m->blanks)
		trouble(f, e->s, LINT_ENV, "a value has blanks, and the flags of this kind of derivation are split at them");
	else if (!str_eq(value_text(f, e->s->v, "function"), S("stdenv.mkDerivation")) && m->all.n)
		trouble(f, e->s, LINT_ENV, "'%.*s' has no flags that say it", STR_ARG(value_text(f, e->s->v, "function")));
	else
		reset(e, "env", type);
	(void)st;
}

static bool env_goes(struct fixing *f, const struct subject *s, const struct env_moves *m)
{
	return value_length(f, s->v, "env") && !is_suppressed(f, s, LINT_ENV) && !m->left.n && !m->blanks &&
	       (!m->all.n || str_eq(value_text(f, s->v, "function"), S("stdenv.mkDerivation")));
}

static void of_mk(struct settings_edit *e)
{
	struct fixing *f = e->f;
	struct standard st;
	struct env_moves m;
	static const text_list none;
	bool env, phased;

	standard_phases(f, e->s, &st);
	env_moves(f, e->s, &st, &m);
	env = env_goes(f, e->s, &m);
	st.all &= !is_suppressed(f, e->s, LINT_PHASE);
	phased = st.all;
	flags(e, "configureFlags", phased ? &st.configure : &none, env ? &m.configure : &none);
	flags(e, "makeFlags", phased ? &st.make : &none, env ? &m.make : &none);
	if (((phased && st.dont_fixup) || (env && m.dont_fixup)) && value_says(f, e->s->v, "dontFixup", false))
		set(e, "dontFixup", S("True"));
	if (env && m.dont_strip && value_says(f, e->s->v, "dontStrip", false))
		set(e, "dontStrip", S("True"));
	if (env && m.do_check && value_says(f, e->s->v, "doCheck", false))
		set(e, "doCheck", S("True"));
	phases(e, &st);
	environment(e, &m, &st);
	standard_end(&st);
	env_end(&m);
}

/* attrs that only say what a field says. */
static void attributes(struct settings_edit *e)
{
	struct fixing *f = e->f;
	dh_val list, item, value;
	size_t n = 0;

	if (!value_get(f, e->s->v, "attrs", &list) || !dh_list(f->s->dhall, list, &n) || n == 0 ||
			is_suppressed(f, e->s, LINT_NIX_TEXT))
		return;
	for (size_t i = 0; i < n; i++) {
		str key, text;

		if (!dh_item(f->s->dhall, list, i, &item) || !value_get(f, item, "mapValue", &value))
			return;
		key = value_text(f, item, "mapKey");
		text = value_text(f, value, "toNix");
		if (str_eq(key, S("enableParallelBuilding")))
			continue;
		if ((str_eq(key, S("doCheck")) || str_eq(key, S("dontStrip")) || str_eq(key, S("dontFixup"))) &&
				(str_eq(text, S("true")) || str_eq(text, S("false")))) {
			set(e, str_dup(f->a, key).p, str_eq(text, S("true")) ? S("True") : S("False"));
			continue;
		}
		trouble(f, e->s, LINT_NIX_TEXT, "the attribute '%.*s' has no typed field", STR_ARG(key));
		return;
	}
	reset(e, "attrs", S("[] : List { mapKey : Text, mapValue : { toNix : Text } }"));
}

void settings_rewrite(struct fixing *f, const struct subject *s)
{
	struct settings_edit e = {.f = f, .s = s};

	if (s->kind == SUBJECT_MK) {
		of_mk(&e);
		attributes(&e);
	}
	switches(&e);
	outputs(&e);
	references(&e);
	if (e.list.n)
		reshape_fields(&f->edits, &s->site, e.list.p, e.list.n);
	vec_free(&e.list);
}
