#include "cmd.h"

#include <straylight/base/pool.h>
#include <straylight/wrap.h>

struct args {
	bool nix;
	str attr;
	struct texts search;
};

static void work(void *ud)
{
	struct call *c = ud;
	const struct args *a = c->options;
	const char *dir = call_dir(c);
	struct wrap_request r = {
		.file = c->arguments.args[0],
		.attr = a->attr,
		.search = a->search.p,
		.nsearch = a->search.n,
	};

	if (!dir)
		return;
	r.dir = str_c(dir);
	source_root(r.dir);
	(void)!wrap_run(&r, &c->out, &c->diags);
}

static int run(struct call *c)
{
	const struct args *a = c->options;

	if (a->nix)
		pool_run_deep(work, c);
	else
		call_usage(c, "what FILE is is not said: --nix");
	return 0;
}

static const struct option options[] = {
	FLAG(struct args, nix, 0, "nix", "FILE is of the Nix language"),
	TEXT(struct args, attr, 'A', "attr", "ATTR", "only the derivation, or those, at this attribute path: a.b.\"c d\""),
	TEXTS(struct args, search, 'I', NULL, "NAME=PATH", "where <NAME> is; before NIX_PATH"),
};

const struct command cmd_wrap = {
	.name = "wrap",
	.usage = "--nix FILE",
	.summary = "write a BUILD.dhall whose targets are the derivations of a Nix file",
	.about = "Prints a BUILD.dhall for the current folder: one target for each derivation that FILE gives, as an action of the category "
		 "\"nix-compat\". Its inputs are the files that evaluating it reads. `straylight build` evaluates the expression and builds the "
		 "derivation itself, here or remotely, and copies its outputs; the host's nix is not asked, unless --nix=host says so.\n"
		 "FILE is a default.nix, a flake.nix, or a folder with one of them, at or below the current folder. A function whose parameters "
		 "have defaults is called; of another one the arguments come from <nixpkgs>. Of a flake the packages for this machine count; its "
		 "inputs other than nixpkgs are not known.\n"
		 "    straylight wrap --nix ./default.nix > BUILD.dhall",
	.section = SECTION_BUILD,
	.min = 1,
	.max = 1,
	COMMAND_OPTIONS(options, struct args),
	.run = run,
};
