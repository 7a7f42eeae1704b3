/* Raw flags that have a typed alternative. */
#include "migrate_int.h"

struct alternative {
	const char *flag; /* ends with * when the rest is an argument */
	const char *with; /* behind "Flag."; %s is the argument as a text literal */
};

/* The words of prelude/Flags.dhall for gcc and clang, the other way round; only where the words are the same. */
static const struct alternative alternatives[] = {
	{"-O0", "OptLevel %O.O0"}, {"-O1", "OptLevel %O.O1"}, {"-O2", "OptLevel %O.O2"}, {"-O3", "OptLevel %O.O3"},
	{"-Os", "OptLevel %O.Os"}, {"-Oz", "OptLevel %O.Oz"}, {"-Og", "OptLevel %O.Og"}, {"-pthread", "Pthread"},
	{"-fPIC", "PIC"}, {"-fno-PIC", "NoPIC"}, {"-static", "Static"}, {"-shared", "Shared"}, {"-s", "Strip"},
	{"-ffunction-sections", "FunctionSections"}, {"-fno-function-sections", "NoFunctionSections"},
	{"-fdata-sections", "DataSections"}, {"-fno-data-sections", "NoDataSections"}, {"-fexceptions", "Exceptions"},
	{"-fno-exceptions", "NoExceptions"}, {"-frtti", "RTTI"}, {"-fno-rtti", "NoRTTI"}, {"-Wl,--gc-sections", "GcSections"},
	{"-Wl,--no-gc-sections", "NoGcSections"}, {"-Wl,--as-needed", "AsNeeded"}, {"-Wl,--no-as-needed", "NoAsNeeded"},
	{"-Wl,--export-dynamic", "ExportDynamic"}, {"-Wl,-soname,*", "Soname %s"}, {"-Wl,-rpath,*", "Rpath %s"},
	{"-Wl,-rpath-link,*", "RpathLink %s"}, {"-Wl,--version-script=*", "VersionScript %s"}, {"-march=*", "March %s"},
	{"-mtune=*", "Mtune %s"}, {"-Wno-*", "Wno %s"}, {"-U*", "Undef %s"}, {"-I*", "Include %s"}, {"-L*", "LibPath %s"},
	{"-l*", "Link %s"}, {"-D*", NULL},
};

static str define_text(struct fixing *f, str define)
{
	str name, value;
	bool some = str_cut(define, '=', &name, &value);

	return str_fmt(f->a, "Define { name = %.*s, value = %s%.*s }", STR_ARG(dhalltext_quoted(f->a, name)), some ? "Some " : "None Text",
			STR_ARG(some ? dhalltext_quoted(f->a, value) : S("")));
}

/* Behind "S.Flag."; p == NULL: there is none. */
static str typed(struct fixing *f, str flag, str prelude)
{
	for (size_t i = 0; i < SL_COUNT(alternatives); i++) {
		const struct alternative *x = &alternatives[i];
		size_t n = strlen(x->flag);
		bool open = x->flag[n - 1] == '*';
		const char *percent;

		if (open ? !str_starts(flag, str_of(x->flag, n - 1)) || flag.n == n - 1 : !str_eq(flag, str_c(x->flag)))
			continue;
		if (!x->with)
			return define_text(f, str_from(flag, 2));
		percent = strchr(x->with, '%');
		if (!percent)
			return str_c(x->with);
		return str_fmt(f->a, "%.*s%.*s%s", (int)(percent - x->with), x->with,
				STR_ARG(percent[1] == 's' ? dhalltext_quoted(f->a, str_from(flag, n - 1))
							  : str_fmt(f->a, "%.*s.Flags.OptLevel", STR_ARG(prelude))),
				percent + 2);
	}
	if (str_starts(flag, S("-W")) && flag.n > 2 && str_find(flag, ',') == flag.n && str_find(flag, '=') == flag.n)
		return str_fmt(f->a, "W %.*s", STR_ARG(dhalltext_quoted(f->a, str_from(flag, 2))));
	return (str){0};
}

static bool is_flag(struct fixing *f, dh_val v, str *text)
{
	dh_val prelude = dhall_eval(f->s->dhall, f->s->prelude), flag, own, payload;
	sym name;

	return dh_kind(f->s->dhall, v) == DH_UNION && dh_case(f->s->dhall, v, &name, &payload) && name == intern_c("Raw") &&
	       payload.v && value_get(f, prelude, "Flag", &flag) && dh_case_type(f->s->dhall, v, &own) &&
	       dhall_equal(f->s->dhall, own, flag) && dh_text(f->s->dhall, payload, text);
}

static void rewrite_flag(struct fixing *f, const struct subject *s, sym field, uint32_t item, str raw)
{
	struct dh_step *path = arena_array(f->a, struct dh_step, s->npath + 2);
	str prelude = fixing_prelude(f), with = typed(f, raw, prelude);
	struct dh_site site;
	bool parens;

	if (!with.p) {
		trouble(f, s, LINT_FLAG, "'%.*s' has no typed alternative", STR_ARG(raw));
		return;
	}
	memcpy(path, s->path, s->npath * sizeof *path);
	path[s->npath] = (struct dh_step){field, 0};
	path[s->npath + 1] = (struct dh_step){0, item};
	if (!dhall_site(f->typed, path, s->npath + 2, f->a, &site)) {
		trouble(f, s, LINT_FLAG, "the list that has it is put together by a function");
		return;
	}
	parens = f->text.p[site.at.lo] == '(';
	reshape_put(&f->edits, site.at.lo, site.at.hi, str_fmt(f->a, "%s%.*s.Flag.%.*s%s", parens ? "(" : "", STR_ARG(prelude),
							STR_ARG(with), parens ? ")" : ""));
}

void flags_rewrite(struct fixing *f, const struct subject *s)
{
	struct dhall *d = f->s->dhall;
	size_t n = dh_fields(d, s->v), items;

	for (size_t i = 0; i < n && !is_suppressed(f, s, LINT_FLAG); i++) {
		dh_val field, item;
		sym name;
		str raw = {0};

		items = 0;
		if (!dh_field_at(d, s->v, i, &name, &field) || dh_kind(d, field) != DH_LIST || !dh_list(d, field, &items))
			continue;
		for (size_t k = 0; k < items; k++)
			if (dh_item(d, field, k, &item) && is_flag(f, item, &raw))
				rewrite_flag(f, s, name, (uint32_t)k, raw);
	}
}
