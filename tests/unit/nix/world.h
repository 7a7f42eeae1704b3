/* world.h: a world of a few files in memory, for tests of the Nix language. */
#ifndef STRAYLIGHT_TEST_NIX_WORLD_H
#define STRAYLIGHT_TEST_NIX_WORLD_H

#include <straylight/nix.h>

struct world_file {
	const char *path, *text; /* text NULL: a directory */
};

static const struct world_file world_files[] = {
	{"/w", NULL}, {"/w/default.nix", "{ here = ./.; x = 1; }"}, {"/w/self.nix", "import ./self.nix"}, {"/w/text", "bytes\n"},
	{"/w/bad.nix", "{ a = ; }"}, {"/w/f.nix", "x: x + y"},
};

static const struct world_file *world_at(str path)
{
	for (size_t i = 0; i < SL_COUNT(world_files); i++)
		if (str_eq(path, str_c(world_files[i].path)))
			return &world_files[i];
	return NULL;
}

static enum nix_found world_read(void *ud, str path, struct blob **out, struct diags *diags)
{
	const struct world_file *f = world_at(path);

	(void)ud;
	if (!f)
		return NIX_ABSENT;
	if (!f->text) {
		diag_error(diags, DIAG_NIX_FILE, NO_SPAN, "'%.*s' is a directory", STR_ARG(path));
		return NIX_FAILED;
	}
	*out = blob_new(str_c(f->text));
	return NIX_FOUND;
}

static enum nix_found world_list(void *ud, str path, struct arena *mem, struct nix_entry **out, size_t *n,
		struct diags *diags)
{
	(void)ud, (void)diags;
	if (!str_eq(path, S("/w")))
		return NIX_ABSENT;
	*out = arena_array(mem, struct nix_entry, SL_COUNT(world_files));
	*n = 0;
	for (size_t i = 1; i < SL_COUNT(world_files); i++)
		(*out)[(*n)++] = (struct nix_entry){str_c(world_files[i].path + 3), NIX_REGULAR};
	return NIX_FOUND;
}

static enum nix_file_type world_type(void *ud, str path)
{
	const struct world_file *f = world_at(path);

	(void)ud;
	return !f ? NIX_NOTHING : f->text ? NIX_REGULAR : NIX_DIRECTORY;
}

static bool world_link(void *ud, str path, struct arena *mem, str *target)
{
	(void)ud, (void)path, (void)mem, (void)target;
	return false;
}

static bool world_hash(void *ud, str path, bool recursive, nix_filter *f, void *filter_ud,
		unsigned char out[32], struct diags *diags)
{
	(void)ud, (void)recursive, (void)diags;
	sha256(path, out);
	return !f || f(filter_ud, path, S("regular")) || true;
}

static inline struct nix *world_open(struct nix_limits limits, struct diags *diags)
{
	static const str search[] = {{"w=/w", 4}};
	const struct nix_env env = {.read = world_read, .list = world_list, .type = world_type,
			.link = world_link, .hash = world_hash,
			.restricted = true, .search = search, .nsearch = 1, .limits = limits};

	return nix_open(&env, diags);
}

#endif
