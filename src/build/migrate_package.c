/* A default.nix from phase 2 on: the BUILD.dhall beside it, which `straylight wrap` or `straylight convert` writes. */
#include "migrate_int.h"

#include <straylight/convert.h>
#include <straylight/wrap.h>

static void say(struct fixing *f, enum lint_rule_id rule, const char *fmt, ...) SL_PRINTF(3, 4);
static void say(struct fixing *f, enum lint_rule_id rule, const char *fmt, ...)
{
	va_list args;
	str why;

	va_start(args, fmt);
	why = str_vfmt(f->a, fmt, args);
	va_end(args);
	for (size_t i = 0; i < f->judged->ntargets; i++) {
		const struct lint_target *t = &f->judged->targets[i];
		struct subject s = {.name = t->name};

		if (str_eq(t->file, f->path))
			trouble(f, &s, rule, "%.*s", STR_ARG(why));
	}
}

static bool is_package(str path)
{
	return str_ends(path, S("/default.nix")) || str_ends(path, S("/flake.nix"));
}

/* p == NULL: not all of it is native. */
static str converted(struct fixing *f)
{
	struct convert_request q = {.file = f->path, .folder = f->folder, .tables = f->tables, .ntables = f->ntables};
	struct convert_report r;
	struct diags diags = {0};
	str text = {0};

	if (!convert_nix(&q, &r, &diags))
		say(f, LINT_NIX_OUTSIDE, "%.*s", STR_ARG(diags_line(f->a, &diags)));
	else if (r.nleft)
		say(f, LINT_NIX_OUTSIDE, "'%.*s': %.*s", STR_ARG(r.left[0].attribute.n ? r.left[0].attribute : r.left[0].target),
				STR_ARG(r.left[0].why));
	else if (r.text.n)
		text = str_dup(f->a, r.text);
	convert_end(&r);
	diags_free(&diags);
	return text;
}

static str wrapped(struct fixing *f)
{
	struct wrap_request q = {.dir = f->folder, .file = str_from(f->path, f->folder.n + 1)};
	struct diags diags = {0};
	struct buf b = {0};
	str text = {0};

	if (wrap_run(&q, &b, &diags))
		text = str_dup(f->a, buf_view(&b));
	else
		say(f, LINT_UNWRAPPED, "%.*s", STR_ARG(diags_line(f->a, &diags)));
	buf_free(&b);
	diags_free(&diags);
	return text;
}

void package_rewrite(struct fixing *f)
{
	str path = str_c(os_join(f->a, f->folder, S("BUILD.dhall"))), text = {0};
	struct stat st;

	if (f->to < LINT_DICE_PREFERRED || !is_package(f->path) || f->mode == FIX_NONE)
		return;
	if (stat(path.p, &st) == 0) {
		say(f, LINT_UNWRAPPED, "there is a BUILD.dhall, which does not have it: add what `straylight wrap --nix` prints");
		say(f, LINT_NIX_OUTSIDE, "there is a BUILD.dhall: once nothing in it wraps this file, remove it");
		return;
	}
	if (f->to >= LINT_DICE_REQUIRED && f->mode == FIX_ALL)
		text = converted(f);
	if (text.p)
		say(f, LINT_NIX_OUTSIDE, "BUILD.dhall builds it now, by rules: remove this file when nothing else reads it");
	else
		text = wrapped(f);
	if (text.p)
		vec_push(&f->created, ((struct lint_text){path, text}));
}
