#include "re_int.h"

#include <remote_execution.pb-c.h>

/* The versions of the API that this client speaks. */
static const unsigned own_low[2] = {2, 0}, own_high[2] = {2, 12};

static const char *fn_name(int fn)
{
	switch (fn) {
	case RE__DIGEST_FUNCTION__VALUE__SHA256: return "SHA256";
	case RE__DIGEST_FUNCTION__VALUE__SHA1: return "SHA1";
	case RE__DIGEST_FUNCTION__VALUE__MD5: return "MD5";
	case RE__DIGEST_FUNCTION__VALUE__VSO: return "VSO";
	case RE__DIGEST_FUNCTION__VALUE__SHA384: return "SHA384";
	case RE__DIGEST_FUNCTION__VALUE__SHA512: return "SHA512";
	case RE__DIGEST_FUNCTION__VALUE__MURMUR3: return "MURMUR3";
	case RE__DIGEST_FUNCTION__VALUE__SHA256TREE: return "SHA256TREE";
	case RE__DIGEST_FUNCTION__VALUE__BLAKE3: return "BLAKE3";
	case RE__DIGEST_FUNCTION__VALUE__GITSHA1: return "GITSHA1";
	default: return "an unknown one";
	}
}

void caps_write_fn(struct re_client *c, struct buf *b, unsigned field)
{
	wire_int(b, field, store_fn(c->store));
}

/* ---- the gate ---- */

static void pass(struct re_client *c, const struct gate *g)
{
	struct re_status refused = {.code = GRPC_FAILED_PRECONDITION, .source = GRPC_BY_CHANNEL, .text = c->refusal};

	g->go(g->ud, c->caps_state == CAPS_KNOWN ? NULL : &refused);
	client_release(c);
}

static void open_gates(struct re_client *c, const struct re_status *failed)
{
	VEC(struct gate) gates = {c->gates.p, c->gates.n, c->gates.cap};

	c->gates.p = NULL;
	c->gates.n = c->gates.cap = 0;
	for (size_t i = 0; i < gates.n; i++) {
		if (!failed) {
			pass(c, &gates.p[i]);
			continue;
		}
		gates.p[i].go(gates.p[i].ud, failed);
		client_release(c);
	}
	vec_free(&gates);
}

/* ---- judging ---- */

static bool offers(const Re__DigestFunction__Value *fns, size_t n, int fn)
{
	for (size_t i = 0; i < n; i++)
		if ((int)fns[i] == fn)
			return true;
	return n == 0 && fn == DIGEST_SHA256;
}

static bool refuse_fn(struct re_client *c, const Re__CacheCapabilities *cache)
{
	struct buf b = {0};

	buf_fmt(&b, "the server's digest functions are ");
	for (size_t i = 0; i < cache->n_digest_functions; i++)
		buf_fmt(&b, "%s%s", i ? ", " : "", fn_name((int)cache->digest_functions[i]));
	buf_fmt(&b, "%s, this build's is %s", cache->n_digest_functions ? "" : "not said (SHA256)", fn_name((int)store_fn(c->store)));
	c->refusal = buf_take(&b, &c->mem);
	return false;
}

static int compare_version(const unsigned a[2], const unsigned b[2])
{
	return a[0] != b[0] ? (a[0] < b[0] ? -1 : 1) : a[1] != b[1] ? (a[1] < b[1] ? -1 : 1) : 0;
}

static void version(unsigned out[2], const Build__Bazel__Semver__SemVer *v)
{
	out[0] = v ? (unsigned)v->major : 0;
	out[1] = v ? (unsigned)v->minor : 0;
}

static bool judge_versions(struct re_client *c, const Re__ServerCapabilities *s)
{
	struct re_caps *caps = &c->caps;

	version(caps->low, s->low_api_version);
	version(caps->high, s->high_api_version);
	if ((!caps->low[0] || compare_version(caps->low, own_high) <= 0) && (!caps->high[0] || compare_version(caps->high, own_low) >= 0))
		return true;
	c->refusal = str_fmt(&c->mem, "the server speaks versions %u.%u to %u.%u of the Remote Execution API, this client %u.%u to %u.%u", caps->low[0],
			caps->low[1], caps->high[0], caps->high[1], own_low[0], own_low[1], own_high[0], own_high[1]);
	return false;
}

