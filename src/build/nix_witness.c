#include "nix_witness.h"

#include <assert.h>

struct nix_witness {
	struct arena arena;
	struct nix_env inner;
	struct map seen; /* kind and name: the ground's number and 1 */
	VEC(struct nix_ground) grounds;
	str except[NIX_WITNESS_EXCEPT];
	unsigned nexcept;
	int64_t born_ns; /* wall clock */
	bool fleeting;
};

/* ---- answers ---- */

static void of_type(enum nix_file_type type, unsigned char answer[32])
{
	char c = (char)type;

	if (type == NIX_NOTHING)
		memset(answer, 0, 32);
	else
		sha256(str_of(&c, 1), answer);
}

static void of_entries(const struct nix_entry *entries, size_t n, unsigned char answer[32])
{
	struct buf b = {0};

	for (size_t i = 0; i < n; i++) {
		buf_str(&b, entries[i].name);
		buf_c(&b, '\0');
		buf_c(&b, (char)entries[i].type);
	}
	sha256(buf_view(&b), answer);
	buf_free(&b);
}

static void look_file(const struct nix_env *e, str path, unsigned char answer[32])
{
	struct diags unheard = {0};
	struct blob *b;

	if (e->read(e->ud, path, &b, &unheard) == NIX_FOUND) {
		sha256(blob_str(b), answer);
		blob_unref(b);
	}
	diags_free(&unheard);
}

static void look_list(const struct nix_env *e, str path, unsigned char answer[32])
{
	struct diags unheard = {0};
	struct arena a = {0};
	struct nix_entry *entries;
	size_t n;

	if (e->list(e->ud, path, &a, &entries, &n, &unheard) == NIX_FOUND)
		of_entries(entries, n, answer);
	diags_free(&unheard);
	arena_clear(&a);
}

static void look_link(const struct nix_env *e, str path, unsigned char answer[32])
{
	struct arena a = {0};
	str target;

	if (e->link(e->ud, path, &a, &target))
		sha256(target, answer);
	arena_clear(&a);
}

static bool none(void *ud, str path, str type)
{
	(void)ud;
	(void)path;
	(void)type;
	return false;
}

/* The archive of the entry alone, and a folder's entries. */
static void look_source(const struct nix_env *e, str path, unsigned char answer[32])
{
	enum nix_file_type type = e->type(e->ud, path);
	unsigned char parts[64] = {0};
	struct diags unheard = {0};

	if (type == NIX_DIRECTORY)
		look_list(e, path, parts + 32);
	if (type != NIX_NOTHING && e->hash(e->ud, path, true, none, NULL, parts, &unheard))
		sha256(str_of((const char *)parts, sizeof parts), answer);
	diags_free(&unheard);
}

static void of_variable(const char *value, unsigned char answer[32])
{
	if (value)
		sha256(str_c(value), answer);
	else
		memset(answer, 0, 32);
}

void nix_ground_look(const struct nix_env *e, enum nix_ground_kind kind, str name, unsigned char answer[32])
{
	memset(answer, 0, 32);
	switch (kind) {
	case NIX_GROUND_FILE: look_file(e, name, answer); break;
	case NIX_GROUND_LIST: look_list(e, name, answer); break;
	case NIX_GROUND_TYPE: of_type(e->type(e->ud, name), answer); break;
	case NIX_GROUND_LINK: look_link(e, name, answer); break;
	case NIX_GROUND_SOURCE: look_source(e, name, answer); break;
	case NIX_GROUND_VARIABLE: of_variable(e->variable(e->ud, name), answer); break;
	case NIX_GROUND_KINDS: break;
	}
}

/* ---- noting ---- */

static bool is_excepted(const struct nix_witness *w, str path)
{
	for (unsigned i = 0; i < w->nexcept; i++) {
		str folder = w->except[i];

		if (str_starts(path, folder) && (path.n == folder.n || path.p[folder.n] == '/'))
			return true;
	}
	return false;
}

