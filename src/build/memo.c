#include "memo.h"

#include <straylight/prelude.h>

#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <stdlib.h>

/* A memo is a CBOR array of entries:
 *	entry = [[kind, name, content …], value]     content = the hash and size, or false */

#define FORMAT 1
#define MEMO_BYTES ((size_t)256 << 20)

/* ---- the program ---- */

static struct {
	pthread_once_t once;
	unsigned char id[32];
} program = {.once = PTHREAD_ONCE_INIT};

#define NOTE_ALIGN(n) (((n) + 3) & ~(size_t)3)

/* The linker's hash of all that it linked. */
static str build_id(str notes)
{
	while (notes.n >= sizeof(ElfW(Nhdr))) {
		ElfW(Nhdr) h;
		str name, id;

		memcpy(&h, notes.p, sizeof h);
		name = str_upto(str_from(notes, sizeof h), h.n_namesz);
		id = str_upto(str_from(notes, sizeof h + NOTE_ALIGN((size_t)h.n_namesz)), h.n_descsz);
		if (h.n_type == NT_GNU_BUILD_ID && str_eq(name, str_of("GNU", 4)))
			return id;
		notes = str_from(notes, sizeof h + NOTE_ALIGN((size_t)h.n_namesz) + NOTE_ALIGN((size_t)h.n_descsz));
	}
	return (str){NULL, 0};
}

static int main_object(struct dl_phdr_info *info, size_t size, void *ud)
{
	str *id = ud;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum && !id->n; i++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[i];

		if (h->p_type == PT_NOTE)
			*id = build_id(str_of((const char *)(info->dlpi_addr + h->p_vaddr), h->p_memsz));
	}
	return 1; /* the first is the program */
}

static void identify(void)
{
	struct blob *whole = NULL;
	str id = {NULL, 0};

	dl_iterate_phdr(main_object, &id);
	if (!id.n && os_read("/proc/self/exe", 0, &whole) == 0)
		id = blob_str(whole);
	sha256(id, program.id);
	blob_unref(whole);
}

void memo_key_begin(struct buf *key)
{
	const char *prelude = getenv("STRAYLIGHT_PRELUDE");

	pthread_once(&program.once, identify);
	cbor_uint(key, FORMAT);
	cbor_bytes(key, str_of((const char *)program.id, sizeof program.id));
	cbor_bool(key, prelude != NULL);
	cbor_text(key, str_c(prelude));
}

void memo_key_end(struct buf *key, unsigned char out[32])
{
	sha256(buf_view(key), out);
	buf_free(key);
}

/* ---- grounds ---- */

bool ground_of(str dependency, str root, enum ground_kind *kind, sym *name)
{
	*name = 0;
	if (str_starts(dependency, S("at:"))) {
		*kind = GROUND_PLACE;
		return !str_starts(dependency, S("at:" PRELUDE_DIR));
	}
	if (str_starts(dependency, S("env:"))) {
		*kind = GROUND_VARIABLE;
		*name = intern(str_from(dependency, 4));
		return true;
	}
	if (str_starts(dependency, S(PRELUDE_DIR)) || str_starts(dependency, S("url:")))
		return false;
	if (str_starts(dependency, root) && dependency.n > root.n + 1 && dependency.p[root.n] == '/') {
		*kind = GROUND_FILE;
		*name = intern(str_from(dependency, root.n + 1));
	} else {
		*kind = GROUND_OUTSIDE;
		*name = intern(dependency);
	}
	return true;
}

str ground_dependency(enum ground_kind kind, sym name, str root, struct arena *a)
{
	switch (kind) {
	case GROUND_FILE: return str_fmt(a, "%.*s/%.*s", STR_ARG(root), STR_ARG(sym_str(name)));
	case GROUND_VARIABLE: return str_fmt(a, "env:%.*s", STR_ARG(sym_str(name)));
	case GROUND_PLACE: return str_fmt(a, "at:%.*s", STR_ARG(root));
	case GROUND_OUTSIDE:
	case GROUND_KINDS: break;
	}
	return sym_str(name);
}

