#include "cmd.h"
#include "lint_format.h"

struct args {
	str level;
	bool phase1, strict;
	str min_pass;
	int format;
};

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_SARIF, FORMAT_GITHUB }; /* ORDER of the words below */

static void count(struct lint_view *v)
{
	for (size_t i = 0; i < v->report->nfindings; i++) {
		const struct lint_finding *x = &v->report->findings[i];
		enum lint_severity s = lint_severity(x->rule, v->level);

		if (x->allowed.p)
			v->allowed += s != LINT_SILENT;
		else
			*(s == LINT_ERROR ? &v->errors : s == LINT_WARNING ? &v->warnings : &v->notes) += s != LINT_SILENT;
	}
	mem_free(lint_passes(v->report, v->level, &v->passed));
}

/* At most 100, digits only; false after a diagnostic. */
static bool percent(struct call *c, str text, unsigned *out)
{
	*out = 0;
	if (text.n && text.p[text.n - 1] == '%')
		text.n--;
	for (size_t i = 0; i < text.n && *out <= 100; i++)
		*out = text.p[i] >= '0' && text.p[i] <= '9' ? *out * 10 + (unsigned)(text.p[i] - '0') : 101;
	if (text.n && *out <= 100)
		return true;
	call_usage(c, "--min-pass is a percentage from 0 to 100");
	return false;
}

/* LINT_LEVELS: none is asked for.  false after a diagnostic. */
static bool level_of(struct call *c, const struct args *a, enum lint_level *out)
{
	*out = a->phase1 ? LINT_CONSTRAINED : LINT_LEVELS;
	if (!a->level.p)
		return true;
	if (a->phase1 && lint_level_of(a->level) != LINT_CONSTRAINED) {
		call_usage(c, "--phase1 is --level=constrained");
		return false;
	}
	*out = lint_level_of(a->level);
	if (*out != LINT_LEVELS)
		return true;
	call_usage(c, "there is no level '%.*s'", STR_ARG(a->level));
	return false;
}

static void print(struct call *c, const struct lint_view *v, enum format format)
{
	switch (format) {
	case FORMAT_TEXT: lint_text(v, &c->out); break;
	case FORMAT_JSON: lint_json(v, &c->out); break;
	case FORMAT_SARIF: lint_sarif(v, &c->out); break;
	case FORMAT_GITHUB: lint_github(v, &c->out); break;
	}
}

static int verdict(struct call *c, const struct lint_view *v, const struct args *a, unsigned min)
{
	bool few = v->report->ntargets && v->passed * 100 < min * v->report->ntargets;

	if (few)
		call_say(c, "fewer than %u %% of the targets pass", min);
	return v->level != LINT_PERMISSIVE && (v->errors || (a->strict && v->warnings)) ? 1 : few;
}

static int run_lint(struct call *c)
{
	const struct args *a = c->options;
	const char *dir = call_dir(c), *cache = os_cache_dir(&c->arena);
	struct lint_request q = {.paths = c->arguments.args, .npaths = c->arguments.nargs};
	struct lint_report report;
	struct lint_view v = {.report = &report};
	unsigned min = 0;
	int code = 0;

	if (!dir || !level_of(c, a, &v.level) || (a->min_pass.p && !percent(c, a->min_pass, &min)))
		return 0;
	if (!cache) {
		diag_hint(&c->diags, diag_error(&c->diags, DIAG_STORE_OPEN, NO_SPAN, "there is no place for the cache"),
				"set XDG_CACHE_HOME or HOME");
		return 0;
	}
	q.dir = str_c(dir);
	q.cache = str_c(cache);
	v.color = c->common.color == COLOR_ALWAYS;
	if (!lint_run(&q, &report, &c->diags) && !report.files) {
		lint_end(&report);
		return 0;
	}
	if (v.level == LINT_LEVELS)
		v.level = report.level;
	count(&v);
	print(c, &v, c->common.json ? FORMAT_JSON : (enum format)a->format);
	code = verdict(c, &v, a, min);
	lint_end(&report);
	return code;
}

static const struct option options[] = {
	TEXT(struct args, level, 0, "level", "permissive|constrained|dice-preferred|dice-required|pure-dice",
			"how far up the ladder; else as straylight.dhall says"),
	FLAG(struct args, phase1, 0, "phase1", "the same as --level=constrained"),
	FLAG(struct args, strict, 0, "strict", "warnings fail too"),
	TEXT(struct args, min_pass, 0, "min-pass", "PERCENT", "fail when fewer of the targets pass"),
	CHOICE(struct args, format, 0, "format", "text|json|sarif|github", "how findings are printed"),
};

const struct command cmd_lint = {
	.name = "lint",
	.usage = "[PATH…]",
	.summary = "find what keeps targets from the next level of the ladder",
	.about = "Judges Dhall and Nix files by their source and, Dhall files, by their values: escape hatches, derivations, shell, "
		 "what depends on the machine. Each finding has a code (`straylight help CODE` explains it), a place, the "
		 "reason, and what to do instead. A target passes a level when nothing is left that the level reports as a "
		 "warning or an error.\n"
		 "PATH is a folder (its BUILD.dhall and .nix files, also below), a .dhall file whose value is a target, a "
		 "derivation, or a record or list of them, or a .nix file; without one it is the workspace.\n"
		 "A comment `straylight-lint: allow CODE, …: REASON` suppresses findings of its line or, alone, of the next "
		 "one; `allow-target` those of the target that it stands in or before. What is suppressed is counted.\n"
		 "Exit code: 1 when there are errors (with --strict, warnings), or when fewer than --min-pass pass; never for "
		 "the level permissive, which only notes.",
	.section = SECTION_BUILD,
	.max = ARGS_ANY,
	COMMAND_OPTIONS(options, struct args),
	.run = run_lint,
};