static bool has_zstd(const Re__Compressor__Value *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (all[i] == RE__COMPRESSOR__VALUE__ZSTD)
			return true;
	return false;
}

static bool executes(const Re__ExecutionCapabilities *e, int fn)
{
	if (!e || !e->exec_enabled)
		return false;
	return offers(e->digest_functions, e->n_digest_functions, fn) || (int)e->digest_function == fn;
}

static bool judge(struct re_client *c, const Re__ServerCapabilities *s)
{
	static const Re__CacheCapabilities none = RE__CACHE_CAPABILITIES__INIT;
	const Re__CacheCapabilities *cache = s->cache_capabilities ? s->cache_capabilities : &none;
	struct re_caps *caps = &c->caps;
	int64_t batch = cache->max_batch_total_size_bytes;

	caps->fn = store_fn(c->store);
	caps->exec = executes(s->execution_capabilities, (int)caps->fn);
	caps->ac_write = cache->action_cache_update_capabilities && cache->action_cache_update_capabilities->update_enabled;
	caps->zstd = !c->config.no_compression && has_zstd(cache->supported_compressors, cache->n_supported_compressors);
	caps->batch_max = batch > 0 && batch < (int64_t)RE_MESSAGE_MAX ? (size_t)batch : RE_MESSAGE_MAX;
	caps->blob_max = cache->max_cas_blob_size_bytes > 0 ? cache->max_cas_blob_size_bytes : 0;
	return judge_versions(c, s) &&
			(offers(cache->digest_functions, cache->n_digest_functions, (int)caps->fn) || refuse_fn(c, cache));
}

static void on_caps(void *ud, const struct grpc_status *s, str reply)
{
	struct re_client *c = ud;
	struct re_status failed = {.code = GRPC_OK};
	Re__ServerCapabilities *m = NULL;
	struct arena a = {0};

	if (s->code == GRPC_OK)
		m = re__server_capabilities__unpack(NULL, reply.n, (const uint8_t *)reply.p);
	if (m) {
		c->caps_state = judge(c, m) ? CAPS_KNOWN : CAPS_REFUSED;
		re__server_capabilities__free_unpacked(m, NULL);
		open_gates(c, NULL);
		return;
	}
	c->caps_state = CAPS_UNKNOWN; /* the next operation asks again */
	status_keep(&failed, &a, s, "the server did not tell its capabilities");
	status_fail(&failed, &a, GRPC_INTERNAL, GRPC_BY_CHANNEL, "the server's capabilities cannot be read");
	open_gates(c, &failed);
	arena_clear(&a);
}

static void ask(struct re_client *c)
{
	struct buf b = {0};

	c->caps_state = CAPS_ASKED;
	wire_str(&b, 1, c->config.instance);
	rpc_call(c, RE_SERVICE "Capabilities/GetCapabilities", NULL, c->config.rpc_ms, rpc_blob(&b), on_caps, c);
}

static void on_known(void *ud)
{
	struct gate *g = ud;

	pass(g->client, g);
	mem_free(g);
}

void caps_need(struct re_client *c, gate_fn *go, void *ud)
{
	struct gate g = {c, go, ud}, *later;

	client_hold(c);
	if (c->caps_state == CAPS_KNOWN || c->caps_state == CAPS_REFUSED) {
		later = mem_make(struct gate);
		*later = g;
		client_sleep(c, 0, on_known, later);
		return;
	}
	vec_push(&c->gates, g);
	if (c->caps_state == CAPS_UNKNOWN)
		ask(c);
}

/* ---- asking for them alone ---- */

struct asker {
	struct re_client *client;
	re_got_caps *done;
	void *ud;
};

static void tell(void *ud, const struct re_status *refusal)
{
	static const struct re_status ok;
	struct asker *a = ud;

	a->done(a->ud, refusal ? refusal : &ok, refusal ? NULL : &a->client->caps);
	mem_free(a);
}

void re_capabilities(struct re_client *c, re_got_caps *done, void *ud)
{
	struct asker *a = mem_make(struct asker);

	*a = (struct asker){c, done, ud};
	caps_need(c, tell, a);
}