/* ---- reading ---- */

static bool read_ground(struct cbor *in, struct ground *g)
{
	struct cbor_item item;
	uint64_t kind = cbor_get_uint(in);
	str hash;

	g->name = intern(cbor_get_text(in));
	if (in->bad || kind >= GROUND_KINDS || !cbor_peek(in, &item))
		return false;
	g->kind = (enum ground_kind)kind;
	if (item.major == CBOR_SIMPLE)
		return !cbor_get_bool(in) && !in->bad;
	hash = cbor_get_bytes(in);
	if (in->bad || hash.n != sizeof g->content.b + 8)
		return false;
	g->found = true;
	memcpy(g->content.b, hash.p, sizeof g->content.b);
	for (unsigned i = 0; i < 8; i++)
		g->content.size |= (int64_t)((uint64_t)(unsigned char)hash.p[sizeof g->content.b + i] << 8 * i);
	return g->content.size >= 0;
}

static bool read_entry(struct cbor *in, struct arena *a, struct memo_entry *e)
{
	struct ground *grounds;
	uint64_t n;

	if (cbor_get_array(in) != 2)
		return false;
	n = cbor_get_array(in);
	if (in->bad || n % 3 || n / 3 > UINT32_MAX)
		return false;
	e->ngrounds = (uint32_t)(n / 3);
	e->grounds = grounds = arena_array(a, struct ground, e->ngrounds);
	for (uint32_t i = 0; i < e->ngrounds; i++)
		if (!read_ground(in, &grounds[i]))
			return false;
	e->value = cbor_get_bytes(in);
	return !in->bad;
}

bool memo_read(str bytes, struct memo *out)
{
	struct cbor in = cbor_over(bytes);
	uint64_t n = cbor_get_array(&in);

	out->n = 0;
	if (in.bad || n > MEMO_MAX)
		return false;
	for (uint64_t i = 0; i < n; i++)
		if (!read_entry(&in, &out->arena, &out->entries[i]))
			return false;
	if (in.at != bytes.n)
		return false;
	out->n = (uint32_t)n;
	return true;
}

void memo_get(struct store *store, const char *kind, const unsigned char key[32], struct memo *out)
{
	*out = (struct memo){0};
	if (store_record_get(store, kind, key, &out->bytes) && !memo_read(blob_str(out->bytes), out))
		memo_clear(out);
}

void memo_clear(struct memo *m)
{
	blob_unref(m->bytes);
	arena_clear(&m->arena);
	*m = (struct memo){0};
}

/* ---- writing ---- */

static void write_entry(struct buf *out, const struct ground *g, size_t n, str value)
{
	cbor_array(out, 2);
	cbor_array(out, 3 * n);
	for (size_t i = 0; i < n; i++) {
		unsigned char content[40];

		cbor_uint(out, g[i].kind);
		cbor_text(out, sym_str(g[i].name));
		memcpy(content, g[i].content.b, 32);
		for (unsigned k = 0; k < 8; k++)
			content[32 + k] = (unsigned char)((uint64_t)g[i].content.size >> 8 * k);
		if (g[i].found)
			cbor_bytes(out, str_of((const char *)content, sizeof content));
		else
			cbor_bool(out, false);
	}
	cbor_bytes(out, value);
}

int memo_put(struct store *store, const char *kind, const unsigned char key[32], const struct ground *g, size_t n,
		str value)
{
	struct memo old;
	struct buf out = {0};
	uint32_t kept;
	int err;

	memo_get(store, kind, key, &old);
	kept = old.n < MEMO_MAX ? old.n : MEMO_MAX - 1;
	cbor_array(&out, kept + 1);
	write_entry(&out, g, n, value);
	for (uint32_t i = 0; i < kept && out.n < MEMO_BYTES; i++)
		write_entry(&out, old.entries[i].grounds, old.entries[i].ngrounds, old.entries[i].value);
	err = store_record_put(store, kind, key, buf_view(&out));
	memo_clear(&old);
	buf_free(&out);
	return err;
}
