#include "cmd.h"

#include <straylight/migrate.h>

struct args {
	bool phase1, dry_run, fix;
	str to;
	struct texts tables;
};

/* ---- options ---- */

/* LINT_LEVELS after a diagnostic. */
static enum lint_level level_of(struct call *c, const struct args *a)
{
	static const char *const phases[] = {"phase1", "phase2", "phase3", "phase4"};
	unsigned phase = 0;

	if (a->phase1 && a->to.p && !str_eq(a->to, S("phase1"))) {
		call_usage(c, "--phase1 is --to=phase1");
		return LINT_LEVELS;
	}
	if (!a->phase1 && !a->to.p) {
		call_usage(c, "to which phase?");
		return LINT_LEVELS;
	}
	while (a->to.p && phase < SL_COUNT(phases) && !str_eq(a->to, str_c(phases[phase])))
		phase++;
	if (phase < SL_COUNT(phases))
		return (enum lint_level)(LINT_CONSTRAINED + phase);
	call_usage(c, "there is no phase '%.*s': they are phase1 to phase4", STR_ARG(a->to));
	return LINT_LEVELS;
}

/* ---- output ---- */

static str shown(const struct migrate_report *r, str path)
{
	str root = r->root;

	return str_starts(path, root) && path.n > root.n && path.p[root.n] == '/' ? str_from(path, root.n + 1) : path;
}

static size_t left(const struct migrate_report *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->nitems; i++)
		n += !r->items[i].fixed;
	return n;
}

static const char *fate(const struct migrate_item *x)
{
	return !x->fixed ? "by hand" : x->wrapped ? "wrapped" : "fixed  ";
}

static void plan_of(struct call *c, const struct migrate_report *r, uint32_t target)
{
	for (size_t i = 0; i < r->nitems; i++) {
		const struct migrate_item *x = &r->items[i];

		if (x->target != target)
			continue;
		buf_fmt(&c->out, "  %s %s %.*s:%u:%u: %.*s\n", fate(x), diag_number(lint_rules[x->rule].code),
				STR_ARG(shown(r, x->file)), x->line, x->column, STR_ARG(x->text));
		if (!x->fixed && x->why.n)
			buf_fmt(&c->out, "          because %.*s\n", STR_ARG(x->why));
		if (!x->fixed)
			buf_fmt(&c->out, "          %s\n", lint_rules[x->rule].fix);
	}
	for (size_t i = 0; i < r->nchanges; i++)
		if (str_eq(r->changes[i].target, r->targets[target].name))
			buf_fmt(&c->out, "  changes %.*s\n", STR_ARG(r->changes[i].text));
}

static bool has_item(const struct migrate_report *r, uint32_t target)
{
	for (size_t i = 0; i < r->nitems; i++)
		if (r->items[i].target == target)
			return true;
	return false;
}

/* Targets as comments, so that the whole output is a patch. */
static void text(struct call *c, const struct migrate_report *r, enum lint_level level, bool fix)
{
	for (uint32_t i = 0; i < r->ntargets; i++) {
		if (!has_item(r, i))
			continue;
		buf_fmt(&c->out, "%.*s\n", STR_ARG(r->targets[i].name));
		plan_of(c, r, i);
	}
	if (fix)
		for (size_t i = 0; i < r->nfiles; i++)
			buf_fmt(&c->out, "%s %.*s\n", r->files[i].written ? "wrote" : "left", STR_ARG(shown(r, r->files[i].path)));
	buf_fmt(&c->out, "%zu of %zu targets pass %s, %zu ", r->passed_before, r->ntargets, lint_level_names[level], r->passed_after);
	if (r->ntargets_after != r->ntargets)
		buf_fmt(&c->out, "of %zu ", r->ntargets_after);
	buf_fmt(&c->out, "%s\n", fix ? "now" : "with these changes");
}

static void diffs(struct call *c, const struct migrate_report *r)
{
	for (size_t i = 0; i < r->nfiles; i++)
		migrate_diff(shown(r, r->files[i].path), r->files[i].before, r->files[i].after, &c->out);
}

static void item(struct json *j, const struct migrate_report *r, const struct migrate_item *x)
{
	json_object(j);
	json_key(j, "code");
	json_c(j, diag_number(lint_rules[x->rule].code));
	json_key(j, "rule");
	json_c(j, lint_rules[x->rule].name);
	json_member_str(j, "target", r->targets[x->target].name);
	json_member_str(j, "file", shown(r, x->file));
	json_member_int(j, "line", x->line);
	json_member_int(j, "column", x->column);
	json_member_str(j, "message", x->text);
	json_key(j, "fixed");
	json_bool(j, x->fixed);
	if (x->wrapped) {
		json_key(j, "wrapped");
		json_bool(j, true);
	}
	if (!x->fixed && x->why.n)
		json_member_str(j, "because", x->why);
	if (!x->fixed) {
		json_key(j, "fix");
		json_c(j, lint_rules[x->rule].fix);
	}
	json_end(j, '}');
}

