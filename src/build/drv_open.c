#include "drv_job.h"

#include <errno.h>

/* A struct drvbuild from its beginning to its end. */

static str realm_of(struct drvbuild *b)
{
	const struct drvbuild_options *o = &b->options;
	struct buf out = {0};

	for (size_t i = 0; i < o->nhost; i++) {
		if (i)
			buf_c(&out, ',');
		buf_str(&out, o->host[i]);
	}
	for (size_t i = 0; i < o->nvouchers; i++)
		buf_fmt(&out, "\n%.*s", STR_ARG(o->vouchers[i]));
	return buf_take(&out, &b->arena);
}

static bool open_store(struct drvbuild *b, struct diags *diags)
{
	str cache = b->options.cache.n ? b->options.cache : str_c(os_cache_dir(&b->arena));
	struct diag *d;

	if (b->options.owner) {
		b->store = b->options.owner->store;
		return true;
	}
	if (cache.n) {
		b->store = store_open(cache, DIGEST_SHA256, diags);
		return b->store != NULL;
	}
	d = diag_error(diags, DIAG_STORE_OPEN, NO_SPAN, "there is no place for the cache");
	diag_hint(diags, d, "set XDG_CACHE_HOME or HOME");
	return false;
}

static bool open_remote(struct drvbuild *b, struct diags *diags)
{
	const struct build_remote *r = &b->options.remote;
	struct re_config config = {
		.channel = {
			.endpoint = r->endpoint,
			.ca_file = r->ca_file,
			.cert_file = r->cert_file,
			.key_file = r->key_file,
			.headers = r->headers,
			.nheaders = r->nheaders,
		},
		.instance = r->instance,
		.version = r->version,
	};

	if (!r->endpoint.n)
		return true;
	b->client = re_open(b->loop, &config, b->store, diags);
	return b->client != NULL;
}

static bool open_caches(struct drvbuild *b, struct diags *diags)
{
	struct substitute_config config = b->options.caches;

	b->options.caches = (struct substitute_config){0};
	if (!config.ncaches)
		return true;
	config.store_dir = S(NIX_STORE_DIR);
	b->substituter = substituter_new(b->store, &config, diags);
	return b->substituter != NULL;
}

static bool check_host(struct drvbuild *b, struct diags *diags)
{
	for (size_t i = 0; i < b->options.nhost; i++) {
		str folder = b->options.host[i], normal;
		struct stat st;

		if (!folder.n || folder.p[0] != '/' || !os_normalize(&b->arena, folder, &normal) || !str_eq(folder, normal) ||
				folder.n < 2 || str_starts(str_fmt(&b->arena, "%.*s/", STR_ARG(folder)), S("/nix/"))) {
			diag_error(diags, DIAG_USAGE, NO_SPAN, "'%.*s' cannot be a host folder for builders", STR_ARG(folder));
			return false;
		}
		if (stat(str_dup(&b->arena, folder).p, &st) < 0) {
			os_error(diags, DIAG_USAGE, errno, "showing the host's", folder);
			return false;
		}
	}
	return true;
}

/* Its loop and pool. */
static void open_loop(struct drvbuild *b)
{
	const struct drvbuild_owner *o = b->options.owner;

	if (!o)
		uv_loop_init(&b->own);
	b->loop = o ? o->loop : &b->own;
	b->pool = o ? o->pool : pool_new(b->loop, os_cpus());
	b->wake.data = b;
	uv_async_init(b->loop, &b->wake, drvbuild_woken);
}

struct drvbuild *drvbuild_open(struct closure *closure, const struct drvbuild_options *options, struct diags *diags)
{
	struct drvbuild *b = mem_make(struct drvbuild);

	b->closure = closure;
	b->options = *options;
	b->last_ready = &b->ready;
	if (!b->options.jobs)
		b->options.jobs = os_cpus();
	open_loop(b);
	if (check_host(b, diags) && open_store(b, diags)) {
		b->valids = valids_new(b->store, realm_of(b));
		b->sources = drv_sources_new(b->store, b->valids, closure, S(NIX_STORE_DIR));
		b->sandbox = sandbox_new(b->loop);
		if (open_caches(b, diags) && open_remote(b, diags))
			return b;
	}
	drvbuild_close(b);
	return NULL;
}

void job_clear(struct drv_job *j)
{
	tree_unref(j->root);
	for (size_t i = 0; j->outputs && i < job_drv(j)->noutputs; i++)
		if (j->outputs[i].entry.kind == TREE_DIR)
			tree_unref(j->outputs[i].entry.dir);
	diags_free(&j->diags);
	arena_clear(&j->arena);
	j->root = NULL;
	j->outputs = NULL;
}

static void finish(struct drvbuild *b)
{
	for (size_t i = 0; i < b->njobs; i++)
		job_clear(&b->jobs[i]);
	drvbuild_forget(b);
	map_free(&b->asked);
	substituter_free(b->substituter);
	drv_sources_free(b->sources);
	valids_free(b->valids);
	if (b->store && !b->options.owner)
		store_close(b->store);
	arena_clear(&b->arena);
	mem_free(b);
}

static void on_closed(uv_handle_t *h)
{
	struct drvbuild *b = h->data;

	if (b->options.owner)
		finish(b);
}

void drvbuild_close(struct drvbuild *b)
{
	if (!b)
		return;
	re_close(b->client);
	if (b->sandbox)
		sandbox_free(b->sandbox);
	uv_close((uv_handle_t *)&b->wake, on_closed);
	if (b->options.owner)
		return;
	pool_free(b->pool);
	while (uv_run(b->loop, UV_RUN_DEFAULT))
		;
	uv_loop_close(b->loop);
	finish(b);
}

struct uv_loop_s *drvbuild_loop(struct drvbuild *b)
{
	return b->loop;
}

struct store *drvbuild_store(struct drvbuild *b)
{
	return b->store;
}

struct valids *drvbuild_valids(struct drvbuild *b)
{
	return b->valids;
}

struct drvbuild_summary drvbuild_summary(const struct drvbuild *b)
{
	return b->summary;
}
