/* cmd.h: what a command is, and what it gets when it is called.
 *
 * Layer: cmd, the topmost.  A command is one row: a `const struct command` in the file that bears its
 * name (members of a group, "dhall eval", share the group's file), listed in main.c.  Parsing, help and
 * the manual page come from the row.
 *
 * Results go to `out` (standard output, written once at the end or by call_flush), complaints to
 * `diags` (standard error, printed at the end or by call_diags). */
#ifndef STRAYLIGHT_CMD_CMD_H
#define STRAYLIGHT_CMD_CMD_H

#include "options.h"

#define EXIT_INTERRUPTED 130

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER }; /* ORDER of the words in call.c */

struct common { /* the options that every command has */
	str dir;
	bool verbose, quiet, json, offline, help;
	int color; /* enum color */
};

/* Their rows, for help. */
extern const struct option common_rows[];
extern const size_t common_count;

struct call {
	const struct command *const *commands; /* the table, for help; ends with NULL */
	const struct command *command;
	struct common common;
	void *options;   /* the command's own struct, as its table filled it */
	struct arguments arguments;
	struct arena arena;
	struct diags diags;
	struct buf out;
	bool terminal; /* standard error is one */
	bool color;    /* on standard error */
	bool explain;  /* diagnostics are followed by the pages of their codes */
	int worst;  /* the exit code that printed diagnostics ask for */
};

enum section { SECTION_BUILD, SECTION_LANGUAGE, SECTION_OTHER, SECTION_COUNT };

enum command_flags {
	COMMAND_SPLIT = 1, /* what follows "--" is kept apart, in arguments.rest */
};

#define ARGS_ANY 0xffffu

struct command {
	const char *name;    /* "build", "dhall eval" */
	const char *usage;   /* the arguments: "[LABEL…]"; may be "" */
	const char *summary; /* one line */
	const char *about;   /* what it does in sentences; newlines are kept */
	enum section section;
	unsigned flags;      /* enum command_flags */
	unsigned min, max;   /* how many arguments */
	const struct option *options;
	size_t noptions;
	size_t size;         /* of the struct that the options fill */
	int (*run)(struct call *); /* the exit code; 0 becomes that of the worst diagnostic */
};

/* The members of a row whose options fill a T. */
#define COMMAND_OPTIONS(rows, T) .options = (rows), .noptions = SL_COUNT(rows), .size = sizeof(T)

/* Reads argv, finds the row, calls it, prints what is left and cleans up: all of main but the table. */
int call_main(const struct command *const *commands, int argc, char **argv);

/* Writes `out` to standard output now; a failure to write is a diagnostic. */
void call_flush(struct call *);
/* Prints the diagnostics now, as text or JSON lines, and empties the list.  The worst one's exit code is
 * remembered. */
void call_diags(struct call *);
/* "wrong usage" with the usage of the command as hint. */
void call_usage(struct call *, const char *fmt, ...) SL_PRINTF(2, 3);
/* One line for people on standard error, unless --quiet or --json. */
void call_say(struct call *, const char *fmt, ...) SL_PRINTF(2, 3);
/* The current directory as an absolute path in the arena; NULL after a diagnostic. */
const char *call_dir(struct call *);

/* ---- help.c ---- */

void help_command(const struct command *, struct buf *out);
void help_overview(const struct command *const *commands, struct buf *out);
void help_group(const struct command *const *commands, str word, struct buf *out);
/* The row with that name; NULL when there is none. */
const struct command *command_find(const struct command *const *commands, str name);
/* Is it the first word of a group ("dhall")? */
bool command_is_group(const struct command *const *commands, str word);
/* Errors: "there is no command …", with a suggestion; a group's name alone. */
void command_unknown(const struct command *const *commands, str name, struct diags *);
void command_incomplete(const struct command *const *commands, str word, struct diags *);

/* ---- the rows ---- */

extern const struct command cmd_init, cmd_build, cmd_run, cmd_test, cmd_shell, cmd_why, cmd_get, cmd_clean, cmd_gc, cmd_doctor;
extern const struct command cmd_lint, cmd_migrate, cmd_trace, cmd_trace_show, cmd_trace_diff;
extern const struct command cmd_wrap, cmd_convert;
extern const struct command cmd_query_targets, cmd_query_deps, cmd_query_rdeps, cmd_query_path, cmd_query_actions,
		cmd_query_owner, cmd_query_outputs;
extern const struct command cmd_toolchain_list, cmd_toolchain_capture, cmd_toolchain_verify,
		cmd_toolchain_update;
extern const struct command cmd_dhall_eval, cmd_dhall_type, cmd_dhall_hash, cmd_dhall_resolve, cmd_dhall_diff,
		cmd_dhall_encode, cmd_dhall_decode, cmd_dhall_to_json, cmd_dhall_to_yaml, cmd_dhall_json_to_dhall,
		cmd_dhall_yaml_to_dhall, cmd_dhall_to_nix;
extern const struct command cmd_dhall_format, cmd_dhall_lint, cmd_dhall_freeze, cmd_dhall_rewrite_with_schemas,
		cmd_dhall_tags, cmd_dhall_lsp, cmd_dhall_package, cmd_dhall_repl;
extern const struct command cmd_drv_show, cmd_drv_hash, cmd_drv_build;
extern const struct command cmd_nix_hash, cmd_nix_dump, cmd_nix_restore;
extern const struct command cmd_cas_put, cmd_cas_get, cmd_cas_has, cmd_cas_ls, cmd_cas_verify;
extern const struct command cmd_re_check, cmd_re_show, cmd_re_run;
extern const struct command cmd_completions, cmd_version, cmd_help;
extern const struct command cmd_nix_eval, cmd_nix_instantiate, cmd_nix_realise;

#endif
