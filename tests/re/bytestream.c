#include "services.h"

#include <google/bytestream/bytestream.pb-c.h>
#include <stdio.h>

/* ---- resource names: proto/google/bytestream/bytestream.proto ---- */

struct resource {
	str instance, upload; /* the UUID of what is written */
	bool zstd;
	enum digest_fn fn;
	struct digest digest;
};

static str segment(str *rest)
{
	str head;

	if (!str_cut(*rest, '/', &head, rest))
		*rest = S("");
	return head;
}

static bool parse_digest(str rest, struct resource *r)
{
	str head = segment(&rest), size;
	char text[DIGEST_TEXT_MAX];

	r->fn = DIGEST_SHA256;
	if (str_eq(head, S("blake3"))) {
		r->fn = DIGEST_BLAKE3;
		head = segment(&rest);
	}
	size = segment(&rest);
	if (head.n != 64 || size.n == 0 || size.n > 19)
		return false;
	snprintf(text, sizeof text, "%.*s/%.*s", STR_ARG(head), STR_ARG(size));
	return digest_parse(str_c(text), &r->digest);
}

/* Where the name begins after the instance, which may have slashes. */
static bool cut_instance(str name, str word, str *instance, str *rest)
{
	for (size_t at = 0; at < name.n; at++)
		if ((at == 0 || name.p[at - 1] == '/') && str_starts(str_from(name, at), word)) {
			*instance = str_upto(name, at ? at - 1 : 0);
			*rest = str_from(name, at + word.n);
			return true;
		}
	return false;
}

static bool parse_resource(str name, bool writes, struct resource *r)
{
	str rest = name;

	*r = (struct resource){0};
	if (writes) {
		if (!cut_instance(name, S("uploads/"), &r->instance, &rest))
			return false;
		r->upload = segment(&rest);
		if (str_starts(rest, S("blobs/")))
			return parse_digest(str_from(rest, 6), r);
		r->zstd = str_starts(rest, S("compressed-blobs/zstd/"));
		return r->zstd && parse_digest(str_from(rest, 22), r);
	}
	if (cut_instance(name, S("blobs/"), &r->instance, &rest))
		return parse_digest(rest, r);
	r->zstd = cut_instance(name, S("compressed-blobs/zstd/"), &r->instance, &rest);
	return r->zstd && parse_digest(rest, r);
}

/* The name is whole and offered; else the call is finished. */
static bool take_resource(struct call *c, str name, bool writes, struct resource *r)
{
	const char *instance;

	if (!parse_resource(name, writes, r) || (r->fn == DIGEST_BLAKE3 && !c->server->like->blake3) ||
			(r->zstd && !c->server->like->zstd)) {
		call_finish(c, INVALID_ARGUMENT, "'%.*s' is no name of a resource here", STR_ARG(name));
		return false;
	}
	instance = str_dup(&c->arena, r->instance).p;
	return call_instance(c, instance);
}

/* ---- Read ---- */

struct reading {
	struct blob *content; /* owns, or `packed` does */
	struct buf packed;
	str left;
};

static void drop_reading(struct call *c)
{
	struct reading *r = c->state;

	blob_unref(r->content);
	buf_free(&r->packed);
}

static void read_more(struct call *c)
{
	struct reading *r = c->state;
	Google__Bytestream__ReadResponse answer = GOOGLE__BYTESTREAM__READ_RESPONSE__INIT;
	str part = str_upto(r->left, c->server->like->chunk);

	r->left = str_from(r->left, part.n);
	answer.data = (ProtobufCBinaryData){part.n, (uint8_t *)(uintptr_t)part.p};
	call_send(c, &answer.base);
	if (r->left.n == 0)
		call_finish(c, OK, " ");
}

static bool check_range(struct call *c, const Google__Bytestream__ReadRequest *request, size_t size)
{
	const struct like *like = c->server->like;

	if (request->read_offset < 0 || request->read_limit < 0)
		call_finish(c, OUT_OF_RANGE, "the offset or limit is negative");
	else if ((uint64_t)request->read_offset > size && like->past_end)
		call_finish(c, like->past_end, "the offset is past the end");
	else if (request->read_offset && request->read_limit && like->offset_and_limit)
		call_finish(c, like->offset_and_limit, "an offset and a limit");
	return !c->finished;
}

