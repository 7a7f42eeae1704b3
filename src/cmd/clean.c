#include "cmd.h"

#include <straylight/build.h>

struct args {
	bool expunge;
};

static const struct option options[] = {
	FLAG(struct args, expunge, 0, "expunge", "also .straylight/, what the workspace remembers"),
};

static void waiting(void *ud)
{
	call_say(ud, "waiting for another straylight in this workspace");
}

static int run(struct call *c)
{
	const struct args *args = c->options;
	const char *dir = call_dir(c);
	str root, here;

	if (dir && build_find(str_c(dir), &c->arena, &root, &here, &c->diags) &&
			build_clean(root, args->expunge, waiting, c, &c->diags))
		call_say(c, "removed straylight-out/%s of '%.*s'", args->expunge ? " and .straylight/" : "",
				STR_ARG(root));
	return 0;
}

const struct command cmd_clean = {
	.name = "clean",
	.usage = "",
	.summary = "remove what was built in this workspace",
	.about = "Removes straylight-out/. The next build fetches what it needs from the cache, which stays as it is. No "
		 "problem ever needs this: it is for the disk's sake.",
	.section = SECTION_BUILD,
	.options = options,
	.noptions = SL_COUNT(options),
	.size = sizeof(struct args),
	.run = run,
};
