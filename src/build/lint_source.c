/* The source of a Dhall file. */
#include "lint_int.h"

#include <straylight/dhall_marks.h>

struct reading {
	struct lint_file *f;
	str text;
	bool texts; /* literals are judged: nobody looks at the value */
};

static bool is_maker(str name)
{
	return str_eq(name, S("mkDerivation")) || str_eq(name, S("buildRustPackage")) || str_eq(name, S("mkHaskellPackage"));
}

static void judge_name(struct lint_file *f, const struct dh_mark *m)
{
	if (str_eq(m->text, S("fromNix")))
		lint_find(f, f->in_toolchains ? LINT_FROM_NIX : LINT_FROM_NIX_OUTSIDE, LINT_NO_TARGET, f->path, m->at.lo, m->at.hi,
				"a toolchain is taken from Nix");
	if (f->in_toolchains)
		return;
	if (is_maker(m->text))
		lint_find(f, LINT_MK_DERIVATION, LINT_NO_TARGET, f->path, m->at.lo, m->at.hi, "'%.*s' is used",
				STR_ARG(m->text));
	if (str_eq(m->text, S("Derivation")))
		lint_find(f, LINT_MODULE, LINT_NO_TARGET, f->path, m->at.lo, m->at.hi, "the module Derivation is used");
}

static void judge_text(struct lint_file *f, const struct dh_mark *m)
{
	if (lint_names_store(m->text))
		lint_find(f, LINT_STORE_PATH, LINT_NO_TARGET, f->path, m->at.lo, m->at.hi, "a text names /nix/store");
	if (lint_names_drv(m->text))
		lint_find(f, LINT_DRV, LINT_NO_TARGET, f->path, m->at.lo, m->at.hi, "a text names a .drv file");
}

static void judge_mark(void *ud, const struct dh_mark *m)
{
	struct reading *r = ud;
	struct lint_file *f = r->f;

	switch (m->kind) {
	case DH_MARK_COMMENT: lint_comment(f, r->text, m->at.lo, m->at.hi, m->text); break;
	case DH_MARK_NAME: judge_name(f, m); break;
	case DH_MARK_TEXT:
		if (r->texts)
			judge_text(f, m);
		break;
	case DH_MARK_IMPORT:
		if (str_ends(m->text, S("/Derivation.dhall")) && !f->in_toolchains)
			lint_find(f, LINT_MODULE, LINT_NO_TARGET, f->path, m->at.lo, m->at.hi, "'%.*s' is imported",
					STR_ARG(m->text));
		break;
	}
}

bool lint_read(struct lint_file *f, str text, bool texts)
{
	struct reading r = {f, text, texts};

	return dhall_marks(text, f->path, judge_mark, &r, &f->diags);
}

void lint_dhall_source(str text, struct lint_file *f)
{
	if (lint_read(f, text, true))
		lint_allow_all(f);
}
