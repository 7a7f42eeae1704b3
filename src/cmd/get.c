#include "watch.h"

struct args {
	str remote, instance;
	int digest; /* ORDER of server_fns */
};

static const struct option options[] = {
	TEXT(struct args, remote, 0, "remote", "grpc://HOST:PORT", "the server, with TLS grpcs://… (default: the workspace's)"),
	TEXT(struct args, instance, 0, "instance", "NAME", "the server's instance"),
	CHOICE(struct args, digest, 0, "digest", "sha256|blake3", "of the build (default: sha256)"),
};

static void print(struct watch *w, const str *paths, size_t n)
{
	struct buf *out = &w->call->out;
	struct json j = json_to(out);

	if (!w->call->common.json) {
		for (size_t i = 0; i < n; i++)
			buf_fmt(out, "%.*s\n", STR_ARG(watch_path(w, paths[i])));
		return;
	}
	json_object(&j);
	json_key(&j, "outputs");
	json_array(&j);
	for (size_t i = 0; i < n; i++)
		json_str(&j, paths[i]);
	json_end(&j, ']');
	json_end(&j, '}');
	buf_c(out, '\n');
}

static int run(struct call *c)
{
	const struct args *args = c->options;
	struct watch_args watch = {.remote = args->remote, .instance = args->instance, .require_remote = true, .digest = args->digest};
	struct watch w;
	const str *paths;
	size_t n;
	int code = 0;

	if (watch_open(&w, c, &watch, &(struct build_options){0})) {
		code = build_get(w.build, c->arguments.args, c->arguments.nargs, &paths, &n, &c->diags);
		if (code == 0)
			print(&w, paths, n);
	}
	return watch_close(&w, code);
}

const struct command cmd_get = {
	.name = "get",
	.usage = "[LABEL…]",
	.summary = "fetch outputs that the last build left at the server",
	.about = "Fetches the outputs of the targets from the server by the digests that their last build left, and writes them "
		 "below straylight-out/, as after `build --download=none`. Nothing is evaluated or built, and a source that "
		 "was edited since does not matter. Labels and patterns are those of `straylight build`.",
	.section = SECTION_BUILD,
	.max = ARGS_ANY,
	COMMAND_OPTIONS(options, struct args),
	.run = run,
};
