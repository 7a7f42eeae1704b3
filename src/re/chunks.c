#include "re_int.h"

#include <errno.h>
#include <unistd.h>
#include <zstd.h>

/* WriteRequest { resource_name = 1; write_offset = 2; finish_write = 3; data = 10; }.  Offsets count what is sent: of a
 * compressed blob the compressed bytes, which are the same in each try, as the same pieces go in. */

#define ZSTD_LEVEL 1
#define ZSTD_MIN 1024             /* smaller ones are not compressed */
#define PIECE ((size_t)128 << 10) /* that the compressor gets at a time */
#define SAMPLE ((size_t)16 << 10) /* bytes of a sample */
#define SAMPLES 3u                /* at the start, in the middle, at the end */

struct chunks {
	struct re_client *client;
	struct digest digest;
	struct blob *bytes; /* of a directory; else the file is read */
	int fd;
	enum { PACK_OPEN, PACK_NOT, PACK_ALL } pack; /* OPEN: the first message decides */
	ZSTD_CCtx *z;
	const char *uuid;
	int64_t base, read, made; /* the server's; of the content; of what goes into the stream, `base` included */
	bool named, ended;
	int err;
};

struct chunks *chunks_new(struct re_client *c, const struct known *k, int *err)
{
	struct chunks *m = mem_make(struct chunks);
	bool packs = c->caps.zstd && k->digest.size >= ZSTD_MIN;
	struct buf message = {0};

	*m = (struct chunks){.client = c, .digest = k->digest, .fd = -1, .pack = packs ? PACK_OPEN : PACK_NOT};
	if (k->dir) {
		tree_message(k->dir, store_fn(c->store), &message);
		m->bytes = rpc_blob(&message);
		return m;
	}
	m->fd = store_open_blob(c->store, &k->digest);
	if (m->fd >= 0)
		return m;
	*err = m->fd;
	mem_free(m);
	return NULL;
}

void chunks_free(struct chunks *m)
{
	if (m->fd >= 0)
		close(m->fd);
	blob_unref(m->bytes);
	ZSTD_freeCCtx(m->z);
	mem_free(m);
}

static void begin_packing(struct chunks *m)
{
	if (!m->z)
		m->z = ZSTD_createCCtx();
	if (!m->z)
		mem_oom();
	ZSTD_CCtx_reset(m->z, ZSTD_reset_session_and_parameters);
	ZSTD_CCtx_setParameter(m->z, ZSTD_c_compressionLevel, ZSTD_LEVEL);
}

void chunks_begin(struct chunks *m, const char *uuid, int64_t base)
{
	m->uuid = uuid;
	m->base = base;
	m->read = m->made = m->pack == PACK_NOT ? base : 0;
	m->named = m->ended = false;
	m->err = 0;
	if (m->pack == PACK_ALL)
		begin_packing(m);
}

void chunks_plain(struct chunks *m)
{
	m->pack = PACK_NOT;
}

bool chunks_ended(const struct chunks *m)
{
	return m->ended;
}

int chunks_error(const struct chunks *m)
{
	return m->err;
}

bool chunks_packed(const struct chunks *m)
{
	return m->pack == PACK_ALL;
}

int64_t chunks_size(const struct chunks *m)
{
	return m->made;
}

/* ---- the content ---- */

/* The n bytes at an offset. */
static bool read_at(struct chunks *m, int64_t at, char *out, size_t n)
{
	size_t got = 0;

	if (m->bytes) {
		memcpy(out, m->bytes->b + at, n);
		return true;
	}
	while (got < n) {
		ssize_t r = pread(m->fd, out + got, n - got, at + (int64_t)got);

		if (r > 0)
			got += (size_t)r;
		else if (r == 0 || errno != EINTR)
			m->err = r < 0 ? -errno : -EIO;
		if (m->err)
			return false;
	}
	return true;
}

/* What is compressed already (archives, pictures) is not worth the time: as samples show. */
static bool is_worth_packing(struct chunks *m)
{
	char sample[SAMPLE], packed[SAMPLE + (SAMPLE >> 3)]; /* ZSTD_compressBound of it is less */
	int64_t size = m->digest.size, last = size - (int64_t)SAMPLE;
	size_t sum = 0;

	if (size < (int64_t)(SAMPLES * SAMPLE))
		return true;
	for (unsigned i = 0; i < SAMPLES; i++) {
		size_t n;

		if (!read_at(m, last * i / (SAMPLES - 1), sample, sizeof sample))
			return false;
		n = ZSTD_compress(packed, sizeof packed, sample, sizeof sample, ZSTD_LEVEL);
		sum += ZSTD_isError(n) ? sizeof sample : n;
	}
	return sum < SAMPLES * SAMPLE / 8 * 7;
}