void bytestream_read(struct call *c, str bytes)
{
	const Google__Bytestream__ReadRequest *request = call_unpack(c, &google__bytestream__read_request__descriptor, bytes);
	struct reading *r = arena_make(&c->arena, struct reading);
	struct resource resource;

	if (!request || !take_resource(c, str_c(request->resource_name), false, &resource))
		return;
	if (call_has(c, FAULT_FORGET))
		blobs_forget(&c->server->blobs, resource.fn, &resource.digest);
	r->content = blobs_get(&c->server->blobs, resource.fn, &resource.digest);
	c->state = r;
	c->dropped = drop_reading;
	if (!r->content)
		call_finish(c, NOT_FOUND, "the blob is not there");
	if (!r->content || !check_range(c, request, r->content->n))
		return;
	r->left = str_from(flipped(c, blob_str(r->content)), (size_t)request->read_offset);
	if (request->read_limit)
		r->left = str_upto(r->left, (size_t)request->read_limit);
	if (resource.zstd) {
		zstd_pack(r->left, &r->packed);
		r->left = buf_view(&r->packed);
	}
	if (r->left.n == 0 && !c->server->like->empty_message) {
		call_finish(c, OK, " ");
		return;
	}
	c->more = read_more;
	read_more(c);
}

/* ---- Write ---- */

#define UPLOAD_MAX (INT64_C(8) << 30)

struct upload {
	str name;          /* from the heap */
	struct blob *blob; /* what came, where its size is known: the content itself */
	struct buf packed; /* else: zstd */
	size_t n;          /* bytes that came */
	bool used;         /* a call writes to it */
};

static void drop_bytes(struct upload *u)
{
	blob_unref(u->blob);
	u->blob = NULL;
	buf_free(&u->packed);
	u->n = 0;
}

/* Bytes at an offset that was reached; what comes again replaces what was there.  false: more than the blob has. */
static bool add_bytes(struct upload *u, size_t at, str bytes, bool zstd, int64_t size)
{
	u->n = at;
	if (zstd) {
		u->packed.n = at;
		buf_str(&u->packed, bytes);
	} else {
		if (bytes.n > (size_t)size - at)
			return false;
		u->blob = u->blob ? u->blob : blob_raw((size_t)size);
		if (bytes.n)
			memcpy(u->blob->b + at, bytes.p, bytes.n);
	}
	u->n += bytes.n;
	return true;
}

static struct upload *find_upload(struct server *s, str name)
{
	return map_get(&s->uploads, name);
}

static struct upload *make_upload(struct server *s, str name)
{
	struct upload *u = find_upload(s, name);
	char *copy;

	if (u)
		return u;
	u = mem_make(struct upload);
	copy = str_zdup(name);
	u->name = str_of(copy, name.n);
	map_put(&s->uploads, u->name, u);
	return u;
}

void uploads_clear(struct server *s)
{
	for (size_t i = 0; i < s->uploads.n; i++) {
		struct upload *u = s->uploads.entries[i].value;

		drop_bytes(u);
		mem_free((void *)(uintptr_t)u->name.p);
		mem_free(u);
	}
	map_free(&s->uploads);
}

struct writing {
	struct resource resource;
	struct upload *upload;
	bool finished;
	struct buf room; /* for one message after the other: its allocator below */
};

static void *in_room(void *ud, size_t n)
{
	struct buf *room = ud;
	char *p = room->p + room->n;

	room->n += (n + 15) & ~(size_t)15;
	return room->n <= room->cap ? p : NULL;
}

static void stays(void *ud, void *p)
{
	(void)ud, (void)p;
}

static const Google__Bytestream__WriteRequest *unpack_in_room(struct writing *w, str bytes)
{
	ProtobufCAllocator allocator = {in_room, stays, &w->room};

	w->room.n = 0;
	buf_reserve(&w->room, bytes.n + 1024);
	return google__bytestream__write_request__unpack(&allocator, bytes.n, (const uint8_t *)bytes.p);
}

static void drop_writing(struct call *c)
{
	struct writing *w = c->state;

	if (w->upload) {
		w->upload->used = false;
		if (!c->server->like->resume)
			drop_bytes(w->upload);
	}
	buf_free(&w->room);
}

static void write_answer(struct call *c, int64_t committed)
{
	Google__Bytestream__WriteResponse answer = GOOGLE__BYTESTREAM__WRITE_RESPONSE__INIT;

	answer.committed_size = committed;
	call_answer(c, &answer.base);
}

/* The first message: what is written, and where it goes on. */
static struct writing *begin_writing(struct call *c, const Google__Bytestream__WriteRequest *request)
{
	struct writing *w = arena_make(&c->arena, struct writing);
	str name = str_dup(&c->arena, str_c(request->resource_name));

