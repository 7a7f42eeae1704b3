#include "services.h"

#include <zstd.h>

void *stored_message(struct server *s, struct arena *a, enum digest_fn fn, const struct digest *d,
		const ProtobufCMessageDescriptor *type)
{
	struct blob *b = blobs_get(&s->blobs, fn, d);
	ProtobufCAllocator allocator = arena_allocator(a);
	void *message = b ? protobuf_c_message_unpack(type, &allocator, b->n, (const uint8_t *)b->b) : NULL;

	blob_unref(b);
	return message;
}

str flipped(struct call *c, str content)
{
	char *p;

	if (!call_has(c, FAULT_FLIP) || content.n == 0)
		return content;
	p = (char *)(uintptr_t)str_dup(&c->arena, content).p;
	p[content.n / 2] ^= 1;
	return str_of(p, content.n);
}

bool zstd_unpack(str in, size_t max, struct buf *out)
{
	ZSTD_DStream *z = ZSTD_createDStream();
	ZSTD_inBuffer from = {in.p, in.n, 0};
	size_t left = 1;

	while (left && !ZSTD_isError(left) && out->n <= max) {
		ZSTD_outBuffer to;

		buf_reserve(out, 128 << 10);
		to = (ZSTD_outBuffer){out->p + out->n, out->cap - out->n, 0};
		left = ZSTD_decompressStream(z, &to, &from);
		out->n += to.pos;
		if (from.pos == from.size && to.pos < to.size)
			break; /* all that there is */
	}
	ZSTD_freeDStream(z);
	return left == 0 && from.pos == from.size && out->n <= max;
}

void zstd_pack(str in, struct buf *out)
{
	size_t max = ZSTD_compressBound(in.n), n;

	buf_reserve(out, max);
	n = ZSTD_compress(out->p + out->n, max, in.p, in.n, 1);
	if (!ZSTD_isError(n))
		out->n += n;
}

/* ---- FindMissingBlobs ---- */

static void reverse(void *items, size_t n)
{
	void **p = items;

	for (size_t i = 0; i < n / 2; i++) {
		void *other = p[i];

		p[i] = p[n - 1 - i];
		p[n - 1 - i] = other;
	}
}

void find_missing_blobs(struct call *c, str bytes)
{
	const Re__FindMissingBlobsRequest *request = call_unpack(c, &re__find_missing_blobs_request__descriptor, bytes);
	Re__FindMissingBlobsResponse answer = RE__FIND_MISSING_BLOBS_RESPONSE__INIT;
	enum digest_fn fn;
	struct digest d;

	if (!request || !call_instance(c, request->instance_name) || !call_fn(c, request->digest_function, &fn))
		return;
	answer.missing_blob_digests = arena_array(&c->arena, Re__Digest *, request->n_blob_digests);
	for (size_t i = 0; i < request->n_blob_digests; i++) {
		if (!call_digest(c, request->blob_digests[i], &d))
			return;
		if (!blobs_has(&c->server->blobs, fn, &d) && !call_has(c, FAULT_LIE))
			answer.missing_blob_digests[answer.n_missing_blob_digests++] = request->blob_digests[i];
		if (call_has(c, FAULT_FORGET))
			blobs_forget(&c->server->blobs, fn, &d);
	}
	if (call_has(c, FAULT_REVERSE))
		reverse(answer.missing_blob_digests, answer.n_missing_blob_digests);
	answer.n_missing_blob_digests -= call_has(c, FAULT_PARTIAL) && answer.n_missing_blob_digests;
	call_answer(c, &answer.base);
}

/* ---- BatchUpdateBlobs ---- */

static Google__Rpc__Status *status_of(struct arena *a, int code, const char *message)
{
	Google__Rpc__Status *status = message_new(a, &google__rpc__status__descriptor);

	status->code = code;
	status->message = message;
	return status;
}