/* The ground's number, noted now when it is fresh. */
static struct nix_ground *ground(struct nix_witness *w, enum nix_ground_kind kind, str name, bool *fresh)
{
	struct arena a = {0};
	str key = str_fmt(&a, "%c%.*s", 'a' + (int)kind, STR_ARG(name));
	uintptr_t number = (uintptr_t)map_get(&w->seen, key);

	*fresh = number == 0;
	if (*fresh) {
		key = str_dup(&w->arena, key);
		vec_push(&w->grounds, ((struct nix_ground){.kind = kind, .name = str_from(key, 1)}));
		number = w->grounds.n;
		map_put(&w->seen, key, (void *)number);
	}
	arena_clear(&a);
	return &w->grounds.p[number - 1];
}

static void note(struct nix_witness *w, enum nix_ground_kind kind, str name, const unsigned char answer[32])
{
	struct nix_ground *g;
	bool fresh;

	if (is_excepted(w, name))
		return;
	g = ground(w, kind, name, &fresh);
	if (fresh)
		memcpy(g->answer, answer, 32);
	else if (memcmp(g->answer, answer, 32) != 0)
		w->fleeting = true;
}

/* What was not seen on its way through a door. */
static void note_now(struct nix_witness *w, enum nix_ground_kind kind, str name)
{
	unsigned char answer[32];

	if (is_excepted(w, name))
		return;
	nix_ground_look(&w->inner, kind, name, answer);
	note(w, kind, name, answer);
}

/* ---- doors ---- */

static enum nix_found noted_read(void *ud, str path, struct blob **out, struct diags *diags)
{
	struct nix_witness *w = ud;
	enum nix_found found = w->inner.read(w->inner.ud, path, out, diags);
	unsigned char answer[32] = {0};

	if (found == NIX_FOUND)
		sha256(blob_str(*out), answer);
	if (found != NIX_FAILED)
		note(w, NIX_GROUND_FILE, path, answer);
	return found;
}

static enum nix_found noted_list(void *ud, str path, struct arena *a, struct nix_entry **out, size_t *n, struct diags *diags)
{
	struct nix_witness *w = ud;
	enum nix_found found = w->inner.list(w->inner.ud, path, a, out, n, diags);
	unsigned char answer[32] = {0};

	if (found == NIX_FOUND)
		of_entries(*out, *n, answer);
	if (found != NIX_FAILED)
		note(w, NIX_GROUND_LIST, path, answer);
	return found;
}

static enum nix_file_type noted_type(void *ud, str path)
{
	struct nix_witness *w = ud;
	enum nix_file_type type = w->inner.type(w->inner.ud, path);
	unsigned char answer[32];

	of_type(type, answer);
	note(w, NIX_GROUND_TYPE, path, answer);
	return type;
}

static bool noted_link(void *ud, str path, struct arena *a, str *target)
{
	struct nix_witness *w = ud;
	bool ok = w->inner.link(w->inner.ud, path, a, target);
	unsigned char answer[32] = {0};

	if (ok)
		sha256(*target, answer);
	note(w, NIX_GROUND_LINK, path, answer);
	return ok;
}

static const char *noted_variable(void *ud, str name)
{
	struct nix_witness *w = ud;
	const char *value = w->inner.variable(w->inner.ud, name);
	unsigned char answer[32];

	of_variable(value, answer);
	note(w, NIX_GROUND_VARIABLE, name, answer);
	return value;
}

/* A filter judges by path and type, and what else it reads is noted; so what it keeps is the same while the folders that it saw have
 * the same entries. */
struct filtering {
	struct nix_witness *w;
	nix_filter *inner;
	void *ud;
};

/* A source is looked at here and hashed there: one that changes meanwhile may have been two. */
static void note_source(struct nix_witness *w, str path)
{
	struct arena a = {0};
	struct stamp s;

	if (is_excepted(w, path))
		return;
	if (os_stamp(str_dup(&a, path).p, &s) == 0 && os_stamp_racy(&s, w->born_ns))
		w->fleeting = true;
	arena_clear(&a);
	note_now(w, NIX_GROUND_SOURCE, path);
}

