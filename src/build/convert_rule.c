/* Packages with a build system that a rule knows. */
#include "convert_package.h"

enum system package_system(struct package *p)
{
	bool configures = package_runs(p, "configurePhase", "dontConfigure") && !package_idle(p, "configurePhase");

	if (package_idle(p, "configurePhase"))
		package_use(p, "configurePhase");
	package_use(p, "dontConfigure");
	package_use(p, "dontUseMesonConfigure");
	package_use(p, "dontUseCmakeConfigure");
	if (package_setting(p, "configurePhase") || !configures)
		return SYSTEM_MAKE;
	if (package_uses(p, "meson") && !package_has(p, "dontUseMesonConfigure"))
		return SYSTEM_MESON;
	if (package_uses(p, "cmake") && !package_has(p, "dontUseCmakeConfigure"))
		return SYSTEM_CMAKE;
	if (p->local && !package_file(p, "configure") && !package_uses(p, "autoreconfHook") && !package_setting(p, "configureScript"))
		return SYSTEM_MAKE;
	return SYSTEM_AUTOTOOLS;
}

static void field_words(struct package *p, const char *field, texts *words)
{
	if (words->n)
		convert_field(p->c, p->made, field, "%s", convert_list(p->c, words).p);
	vec_free(words);
}

static void take_words(struct package *p, const char *name, const char *field)
{
	texts words = {0};

	(void)package_words(p, name, &words);
	field_words(p, field, &words);
}

/* -DNAME=VALUE, and -Dname:type=value. */
static void take_definitions(struct package *p, const char *name, const char *field)
{
	texts words = {0}, flags = {0};
	struct buf b = {0};

	(void)package_words(p, name, &words);
	for (size_t i = 0; i < words.n; i++) {
		str key, value;

		if (!str_starts(words.p[i], S("-D")) || !str_cut(str_from(words.p[i], 2), '=', &key, &value)) {
			vec_push(&flags, words.p[i]);
			continue;
		}
		buf_fmt(&b, "%s{ name = %s, value = %s }", b.n ? ", " : "[ ", convert_quoted(p->c, key).p,
				convert_quoted(p->c, value).p);
	}
	if (b.n)
		convert_field(p->c, p->made, field, "%.*s ]", STR_ARG(buf_view(&b)));
	buf_free(&b);
	vec_free(&words);
	field_words(p, "flags", &flags);
}

void package_make_words(struct package *p, const char *more, texts *out)
{
	(void)package_words(p, "makeFlags", out);
	(void)package_words(p, more, out);
}

static void take_make(struct package *p, bool configured)
{
	texts flags = {0}, build = {0}, install = {0}, targets = {0}, install_targets = {0};
	bool prefix = false;
	str file;

	(void)package_words(p, "makeFlags", &flags);
	for (size_t i = 0; i < flags.n; i++)
		prefix |= str_starts(flags.p[i], S("PREFIX=")) || str_starts(flags.p[i], S("prefix="));
	if (package_text(p, "makefile", &file) && file.n) {
		vec_push(&flags, S("-f"));
		vec_push(&flags, file);
	}
	(void)package_words(p, "buildFlags", &build);
	(void)package_words(p, "buildTargets", &targets);
	for (size_t i = 0; i < build.n; i++)
		vec_push(&targets, build.p[i]);
	(void)package_words(p, "installFlags", &install);
	for (size_t i = 0; i < install.n; i++)
		prefix |= str_starts(install.p[i], S("PREFIX=")) || str_starts(install.p[i], S("prefix="));
	(void)package_words(p, "installTargets", &install_targets);
	if (!configured)
		convert_field(p->c, p->made, "prefix_variable", "%s", prefix ? "\"\"" : "\"prefix\"");
	vec_free(&build);
	field_words(p, "make_flags", &flags);
	field_words(p, "make_targets", &targets);
	field_words(p, "install_flags", &install);
	field_words(p, "install_targets", &install_targets);
}

void package_check(struct package *p, bool possible)
{
	texts targets = {0}, flags = {0};
	bool wanted = package_has(p, "doCheck") || package_has(p, "doInstallCheck");
	static const char *const names[] = {"doCheck", "doInstallCheck"};

	for (size_t i = 0; i < SL_COUNT(names); i++)
		if (package_setting(p, names[i]))
			package_setting(p, names[i])->used = true;
	(void)package_words(p, "checkTarget", &targets);
	(void)package_words(p, "checkFlags", &flags);
	if (package_has(p, "doCheck") && possible) {
		convert_field(p->c, p->made, "check", "True");
		if (targets.n || flags.n) {
			for (size_t i = 0; i < flags.n; i++)
				vec_push(&targets, flags.p[i]);
			convert_field(p->c, p->made, "check_targets", "%s", convert_list(p->c, &targets).p);
		}
	} else if (wanted) {
		package_left(p, package_has(p, "doCheck") ? S("doCheck") : S("doInstallCheck"), DIAG_CONVERT_LEFT, NULL,
				"its tests are not those of the rule");
	}
	vec_free(&targets);
	vec_free(&flags);
}

void package_by_system(struct package *p, enum system system)
{
	static const char *const calls[] = {"S.autotools", "S.cmake", "S.meson", "S.make"}; /* ORDER of enum system */
	str text;

	p->made->call = str_c(calls[system]);
	switch (system) {
	case SYSTEM_AUTOTOOLS:
		take_words(p, "configureFlags", "configure_flags");
		if (package_uses(p, "autoreconfHook"))
			convert_field(p->c, p->made, "autoreconf", "True");
		if (package_text(p, "configureScript", &text)) {
			text = str_trim(text);
			if (str_find(text, ' ') < text.n || str_starts(text, S("../")))
				package_left(p, S("configureScript"), DIAG_CONVERT_LEFT, NULL, "it is more than a script's path");
			else
				convert_field(p->c, p->made, "configure", "%s",
						convert_quoted(p->c, str_starts(text, S("./")) ? str_from(text, 2) : text).p);
		}
		take_make(p, true);
		package_check(p, true);
		break;
	case SYSTEM_CMAKE:
		take_definitions(p, "cmakeFlags", "definitions");
		if (package_has(p, "cmakeBuildType") && package_text(p, "cmakeBuildType", &text))
			convert_field(p->c, p->made, "build_type", "%s", convert_quoted(p->c, text).p);
		package_check(p, !package_setting(p, "checkTarget") && !package_setting(p, "checkFlags"));
		break;
	case SYSTEM_MESON:
		take_definitions(p, "mesonFlags", "options");
		if (package_has(p, "mesonBuildType") && package_text(p, "mesonBuildType", &text))
			convert_field(p->c, p->made, "build_type", "%s", convert_quoted(p->c, text).p);
		package_check(p, !package_setting(p, "checkTarget") && !package_setting(p, "checkFlags"));
		break;
	case SYSTEM_MAKE:
		take_make(p, false);
		package_check(p, true);
		break;
	}
}
