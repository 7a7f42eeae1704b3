/* Types across processes: what the checker found, by content.
 *
 * The key of a unit is the SHA-256 of this format's name, the SHA-256 of its text (or its pinned hash) and,
 * for each of its imports in order, what it led to: the key of a unit, or the SHA-256 of the encoded term
 * that it stands for, or nothing.  Whatever a type follows from is in there, so an entry is never stale:
 * it fits or it is not found.
 *
 * Entries are kept in packs, one for each unit that is loaded from outside of any other: the types of
 * all that was loaded on its behalf, so that a load reads one file.  A pack is a sequence of pairs of CBOR
 * byte strings, key and encoded type, and the SHA-256 of all that.  What does not end in its SHA-256 is
 * taken for absent.  A type is decoded when it is asked for: those of what is imported by imports are
 * mostly not. */
#include "types.h"

#define FORMAT "straylight types 1" /* another one when the checker finds other types */
#define TYPE_MAX ((size_t)4 << 20)  /* of one encoded type; larger ones are found again */
#define PACK_MAX ((size_t)64 << 20)

struct recalled {
	unsigned char key[32];
	str type;
};

static str key_str(const unsigned char key[32])
{
	return str_of((const char *)key, 32);
}

/* ---- keys ---- */

static void add_import(struct buf *b, const struct import *im)
{
	unsigned char digest[32];
	struct buf encoded = {0};

	if (im->target) {
		buf_c(b, 'u');
		buf_str(b, key_str(im->target->key));
	} else if (im->replacement) {
		term_encode(im->replacement, &encoded);
		sha256(buf_view(&encoded), digest);
		buf_free(&encoded);
		buf_c(b, 't');
		buf_str(b, key_str(digest));
	} else {
		buf_c(b, '-');
	}
}

void types_origin(struct unit *u, char kind, const unsigned char digest[32])
{
	u->keyed = kind;
	memcpy(u->key, digest, 32);
}

static bool key_of(struct unit *u)
{
	struct buf b = {0};

	for (size_t i = 0; i < u->nimports; i++)
		if (u->imports[i]->target && !u->imports[i]->target->keyed)
			u->keyed = 0;
	if (!u->keyed)
		return false;
	buf_str(&b, S(FORMAT));
	buf_c(&b, u->keyed);
	buf_str(&b, key_str(u->key));
	for (size_t i = 0; i < u->nimports; i++)
		add_import(&b, u->imports[i]);
	sha256(buf_view(&b), u->key);
	buf_free(&b);
	return true;
}

/* ---- types ---- */

static struct recalled *recalled_new(struct dhall_world *w, const unsigned char key[32], str type)
{
	struct recalled *r = arena_make(&w->names, struct recalled);

	memcpy(r->key, key, 32);
	r->type = str_dup(&w->names, type);
	map_put(&w->types, key_str(r->key), r);
	return r;
}

bool types_recall(struct dhall *s, struct unit *u)
{
	struct dhall_world *w = s->world;
	const struct recalled *r;

	if (!key_of(u) || !s->pack)
		return false;
	pthread_mutex_lock(&w->lock);
	r = map_get(&w->types, key_str(u->key));
	pthread_mutex_unlock(&w->lock);
	if (!r)
		return false;
	u->encoded_type = r->type;
	vec_push(&s->pack->used, r);
	return true;
}

void types_learn(struct dhall *s, const struct unit *u)
{
	struct dhall_world *w = s->world;
	struct buf b = {0};
	struct recalled *r;

	if (!u->keyed || !s->pack)
		return;
	if (term_encode_within(u->type, &b, TYPE_MAX)) {
		pthread_mutex_lock(&w->lock);
		r = map_get(&w->types, key_str(u->key));
		if (!r)
			r = recalled_new(w, u->key, buf_view(&b));
		pthread_mutex_unlock(&w->lock);
		vec_push(&s->pack->used, r);
		s->pack->fresh = true;
	}
	buf_free(&b);
}

/* ---- packs ---- */

/* The pack without its seal; false when it is damaged. */
static bool sealed(str pack, str *content)
{
	unsigned char digest[32];

	if (pack.n < sizeof digest)
		return false;
	*content = str_upto(pack, pack.n - sizeof digest);
	sha256(*content, digest);
	return memcmp(digest, content->p + content->n, sizeof digest) == 0;
}

static void read_pack(struct dhall_world *w, str pack)
{
	struct cbor in;
	str content, key, type;

	if (!sealed(pack, &content))
		return;
	in = cbor_over(content);
	pthread_mutex_lock(&w->lock);
	while (in.at < in.in.n) {
		key = cbor_get_bytes(&in);
		type = cbor_get_bytes(&in);
		if (in.bad || key.n != 32)
			break;
		if (!map_has(&w->types, key))
			recalled_new(w, (const unsigned char *)key.p, type);
	}
	pthread_mutex_unlock(&w->lock);
}

bool types_open(struct dhall *s, struct pack *p, str name)
{
	const struct dhall_env *env = &s->world->env;
	struct buf b = {0};
	struct blob *blob;

	if (s->pack || !env->recall || !env->store)
		return false;
	*p = (struct pack){0};
	buf_str(&b, S(FORMAT " of "));
	buf_str(&b, name);
	sha256(buf_view(&b), p->name);
	buf_free(&b);
	if (env->recall(env->ud, p->name, &blob)) {
		read_pack(s->world, blob_str(blob));
		blob_unref(blob);
	}
	s->pack = p;
	return true;
}

void types_close(struct dhall *s)
{
	const struct dhall_env *env = &s->world->env;
	struct pack *p = s->pack;
	unsigned char digest[32];
	struct buf b = {0};

	s->pack = NULL;
	for (size_t i = 0; p->fresh && i < p->used.n; i++) {
		cbor_bytes(&b, key_str(p->used.p[i]->key));
		cbor_bytes(&b, p->used.p[i]->type);
	}
	if (b.n && b.n <= PACK_MAX) {
		sha256(buf_view(&b), digest);
		buf_str(&b, key_str(digest));
		env->store(env->ud, p->name, buf_view(&b));
	}
	buf_free(&b);
	vec_free(&p->used);
}
