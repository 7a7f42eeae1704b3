/* Phases and hooks: as settings of a rule, or all as one script. */
#include "convert_package.h"

bool package_runs(struct package *p, const char *phase, const char *dont)
{
	struct setting *s = package_setting(p, "phases");
	str list;

	if (package_has(p, dont))
		return false;
	if (s && package_coerce(p, s->value, &list)) {
		struct buf b = {0};
		bool in;

		buf_fmt(&b, " %.*s ", STR_ARG(list));
		for (size_t i = 0; i < b.n; i++)
			if (b.p[i] == '\n')
				b.p[i] = ' ';
		in = str_find_str(buf_view(&b), str_fmt(&p->c->arena, " %s ", phase)) < b.n;
		buf_free(&b);
		return in;
	}
	return true;
}

bool package_idle(struct package *p, const char *name)
{
	struct setting *s = package_setting(p, name);
	str text;

	if (!s || !package_coerce(p, s->value, &text))
		return false;
	text = str_trim(text);
	return !text.n || str_eq(text, S("true")) || str_eq(text, S(":")) || str_eq(text, S("runHook preConfigure\nrunHook postConfigure"));
}

/* Those that no rule has a place for. */
bool package_is_scripted(struct package *p)
{
	static const char *const names[] = {"buildPhase", "installPhase", "postConfigure", "preBuild", "postBuild", "preInstall",
			"buildCommand", "configurePhase"};

	for (size_t i = 0; i < SL_COUNT(names); i++)
		if (package_has(p, names[i]) && !(str_eq(str_c(names[i]), S("configurePhase")) && package_idle(p, "configurePhase")))
			return true;
	return !package_runs(p, "buildPhase", "dontBuild") || !package_runs(p, "installPhase", "dontInstall") ||
			package_idle(p, "buildPhase") || package_idle(p, "installPhase");
}

static str make_command(struct package *p, const char *more, const char *target)
{
	texts words = {0};
	str all;

	package_make_words(p, more, &words);
	if (target)
		vec_push(&words, str_c(target));
	all = str_fmt(&p->c->arena, "C.Make %s", convert_list(p->c, &words).p);
	vec_free(&words);
	return all;
}

static void default_configure(struct package *p, texts *out)
{
	texts words = {0};

	vec_push(&words, S("--prefix=@prefix@"));
	(void)package_words(p, "configureFlags", &words);
	vec_push(out, str_fmt(&p->c->arena, "C.Configure %s", convert_list(p->c, &words).p));
	vec_free(&words);
}

void package_patch_phase(struct package *p, texts *out)
{
	if (!package_runs(p, "patchPhase", "dontPatch")) {
		package_use(p, "dontPatch");
		package_use(p, "prePatch");
		package_use(p, "postPatch");
		return;
	}
	(void)convert_hook(p, "prePatch", out);
	for (size_t i = 0; i < p->patches.n; i++)
		vec_push(out, p->patches.p[i]);
	(void)convert_hook(p, "postPatch", out);
}

/* A phase of the package's own, or the hook before the usual one: false. */
static bool begin_phase(struct package *p, const char *before, const char *phase, texts *out)
{
	bool own = package_setting(p, phase);

	(void)convert_hook(p, own ? phase : before, out);
	return own;
}

static bool has_makefile(struct package *p)
{
	return !p->local || package_file(p, "Makefile") || package_file(p, "makefile") || package_file(p, "GNUmakefile") ||
			package_file(p, "configure");
}

static void default_install(struct package *p, texts *out)
{
	texts targets = {0};

	(void)package_words(p, "installTargets", &targets);
	vec_push(out, make_command(p, "installFlags", targets.n ? targets.p[0].p : "install"));
	if (targets.n > 1)
		package_left(p, S("installTargets"), DIAG_CONVERT_LEFT, NULL, "there is more than one");
	vec_free(&targets);
}

void package_by_phases(struct package *p, enum system system)
{
	static const char *const known[] = {"phases", "dontBuild", "dontInstall"};
	texts all = {0};

	for (size_t i = 0; i < SL_COUNT(known); i++)
		package_use(p, known[i]);
	if (package_has(p, "buildCommand")) {
		(void)convert_hook(p, "buildCommand", &all);
		p->made->call = S("S.script");
		convert_field(p->c, p->made, "commands", "%s", convert_commands(p->c, &all).p);
		vec_free(&all);
		return;
	}
	package_patch_phase(p, &all);
	if (package_runs(p, "configurePhase", "dontConfigure")) {
		if (!begin_phase(p, "preConfigure", "configurePhase", &all)) {
			if (system == SYSTEM_AUTOTOOLS)
				default_configure(p, &all);
			(void)convert_hook(p, "postConfigure", &all);
		}
	}
	if (package_runs(p, "buildPhase", "dontBuild")) {
		if (!begin_phase(p, "preBuild", "buildPhase", &all)) {
			if (has_makefile(p))
				vec_push(&all, make_command(p, "buildFlags", NULL));
			(void)convert_hook(p, "postBuild", &all);
		}
	}
	if (package_runs(p, "installPhase", "dontInstall")) {
		if (!begin_phase(p, "preInstall", "installPhase", &all)) {
			default_install(p, &all);
			(void)convert_hook(p, "postInstall", &all);
		}
	}
	(void)convert_hook(p, "preFixup", &all);
	(void)convert_hook(p, "postFixup", &all);
	p->made->call = S("S.script");
	convert_field(p->c, p->made, "commands", "%s", convert_commands(p->c, &all).p);
	package_check(p, false);
	vec_free(&all);
}

static void field_commands(struct package *p, const char *name, texts *list)
{
	if (list->n)
		convert_field(p->c, p->made, name, "%s", convert_commands(p->c, list).p);
	vec_free(list);
}

void package_hooks(struct package *p)
{
	texts before = {0}, after = {0};

	package_patch_phase(p, &before);
	(void)convert_hook(p, "preConfigure", &before);
	(void)convert_hook(p, "postInstall", &after);
	(void)convert_hook(p, "preFixup", &after);
	(void)convert_hook(p, "postFixup", &after);
	field_commands(p, "before", &before);
	field_commands(p, "after", &after);
}