static void json(struct call *c, const struct migrate_report *r, enum lint_level level)
{
	struct json j = json_to(&c->out);

	json_object(&j);
	json_key(&j, "level");
	json_c(&j, lint_level_names[level]);
	json_member_int(&j, "targets", (int64_t)r->ntargets);
	json_member_int(&j, "passed_before", (int64_t)r->passed_before);
	json_member_int(&j, "passed_after", (int64_t)r->passed_after);
	json_key(&j, "plan");
	json_array(&j);
	for (size_t i = 0; i < r->nitems; i++)
		item(&j, r, &r->items[i]);
	json_end(&j, ']');
	json_key(&j, "changes");
	json_array(&j);
	for (size_t i = 0; i < r->nchanges; i++) {
		json_object(&j);
		json_member_str(&j, "target", r->changes[i].target);
		json_member_str(&j, "change", r->changes[i].text);
		json_end(&j, '}');
	}
	json_end(&j, ']');
	json_key(&j, "files");
	json_array(&j);
	for (size_t i = 0; i < r->nfiles; i++) {
		struct buf diff = {0};

		migrate_diff(shown(r, r->files[i].path), r->files[i].before, r->files[i].after, &diff);
		json_object(&j);
		json_member_str(&j, "file", shown(r, r->files[i].path));
		json_key(&j, "written");
		json_bool(&j, r->files[i].written);
		json_member_str(&j, "diff", buf_view(&diff));
		json_end(&j, '}');
		buf_free(&diff);
	}
	json_end(&j, ']');
	json_end(&j, '}');
	buf_c(&c->out, '\n');
}

/* ---- the command ---- */

static const str *absolute(struct call *c, str dir, const struct texts *paths)
{
	str *out = arena_array(&c->arena, str, paths->n + 1);

	for (size_t i = 0; i < paths->n; i++) {
		str path = paths->p[i], full = path.n && path.p[0] == '/' ? path : str_c(os_join(&c->arena, dir, path));

		out[i] = os_normalize(&c->arena, full, &full) ? str_dup(&c->arena, full) : full;
	}
	return out;
}

static int run_migrate(struct call *c)
{
	const struct args *a = c->options;
	const char *dir = call_dir(c), *cache = os_cache_dir(&c->arena);
	struct migrate_request q = {.paths = c->arguments.args, .npaths = c->arguments.nargs, .fix = a->fix};
	struct migrate_report r;
	int code = 0;

	if (a->fix && a->dry_run) {
		call_usage(c, "--dry-run and --fix exclude each other");
		return 0;
	}
	q.to = level_of(c, a);
	if (!dir || q.to == LINT_LEVELS)
		return 0;
	if (!cache) {
		diag_hint(&c->diags, diag_error(&c->diags, DIAG_STORE_OPEN, NO_SPAN, "there is no place for the cache"),
				"set XDG_CACHE_HOME or HOME");
		return 0;
	}
	q.dir = str_c(dir);
	q.tables = absolute(c, q.dir, &a->tables);
	q.ntables = a->tables.n;
	q.cache = str_c(cache);
	if (migrate_run(&q, &r, &c->diags) || r.targets) {
		if (c->common.json) {
			json(c, &r, q.to);
		} else {
			if (!a->fix)
				diffs(c, &r);
			text(c, &r, q.to, a->fix);
		}
		code = left(&r) > 0;
	}
	migrate_end(&r);
	return code;
}

static const struct option options[] = {
	FLAG(struct args, phase1, 0, "phase1", "the same as --to=phase1"),
	TEXT(struct args, to, 0, "to", "phase1|phase2|phase3|phase4", "the phase whose level targets are to pass"),
	TEXTS(struct args, tables, 0, "table", "FILE", "a Dhall record that says what stands for packages of nixpkgs, as for `straylight convert`"),
	FLAG(struct args, dry_run, 0, "dry-run", "print the changes as a unified diff, and write nothing (the default)"),
	FLAG(struct args, fix, 0, "fix", "rewrite the files"),
};

const struct command cmd_migrate = {
	.name = "migrate",
	.usage = "(--phase1 | --to=PHASE) [PATH…]",
	.summary = "rewrite what keeps targets from the next level of the ladder",
	.about = "For each target, what must change for the phase (constrained is phase1, dice-preferred phase2, dice-required phase3, "
		 "pure-dice phase4), by the codes of lint: what is rewritten, and what is left to be done by hand, and why. "
		 "Without --fix the changes are printed as a unified diff.\n"
		 "From phase2 on derivations become targets of rules, as `straylight convert` reads them, or nix-compat actions; a "
		 "default.nix gets the BUILD.dhall of `straylight wrap --nix`.\n"
		 "Only the spans that a change is about are touched: comments and layout stay. The new texts are type-checked "
		 "and judged before anything is written; targets that nothing was wrong with must mean the same as before, and every other "
		 "difference of values is listed. A second run changes nothing.\n"
		 "PATH is as for `straylight lint`.\n"
		 "Exit code: 1 when something is left to be done by hand.",
	.section = SECTION_BUILD,
	.max = ARGS_ANY,
	COMMAND_OPTIONS(options, struct args),
	.run = run_migrate,
};
