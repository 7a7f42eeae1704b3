#include <straylight/doors.h>
#include <straylight/net.h>
#include <straylight/prelude.h>

#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#define FILE_MAX ((size_t)256 << 20) /* of one Dhall file */

struct doors {
	str cache, home_cache; /* directories; empty: none; the second where the first cannot be used */
	str types;
	const struct map *texts; /* of files that are to be read as if they said this; may be NULL */
};

static enum dhall_found door_read(void *ud, str path, struct blob **out, struct diags *diags)
{
	const struct doors *d = ud;
	const str *instead = d->texts ? map_get(d->texts, path) : NULL;
	struct arena a = {0};
	int err;

	if (instead) {
		*out = blob_new(*instead);
		return DHALL_FOUND;
	}
	if (str_starts(path, S(PRELUDE_DIR))) {
		str text = prelude_file(str_from(path, sizeof PRELUDE_DIR - 1));

		if (!text.p)
			return DHALL_ABSENT;
		*out = blob_new(text);
		return DHALL_FOUND;
	}
	err = os_read(str_dup(&a, path).p, FILE_MAX, out);
	arena_clear(&a);
	if (err == -ENOENT || err == -ENOTDIR)
		return DHALL_ABSENT;
	if (err) {
		os_error(diags, err == -EISDIR ? DIAG_IMPORT_FOLDER : DIAG_IMPORT_READ, err, "reading", path);
		return DHALL_FAILED;
	}
	return DHALL_FOUND;
}

static enum dhall_found door_variable(void *ud, str name, struct blob **out)
{
	struct arena a = {0};
	const char *value = getenv(str_dup(&a, name).p);

	(void)ud;
	arena_clear(&a);
	if (!value && str_eq(name, S("STRAYLIGHT_PRELUDE")))
		value = PRELUDE_DIR "package.dhall";
	if (!value)
		return DHALL_ABSENT;
	*out = blob_new(str_c(value));
	return DHALL_FOUND;
}

/* ---- the network ---- */

static bool is_allow_origin(str name)
{
	return name.n == 27 && strncasecmp(name.p, "Access-Control-Allow-Origin", 27) == 0;
}

static enum dhall_found door_fetch(void *ud, str url, const struct dhall_header *headers, size_t n, struct arena *a,
		struct dhall_response *out)
{
	struct net_request request = {.url = url, .nheaders = n, .max = FILE_MAX};
	struct net_header *sent = arena_array(a, struct net_header, n);
	struct net_response got;

	(void)ud;
	for (size_t i = 0; i < n; i++)
		sent[i] = (struct net_header){headers[i].name, headers[i].value};
	request.headers = sent;
	if (!net_get(a, &request, &got, &out->why, &out->hint))
		return DHALL_ABSENT;
	out->body = got.body;
	for (size_t i = 0; i < got.nheaders; i++) {
		if (!is_allow_origin(got.headers[i].name))
			continue;
		out->allow_origin = got.headers[i].value;
		out->nallow++;
	}
	return DHALL_FOUND;
}

/* ---- the integrity cache ---- */

/* Its name begins with 1220: SHA-256, 32 bytes. */
static const char *cache_path(str dir, const char *before, const unsigned char hash[32], struct arena *a)
{
	char hex[65];

	hex_of(hash, 32, hex);
	return str_fmt(a, "%.*s/%s%s", STR_ARG(dir), before, hex).p;
}

/* Only a cache: that it cannot be written costs time and nothing else. */
static bool write_entry(const char *path, str bytes)
{
	return os_mkdirs_for(path, 0777) == 0 && os_replace(path, bytes, 0666, false) == 0;
}

static bool read_entry(str dir, const char *before, const unsigned char hash[32], struct blob **out)
{
	struct arena a = {0};
	int err = dir.n ? os_read(cache_path(dir, before, hash, &a), FILE_MAX, out) : -ENOENT;

	arena_clear(&a);
	return err == 0;
}

static bool door_cached(void *ud, const unsigned char hash[32], struct blob **out)
{
	const struct doors *d = ud;

	return read_entry(d->cache, "1220", hash, out) || read_entry(d->home_cache, "1220", hash, out);
}

static void door_remember(void *ud, const unsigned char hash[32], str bytes)
{
	const struct doors *d = ud;
	struct arena a = {0};

	if (!(d->cache.n && write_entry(cache_path(d->cache, "1220", hash, &a), bytes)) && d->home_cache.n)
		(void)write_entry(cache_path(d->home_cache, "1220", hash, &a), bytes);
	arena_clear(&a);
}

/* ---- types that were found ---- */

static bool door_recall(void *ud, const unsigned char key[32], struct blob **out)
{
	const struct doors *d = ud;

	return read_entry(d->types, "", key, out);
}

static void door_store(void *ud, const unsigned char key[32], str bytes)
{
	const struct doors *d = ud;
	struct arena a = {0};

	if (d->types.n)
		(void)write_entry(cache_path(d->types, "", key, &a), bytes);
	arena_clear(&a);
}

static str home_cache_dir(struct arena *a, const char *name)
{
	const char *home = getenv("HOME");

	return home && home[0] == '/' ? str_fmt(a, "%s/.cache/%s", home, name) : (str){0};
}

static str cache_dir(struct arena *a, const char *name)
{
	const char *xdg = getenv("XDG_CACHE_HOME");

	return xdg && xdg[0] == '/' ? str_fmt(a, "%s/%s", xdg, name) : home_cache_dir(a, name);
}

/* 0, which is the default, when it is no number. */
static uint64_t number_of(const char *variable)
{
	const char *text = getenv(variable);
	char *end = NULL;
	uint64_t n = text && text[0] >= '0' && text[0] <= '9' ? strtoull(text, &end, 10) : 0;

	return end && *end == '\0' ? n : 0;
}

struct dhall_env doors_env(struct arena *a)
{
	struct doors *d = arena_make(a, struct doors);
	const char *home = getenv("HOME");
	char here[4096];

	d->cache = cache_dir(a, "dhall");
	d->home_cache = home_cache_dir(a, "dhall");
	d->types = cache_dir(a, "straylight/types");
	return (struct dhall_env){
		.read = door_read,
		.variable = door_variable,
		.fetch = door_fetch,
		.cached = door_cached,
		.remember = door_remember,
		.recall = door_recall,
		.store = door_store,
		.limits = {.steps = number_of("STRAYLIGHT_DHALL_STEPS"), .bytes = number_of("STRAYLIGHT_DHALL_BYTES")},
		.home = str_c(home),
		.directory = getcwd(here, sizeof here) ? str_dup(a, str_c(here)) : (str){NULL, 0},
		.ud = d,
	};
}

void doors_instead(struct dhall_env *env, const struct map *texts)
{
	((struct doors *)env->ud)->texts = texts;
}