static bool noted_filter(void *ud, str path, str type)
{
	struct filtering *f = ud;
	bool keep = !f->inner || f->inner(f->ud, path, type);

	if (keep)
		note_source(f->w, path);
	else
		note_now(f->w, NIX_GROUND_TYPE, path);
	return keep;
}

static bool noted_hash(void *ud, str path, bool recursive, nix_filter *filter, void *filter_ud, unsigned char hash[32],
		struct diags *diags)
{
	struct nix_witness *w = ud;
	struct filtering f = {w, filter, filter_ud};

	if (recursive)
		note_source(w, path);
	else
		note_now(w, NIX_GROUND_FILE, path);
	return w->inner.hash(w->inner.ud, path, recursive, noted_filter, &f, hash, diags);
}

static bool inner_keep(void *ud, str path, str stored, bool recursive, nix_filter *filter, void *filter_ud, struct diags *diags)
{
	const struct nix_witness *w = ud;

	return w->inner.keep(w->inner.ud, path, stored, recursive, filter, filter_ud, diags);
}

static bool inner_write(void *ud, str path, str bytes, struct diags *diags)
{
	const struct nix_witness *w = ud;

	return w->inner.write(w->inner.ud, path, bytes, diags);
}

static bool noted_fetch(void *ud, const struct nix_fetch *f, struct arena *a, struct nix_fetched *out, struct diags *diags)
{
	struct nix_witness *w = ud;

	w->fleeting |= !f->sha256 && !f->rev.n;
	return w->inner.fetch(w->inner.ud, f, a, out, diags);
}

static bool inner_realise(void *ud, str drv, str output, struct diags *diags)
{
	const struct nix_witness *w = ud;

	return w->inner.realise(w->inner.ud, drv, output, diags);
}

static int64_t noted_now(void *ud)
{
	struct nix_witness *w = ud;

	w->fleeting = true;
	return w->inner.now(w->inner.ud);
}

static void noted_say(void *ud, str line)
{
	struct nix_witness *w = ud;

	w->fleeting = true;
	if (w->inner.say)
		w->inner.say(w->inner.ud, line);
}

/* Made anew and not from a copy: a door that is forgotten here is not there, instead of meeting another's ud. */
struct nix_env nix_witness_env(struct nix_witness *w)
{
	const struct nix_env *in = &w->inner;

	return (struct nix_env){
		.read = noted_read,
		.list = noted_list,
		.type = noted_type,
		.link = noted_link,
		.variable = in->variable ? noted_variable : NULL,
		.hash = noted_hash,
		.keep = in->keep ? inner_keep : NULL,
		.write = in->write ? inner_write : NULL,
		.fetch = in->fetch ? noted_fetch : NULL,
		.realise = in->realise ? inner_realise : NULL,
		.now = in->now ? noted_now : NULL,
		.say = noted_say,
		.store_dir = in->store_dir,
		.home = in->home,
		.directory = in->directory,
		.system = in->system,
		.search = in->search,
		.nsearch = in->nsearch,
		.restricted = in->restricted,
		.ud = w,
		.limits = in->limits,
	};
}

/* ---- the witness ---- */

struct nix_witness *nix_witness_new(const struct nix_env *inner)
{
	struct nix_witness *w = mem_make(struct nix_witness);

	w->inner = *inner;
	w->born_ns = os_wall_ns();
	return w;
}

void nix_witness_free(struct nix_witness *w)
{
	if (!w)
		return;
	map_free(&w->seen);
	vec_free(&w->grounds);
	arena_clear(&w->arena);
	mem_free(w);
}

void nix_witness_except(struct nix_witness *w, str folder)
{
	assert(w->nexcept < NIX_WITNESS_EXCEPT);
	if (folder.n)
		w->except[w->nexcept++] = folder;
}

const struct nix_ground *nix_witness_grounds(const struct nix_witness *w, size_t *n)
{
	*n = w->grounds.n;
	return w->grounds.p;
}

bool nix_witness_fleeting(const struct nix_witness *w)
{
	return w->fleeting;
}
