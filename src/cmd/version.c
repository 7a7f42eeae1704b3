#include "version.h"
#include "cmd.h"

static int run(struct call *c)
{
	struct json j = json_to(&c->out);

	if (!c->common.json) {
		buf_lit(&c->out, "straylight " STRAYLIGHT_VERSION "\n");
		return 0;
	}
	json_object(&j);
	json_key(&j, "version");
	json_c(&j, STRAYLIGHT_VERSION);
	json_end(&j, '}');
	buf_c(&c->out, '\n');
	return 0;
}

const struct command cmd_version = {
	.name = "version",
	.usage = "",
	.summary = "print the version",
	.about = "Prints the version of this program; with --json as an object.",
	.section = SECTION_OTHER,
	.run = run,
};
