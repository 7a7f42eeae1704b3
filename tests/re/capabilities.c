#include "services.h"

static Build__Bazel__Semver__SemVer *version(struct arena *a, int minor)
{
	Build__Bazel__Semver__SemVer *v = message_new(a, &build__bazel__semver__sem_ver__descriptor);

	v->major = 2;
	v->minor = minor;
	return v;
}

static Re__CacheCapabilities *cache(struct call *c, Re__DigestFunction__Value *fns, size_t nfns)
{
	static Re__Compressor__Value zstd[] = {RE__COMPRESSOR__VALUE__ZSTD};
	Re__CacheCapabilities *cache = message_new(&c->arena, &re__cache_capabilities__descriptor);
	Re__ActionCacheUpdateCapabilities *update = message_new(&c->arena, &re__action_cache_update_capabilities__descriptor);

	update->update_enabled = !c->server->options.read_only;
	cache->action_cache_update_capabilities = update;
	cache->n_digest_functions = nfns;
	cache->digest_functions = fns;
	cache->max_batch_total_size_bytes = c->server->like->max_batch;
	cache->symlink_absolute_path_strategy = RE__SYMLINK_ABSOLUTE_PATH_STRATEGY__VALUE__ALLOWED;
	if (c->server->like->zstd) {
		cache->n_supported_compressors = cache->n_supported_batch_update_compressors = 1;
		cache->supported_compressors = cache->supported_batch_update_compressors = zstd;
	}
	return cache;
}

void get_capabilities(struct call *c, str bytes)
{
	static Re__DigestFunction__Value fns[] = {RE__DIGEST_FUNCTION__VALUE__SHA256, RE__DIGEST_FUNCTION__VALUE__BLAKE3};
	const Re__GetCapabilitiesRequest *request = call_unpack(c, &re__get_capabilities_request__descriptor, bytes);
	Re__ServerCapabilities answer = RE__SERVER_CAPABILITIES__INIT;
	Re__ExecutionCapabilities execution = RE__EXECUTION_CAPABILITIES__INIT;
	size_t nfns = c->server->like->blake3 ? 2 : 1;

	if (!request || (!c->server->like->open_capabilities && !call_instance(c, request->instance_name)))
		return;
	answer.low_api_version = version(&c->arena, c->server->like->api_low);
	answer.high_api_version = version(&c->arena, c->server->like->api_high);
	answer.cache_capabilities = cache(c, fns, nfns);
	if (!c->server->options.no_execution) {
		execution.digest_function = RE__DIGEST_FUNCTION__VALUE__SHA256;
		execution.exec_enabled = true;
		execution.n_digest_functions = nfns;
		execution.digest_functions = fns;
		answer.execution_capabilities = &execution;
	}
	call_answer(c, &answer.base);
}
