/* The members of the group "dhall" that work on source. */
#include "dhall_edit.h"

static const struct option check_options[] = {
	EDIT_CHECK,
};

/* ---- format ---- */

static bool apply_format(struct edit *e, str text, str name, struct buf *out)
{
	return dhall_format(text, name, out, &e->call->diags);
}

EDIT_RUN(format, EDIT_TEXT)

const struct command cmd_dhall_format = {
	.name = "dhall format",
	.usage = "[FILE | -]…",
	.summary = "lay out Dhall source in the standard style",
	.about = "Lays out source as the standard tools do, at most 80 columns wide, and keeps every comment where it "
		 "belongs. Signs are ASCII, or Unicode throughout where the text has one such sign. " EDIT_FILES,
	.section = SECTION_LANGUAGE,
	.max = ARGS_ANY,
	COMMAND_OPTIONS(check_options, struct edit_args),
	.run = run_format,
};

/* ---- lint ---- */

static bool apply_lint(struct edit *e, str text, str name, struct buf *out)
{
	return dhall_lint(text, name, out, &e->said, &e->call->diags);
}

EDIT_RUN(lint, EDIT_TEXT)

const struct command cmd_dhall_lint = {
	.name = "dhall lint",
	.usage = "[FILE | -]…",
	.summary = "remove unused bindings, improve old code",
	.about = "Removes bindings that nothing uses (not those that hold an assertion), writes 'let … in let …' as one block, "
		 "asserts equivalences that are only bound, writes ./../a as ../a, and names the files of "
		 "prelude.dhall-lang.org with .dhall. What none of this concerns stays as it is, to the byte. " EDIT_FILES
		 " Each line then says what would change.",
	.section = SECTION_LANGUAGE,
	.max = ARGS_ANY,
	COMMAND_OPTIONS(check_options, struct edit_args),
	.run = run_lint,
};

/* ---- freeze ---- */

static bool apply_freeze(struct edit *e, str text, str name, struct buf *out)
{
	unsigned flags = (e->args->all ? DHALL_FREEZE_ALL : 0) | (e->args->cache ? DHALL_FREEZE_CACHE : 0);

	return dhall_freeze(e->session, text, name, e->directory, flags, out);
}

EDIT_RUN(freeze, EDIT_SESSION)

static const struct option freeze_options[] = {
	FLAG(struct edit_args, all, 0, "all", "local files and environment variables too, not only what is remote"),
	FLAG(struct edit_args, cache, 0, "cache", "write 'missing sha256:… ? import': the hash only finds it in the cache"),
	EDIT_CHECK,
};

const struct command cmd_dhall_freeze = {
	.name = "dhall freeze",
	.usage = "[FILE | -]…",
	.summary = "put the present hashes behind the imports of Dhall source",
	.about = "Puts sha256:… of what it stands for now behind every remote import, also where another hash is written, and "
		 "remembers it in the cache. All else stays as it is, to the byte. " EDIT_FILES,
	.section = SECTION_LANGUAGE,
	.max = ARGS_ANY,
	COMMAND_OPTIONS(freeze_options, struct edit_args),
	.run = run_freeze,
};

/* ---- rewrite-with-schemas ---- */

static bool apply_schemas(struct edit *e, str text, str name, struct buf *out)
{
	return dhall_rewrite_with_schemas(e->session, text, name, e->directory, e->args->schemas, out);
}

static int run_schemas(struct call *c)
{
	const struct edit_args *a = c->options;

	if (!a->schemas.p) {
		call_usage(c, "--schemas is missing");
		return 0;
	}
	return dhall_edit(c, apply_schemas, EDIT_SESSION);
}

static const struct option schemas_options[] = {
	TEXT(struct edit_args, schemas, 0, "schemas", "EXPR", "the record of schemas, a Dhall expression: ./schemas.dhall"),
	EDIT_CHECK,
};

const struct command cmd_dhall_rewrite_with_schemas = {
	.name = "dhall rewrite-with-schemas",
	.usage = "--schemas=EXPR [FILE | -]…",
	.summary = "write records as completions of their schemas",
	.about = "Writes the normal form of the source with every closed record whose type is the Type of a schema as "
		 "schemas.NAME::{ … }, without the fields that are the schema's default. EXPR is a record of schemas, each "
		 "{ Type, default }; its imports start from the file's folder, as they will stand in it. A file without such "
		 "records stays as it is. " EDIT_FILES,
	.section = SECTION_LANGUAGE,
	.max = ARGS_ANY,
	COMMAND_OPTIONS(schemas_options, struct edit_args),
	.run = run_schemas,
};

/* ---- tags ---- */

static bool apply_tags(struct edit *e, str text, str name, struct buf *out)
{
	return dhall_tags(text, name, out, &e->call->diags);
}

EDIT_RUN(tags, EDIT_PRINT)

const struct command cmd_dhall_tags = {
	.name = "dhall tags",
	.usage = "[FILE | -]…",
	.summary = "print tags of Dhall source for editors",
	.about = "Prints where bindings, fields and alternatives are written, in the format of etags, which vi and Emacs read. "
		 "- is standard input, which is also what no FILE means.",
	.section = SECTION_LANGUAGE,
	.max = ARGS_ANY,
	.run = run_tags,
};