static Google__Rpc__Status *update_one(struct call *c, enum digest_fn fn, const Re__BatchUpdateBlobsRequest__Request *one,
		const struct digest *d)
{
	str data = str_of((const char *)one->data.data, one->data.len);
	struct buf unpacked = {0};
	Google__Rpc__Status *status;
	struct digest real;
	struct blob *content;

	if (one->compressor == RE__COMPRESSOR__VALUE__ZSTD && c->server->like->zstd) {
		if (!zstd_unpack(data, (size_t)d->size, &unpacked)) {
			buf_free(&unpacked);
			return status_of(&c->arena, INVALID_ARGUMENT, "the data is not zstd of the digest's content");
		}
		data = buf_view(&unpacked);
	} else if (one->compressor != RE__COMPRESSOR__VALUE__IDENTITY)
		return status_of(&c->arena, INVALID_ARGUMENT, "the compressor is not offered");
	real = digest_of(fn, data);
	if (digest_eq(&real, d)) {
		content = blob_new(data);
		if (!call_has(c, FAULT_FORGET))
			blobs_put(&c->server->blobs, fn, d, content);
		blob_unref(content);
		status = status_of(&c->arena, OK, "");
	} else
		status = status_of(&c->arena, INVALID_ARGUMENT, "the data is not the digest's content");
	buf_free(&unpacked);
	return status;
}

static bool batch_sizes(struct call *c, const Re__BatchUpdateBlobsRequest *request)
{
	int64_t total = 0, max = c->server->like->max_batch;

	for (size_t i = 0; i < request->n_requests; i++) {
		const Re__BatchUpdateBlobsRequest__Request *one = request->requests[i];

		total += (int64_t)one->data.len;
		if (c->server->like->batch_size_fails && one->digest && one->compressor == RE__COMPRESSOR__VALUE__IDENTITY &&
				one->digest->size_bytes != (int64_t)one->data.len) {
			call_finish(c, INVALID_ARGUMENT, "a blob has another size than its digest");
			return false;
		}
	}
	if (max && total > max)
		call_finish(c, INVALID_ARGUMENT, "the batch has %lld bytes, more than %lld", (long long)total, (long long)max);
	return !max || total <= max;
}

void batch_update_blobs(struct call *c, str bytes)
{
	const Re__BatchUpdateBlobsRequest *request = call_unpack(c, &re__batch_update_blobs_request__descriptor, bytes);
	Re__BatchUpdateBlobsResponse answer = RE__BATCH_UPDATE_BLOBS_RESPONSE__INIT;
	enum digest_fn fn;
	struct digest d;

	if (!request || !call_instance(c, request->instance_name) || !call_fn(c, request->digest_function, &fn) ||
			!batch_sizes(c, request))
		return;
	if (fn == DIGEST_BLAKE3 && !c->server->like->batch_blake3) {
		call_finish(c, INVALID_ARGUMENT, "batches of BLAKE3 are not taken");
		return;
	}
	answer.responses = arena_array(&c->arena, Re__BatchUpdateBlobsResponse__Response *, request->n_requests);
	for (size_t i = 0; i < request->n_requests; i++) {
		Re__BatchUpdateBlobsResponse__Response *r = message_new(&c->arena, &re__batch_update_blobs_response__response__descriptor);

		if (!call_digest(c, request->requests[i]->digest, &d))
			return;
		r->digest = request->requests[i]->digest;
		r->status = update_one(c, fn, request->requests[i], &d);
		answer.responses[answer.n_responses++] = r;
	}
	if (call_has(c, FAULT_REVERSE))
		reverse(answer.responses, answer.n_responses);
	answer.n_responses -= call_has(c, FAULT_PARTIAL) && answer.n_responses;
	call_answer(c, &answer.base);
}

/* ---- BatchReadBlobs ---- */

static bool takes_zstd(const Re__BatchReadBlobsRequest *request)
{
	for (size_t i = 0; i < request->n_acceptable_compressors; i++)
		if (request->acceptable_compressors[i] == RE__COMPRESSOR__VALUE__ZSTD)
			return true;
	return false;
}

static void read_one(struct call *c, enum digest_fn fn, const struct digest *d, bool zstd,
		Re__BatchReadBlobsResponse__Response *r)
{
	struct blob *b = blobs_get(&c->server->blobs, fn, d);
	struct buf packed = {0};
	str content;

	r->status = b ? status_of(&c->arena, OK, "") : status_of(&c->arena, NOT_FOUND, "the blob is not there");
	if (!b)
		return;
	content = flipped(c, blob_str(b));
	if (zstd) {
		zstd_pack(content, &packed);
		content = buf_take(&packed, &c->arena);
		r->compressor = RE__COMPRESSOR__VALUE__ZSTD;
	} else
		content = str_dup(&c->arena, content);
	r->data = (ProtobufCBinaryData){content.n, (uint8_t *)(uintptr_t)content.p};
	blob_unref(b);
}

