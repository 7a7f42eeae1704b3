#include "cmd.h"
#include "size.h"

#include <straylight/store.h>

#include <errno.h>

#define KEEP_DEFAULT ((uint64_t)10 << 30)

struct args {
	str keep;
};

static const struct option options[] = {
	TEXT(struct args, keep, 0, "keep-bytes", "N", "how much may stay, as 5000000000, 500M or 20G; 10G without it"),
};

static void report(struct call *c, const struct store_swept *s)
{
	struct arena *a = &c->arena;

	if (c->common.json)
		buf_fmt(&c->out, "{\"removed\":%zu,\"removed_bytes\":%llu,\"kept\":%zu,\"kept_bytes\":%llu}\n", s->removed,
				(unsigned long long)s->removed_bytes, s->kept, (unsigned long long)s->kept_bytes);
	else
		call_say(c, "removed %.*s; %.*s are left", STR_ARG(size_text(a, s->removed_bytes)),
				STR_ARG(size_text(a, s->kept_bytes)));
}

static int run(struct call *c)
{
	const struct args *args = c->options;
	const char *cache = os_cache_dir(&c->arena);
	uint64_t keep = KEEP_DEFAULT;
	struct store_swept swept;
	int err;

	if (args->keep.p && !size_read(args->keep, &keep)) {
		call_usage(c, "'%.*s' is no amount of bytes", STR_ARG(args->keep));
		return 0;
	}
	if (!cache) {
		diag_hint(&c->diags, diag_error(&c->diags, DIAG_STORE_OPEN, NO_SPAN, "there is no place for the cache"),
				"set XDG_CACHE_HOME or HOME");
		return 0;
	}
	err = store_gc(str_c(cache), keep, &swept);
	if (err == -EBUSY)
		diag_hint(&c->diags, diag_error(&c->diags, DIAG_STORE_BUSY, NO_SPAN, "another straylight uses the cache '%s'", cache),
				"wait until it has ended, and run the command again");
	else if (err < 0)
		os_error(&c->diags, DIAG_IO, err, "cannot make the cache smaller", str_c(cache));
	else
		report(c, &swept);
	return 0;
}

const struct command cmd_gc = {
	.name = "gc",
	.usage = "",
	.summary = "make the cache smaller",
	.about = "Removes from the cache what was used longest ago, until no more than N bytes of disk are left. What a build "
		 "needs again is made or fetched again; nothing is wrong without it. Workspaces, with their outputs, stay as they are, and "
		 "so do the store paths of the Nix commands.",
	.section = SECTION_BUILD,
	.options = options,
	.noptions = SL_COUNT(options),
	.size = sizeof(struct args),
	.run = run,
};