	if (!take_resource(c, name, true, &w->resource))
		return NULL;
	if (w->resource.digest.size > UPLOAD_MAX) {
		call_finish(c, RESOURCE_EXHAUSTED, "the blob is too large");
		return NULL;
	}
	if (blobs_has(&c->server->blobs, w->resource.fn, &w->resource.digest) && w->resource.digest.size) {
		write_answer(c, w->resource.zstd ? -1 : w->resource.digest.size);
		return NULL;
	}
	w->upload = make_upload(c->server, name);
	if (w->upload->used) {
		w->upload = NULL;
		call_finish(c, UNAVAILABLE, "another call writes to the resource");
		return NULL;
	}
	w->upload->used = true;
	c->server->resumed += request->write_offset > 0;
	c->state = w;
	c->dropped = drop_writing;
	return w;
}

/* All bytes are there: are they the digest's? */
static void end_writing(struct call *c, struct writing *w)
{
	struct upload *u = w->upload;
	const struct digest *want = &w->resource.digest;
	int64_t committed = (int64_t)u->n;
	struct buf unpacked = {0};
	struct digest real;

	if (w->resource.zstd && zstd_unpack(buf_view(&u->packed), (size_t)want->size, &unpacked))
		u->blob = blob_new(buf_view(&unpacked));
	buf_free(&unpacked);
	if (w->resource.zstd && !u->blob)
		call_finish(c, INVALID_ARGUMENT, "the data is not zstd of the digest's content");
	else if (!w->resource.zstd && committed != want->size)
		call_finish(c, c->server->like->write_short, "%lld bytes came for a blob of %lld", (long long)committed,
				(long long)want->size);
	else {
		real = digest_of(w->resource.fn, blob_str(u->blob));
		if (!digest_eq(&real, want))
			call_finish(c, INVALID_ARGUMENT, "the data is not the digest's content");
		else if (!call_has(c, FAULT_FORGET) && u->blob)
			blobs_put(&c->server->blobs, w->resource.fn, want, u->blob);
		write_answer(c, committed);
	}
	drop_bytes(u); /* an upload that was refused begins anew */
}

void bytestream_write(struct call *c, str bytes)
{
	struct writing *w = c->state;
	const Google__Bytestream__WriteRequest *request =
			w ? unpack_in_room(w, bytes) : call_unpack(c, &google__bytestream__write_request__descriptor, bytes);
	struct upload *u;

	if (!request)
		call_finish(c, INVALID_ARGUMENT, "the request is no WriteRequest");
	if (!request || (!w && !(w = begin_writing(c, request))))
		return;
	u = w->upload;
	if (request->write_offset < 0 || (uint64_t)request->write_offset > u->n || w->finished) {
		call_finish(c, INVALID_ARGUMENT, "the data is for offset %lld, %zu bytes are there",
				(long long)request->write_offset, u->n);
		return;
	}
	w->finished = request->finish_write;
	if (!add_bytes(u, (size_t)request->write_offset, str_of((char *)request->data.data, request->data.len), w->resource.zstd,
			    w->resource.digest.size))
		call_finish(c, c->server->like->write_short, "more than the blob's %lld bytes", (long long)w->resource.digest.size);
	else if (w->finished)
		end_writing(c, w);
}

void bytestream_write_end(struct call *c)
{
	if (c->state)
		call_finish(c, c->server->like->write_short, "the stream ended without finish_write");
	else
		call_finish(c, INVALID_ARGUMENT, "the request has no message");
}

void query_write_status(struct call *c, str bytes)
{
	const Google__Bytestream__QueryWriteStatusRequest *request =
			call_unpack(c, &google__bytestream__query_write_status_request__descriptor, bytes);
	Google__Bytestream__QueryWriteStatusResponse answer = GOOGLE__BYTESTREAM__QUERY_WRITE_STATUS_RESPONSE__INIT;
	struct resource resource;
	struct upload *u;

	if (!c->server->like->resume) {
		call_finish(c, UNIMPLEMENTED, "QueryWriteStatus is not known here");
		return;
	}
	if (!request || !take_resource(c, str_c(request->resource_name), true, &resource))
		return;
	u = find_upload(c->server, str_c(request->resource_name));
	answer.complete = blobs_has(&c->server->blobs, resource.fn, &resource.digest);
	if (answer.complete)
		answer.committed_size = resource.digest.size;
	else if (u)
		answer.committed_size = (int64_t)u->n;
	call_answer(c, &answer.base);
}