void batch_read_blobs(struct call *c, str bytes)
{
	const Re__BatchReadBlobsRequest *request = call_unpack(c, &re__batch_read_blobs_request__descriptor, bytes);
	Re__BatchReadBlobsResponse answer = RE__BATCH_READ_BLOBS_RESPONSE__INIT;
	int64_t total = 0, max;
	enum digest_fn fn;
	struct digest d;

	if (!request || !call_instance(c, request->instance_name) || !call_fn(c, request->digest_function, &fn))
		return;
	max = c->server->like->max_batch ? c->server->like->max_batch : (int64_t)c->server->like->max_message;
	answer.responses = arena_array(&c->arena, Re__BatchReadBlobsResponse__Response *, request->n_digests);
	for (size_t i = 0; i < request->n_digests; i++) {
		Re__BatchReadBlobsResponse__Response *r = message_new(&c->arena, &re__batch_read_blobs_response__response__descriptor);

		if (!call_digest(c, request->digests[i], &d))
			return;
		if ((total += d.size) > max) {
			call_finish(c, INVALID_ARGUMENT, "the batch has more than %lld bytes", (long long)max);
			return;
		}
		if (call_has(c, FAULT_FORGET))
			blobs_forget(&c->server->blobs, fn, &d);
		r->digest = request->digests[i];
		read_one(c, fn, &d, c->server->like->zstd && takes_zstd(request), r);
		answer.responses[answer.n_responses++] = r;
	}
	if (call_has(c, FAULT_REVERSE))
		reverse(answer.responses, answer.n_responses);
	answer.n_responses -= call_has(c, FAULT_PARTIAL) && answer.n_responses;
	call_answer(c, &answer.base);
}

/* ---- GetTree ---- */

#define PAGE_MAX 1000 /* directories in one message */

struct walk {
	struct call *call;
	enum digest_fn fn;
	struct map seen;
	VEC(Re__Directory *) found;
};

static void walk(struct walk *w, const struct digest *d, unsigned depth)
{
	Re__Directory *dir;
	struct digest below;
	bool fresh;

	map_slot(&w->seen, str_dup(&w->call->arena, str_of((const char *)d, sizeof *d)), &fresh);
	if (!fresh || depth > 512)
		return;
	if (call_has(w->call, FAULT_FORGET))
		blobs_forget(&w->call->server->blobs, w->fn, d);
	dir = stored_message(w->call->server, &w->call->arena, w->fn, d, &re__directory__descriptor);
	if (!dir)
		return; /* left out, as the API allows */
	vec_push(&w->found, dir);
	for (size_t i = 0; i < dir->n_directories; i++)
		if (digest_of_message(dir->directories[i]->digest, &below))
			walk(w, &below, depth + 1);
}

static void send_pages(struct walk *w, size_t page)
{
	for (size_t at = 0; at < w->found.n; at += page) {
		Re__GetTreeResponse answer = RE__GET_TREE_RESPONSE__INIT;

		answer.directories = w->found.p + at;
		answer.n_directories = w->found.n - at < page ? w->found.n - at : page;
		call_send(w->call, &answer.base);
	}
	call_finish(w->call, OK, " ");
}

void get_tree(struct call *c, str bytes)
{
	const Re__GetTreeRequest *request = call_unpack(c, &re__get_tree_request__descriptor, bytes);
	struct walk w = {.call = c};
	struct digest root;

	if (!request || !call_instance(c, request->instance_name) || !call_fn(c, request->digest_function, &w.fn) ||
			!call_digest(c, request->root_digest, &root))
		return;
	walk(&w, &root, 0);
	if (w.found.n == 0)
		call_finish(c, NOT_FOUND, "the root directory is not there");
	else
		send_pages(&w, request->page_size > 0 && request->page_size < PAGE_MAX ? (size_t)request->page_size : PAGE_MAX);
	vec_free(&w.found);
	map_free(&w.seen);
}
