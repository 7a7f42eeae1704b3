#include "configure.h"
#include "state.h"

#include <straylight/base/os.h>
#include <straylight/build.h>

#include <errno.h>
#include <unistd.h>

static void remove_below(str root, str name, struct diags *diags)
{
	struct arena a = {0};
	const char *path = os_join(&a, root, name);
	int err = os_remove_tree(path);

	if (err)
		os_error(diags, DIAG_IO, err, "removing", str_c(path));
	arena_clear(&a);
}

static bool has_state(str root)
{
	struct arena a = {0};
	bool has = access(os_join(&a, root, S(".straylight")), F_OK) == 0;

	arena_clear(&a);
	return has;
}

/* With the lock: a build that runs meanwhile would find half of its outputs.  Without .straylight/ none
 * does. */
bool build_clean(str root, bool expunge, void (*waiting)(void *ud), void *ud, struct diags *diags)
{
	size_t before = diags->errors;
	struct state *state = NULL;

	if (has_state(root)) {
		state = state_open(root, DIGEST_SHA256, waiting, ud, diags);
		if (!state)
			return false;
	}
	remove_below(root, S(OUT_DIR), diags);
	if (expunge)
		remove_below(root, S(".straylight"), diags);
	state_close(state);
	return diags->errors == before;
}