static void choose(struct chunks *m)
{
	m->pack = is_worth_packing(m) ? PACK_ALL : PACK_NOT;
	if (m->pack == PACK_ALL)
		begin_packing(m);
}

/* ---- the messages ---- */

/* All of a message but its data, of n bytes, which come last. */
static void write_head(struct chunks *m, struct buf *b, size_t n)
{
	struct buf name = {0};

	if (!m->named) {
		resource_name(m->client, &m->digest, m->uuid, m->pack == PACK_ALL, &name);
		wire_str(b, 1, buf_view(&name));
		buf_free(&name);
	}
	m->named = true;
	wire_int(b, 2, m->made);
	wire_bool(b, 3, m->ended);
	if (n) {
		wire_varint(b, 10 << 3 | WIRE_BYTES);
		wire_varint(b, n);
	}
}

/* The message, with room for its data behind *data. */
static struct blob *make_message(struct chunks *m, size_t n, char **data)
{
	struct buf head = {0};
	struct blob *out;

	write_head(m, &head, n);
	out = blob_room(head.n + n);
	memcpy(out->b, head.p, head.n);
	*data = out->b + head.n;
	buf_free(&head);
	m->made += (int64_t)n;
	return out;
}

static struct blob *next_plain(struct chunks *m)
{
	int64_t at = m->read, left = m->digest.size - at;
	size_t n = left < (int64_t)RE_CHUNK ? (size_t)left : RE_CHUNK;
	struct blob *out;
	char *data;

	m->read += (int64_t)n;
	m->ended = m->read == m->digest.size;
	out = make_message(m, n, &data);
	if (read_at(m, at, data, n))
		return out;
	blob_unref(out);
	return NULL;
}

/* What comes of the next piece of the content. */
static void pack_piece(struct chunks *m, char *piece, struct buf *out)
{
	int64_t left = m->digest.size - m->read;
	ZSTD_inBuffer in = {piece, left < (int64_t)PIECE ? (size_t)left : PIECE, 0};
	size_t more = 1;

	if (!read_at(m, m->read, piece, in.size))
		return;
	m->read += (int64_t)in.size;
	m->ended = m->read == m->digest.size;
	while (m->err == 0 && (m->ended ? more != 0 : in.pos < in.size)) {
		ZSTD_outBuffer o;

		buf_reserve(out, ZSTD_CStreamOutSize());
		o = (ZSTD_outBuffer){out->p + out->n, ZSTD_CStreamOutSize(), 0};
		more = ZSTD_compressStream2(m->z, &o, &in, m->ended ? ZSTD_e_end : ZSTD_e_continue);
		if (ZSTD_isError(more))
			m->err = -EIO;
		else
			out->n += o.pos;
	}
}

/* Leaves out what the server has. */
static void skip_base(struct chunks *m, struct buf *packed)
{
	int64_t skip = m->base - m->made;

	if (skip <= 0 || !packed->n)
		return;
	if (skip > (int64_t)packed->n)
		skip = (int64_t)packed->n;
	memmove(packed->p, packed->p + skip, packed->n - (size_t)skip);
	packed->n -= (size_t)skip;
	m->made += skip;
}

static struct blob *next_packed(struct chunks *m)
{
	char *piece = mem_realloc(NULL, PIECE), *data;
	struct buf packed = {0};
	struct blob *out = NULL;

	while (m->err == 0 && !m->ended && packed.n < RE_CHUNK) {
		pack_piece(m, piece, &packed);
		skip_base(m, &packed);
	}
	if (m->err == 0) {
		out = make_message(m, packed.n, &data);
		if (packed.n)
			memcpy(data, packed.p, packed.n);
	}
	buf_free(&packed);
	mem_free(piece);
	return out;
}

struct blob *chunks_next(struct chunks *m)
{
	if (m->pack == PACK_OPEN)
		choose(m);
	if (m->err)
		return NULL;
	return m->pack == PACK_ALL ? next_packed(m) : next_plain(m);
}
