#include "nar_int.h"

/* ---- chunks ---- */

/* Makes the chunk that comes next the present one. */
static void open_chunk(struct nar_out *o)
{
	size_t i = o->filled % NAR_CHUNKS;

	if (!o->chunks[i])
		o->chunks[i] = mem_alloc(NAR_CHUNK);
	o->at = o->chunks[i];
	o->end = o->at + NAR_CHUNK;
}

void nar_out_begin(struct nar_out *o, nar_write *write, void *ud)
{
	*o = (struct nar_out){.write = write, .ud = ud};
	open_chunk(o);
}

/* The thread: writes chunks in order until none will come. */
static void *write_chunks(void *ud)
{
	struct nar_out *o = ud;

	pthread_mutex_lock(&o->lock);
	for (;;) {
		size_t i = o->taken % NAR_CHUNKS;
		bool go_on;

		if (o->taken == o->filled)
			while (o->filled - o->taken < NAR_BATCH && !o->closed)
				pthread_cond_wait(&o->changed, &o->lock);
		if (o->taken == o->filled)
			break;
		if (!o->stopped) {
			pthread_mutex_unlock(&o->lock);
			go_on = o->write(o->ud, str_of(o->chunks[i], o->sizes[i]));
			pthread_mutex_lock(&o->lock);
			o->stopped = !go_on;
		}
		o->taken++;
		if (o->filled - o->taken == NAR_CHUNKS - NAR_BATCH)
			pthread_cond_signal(&o->changed);
	}
	pthread_mutex_unlock(&o->lock);
	return NULL;
}

static void start(struct nar_out *o)
{
	pthread_mutex_init(&o->lock, NULL);
	pthread_cond_init(&o->changed, NULL);
	o->threaded = pthread_create(&o->thread, NULL, write_chunks, o) == 0;
	if (!o->threaded) {
		pthread_mutex_destroy(&o->lock);
		pthread_cond_destroy(&o->changed);
	}
}

void nar_out_flush(struct nar_out *o)
{
	size_t i = o->filled % NAR_CHUNKS;

	o->sizes[i] = (size_t)(o->at - o->chunks[i]);
	if (!o->threaded && o->filled == 0 && o->at == o->end && os_cpus() > 1)
		start(o);
	if (!o->threaded) {
		o->quit = o->stopped = o->stopped || !o->write(o->ud, str_of(o->chunks[i], o->sizes[i]));
		o->filled++;
	} else {
		pthread_mutex_lock(&o->lock);
		o->filled++;
		if (o->filled - o->taken >= NAR_BATCH)
			pthread_cond_signal(&o->changed);
		if (o->filled - o->taken == NAR_CHUNKS)
			while (o->filled - o->taken > NAR_CHUNKS - NAR_BATCH)
				pthread_cond_wait(&o->changed, &o->lock);
		o->quit = o->stopped;
		pthread_mutex_unlock(&o->lock);
	}
	open_chunk(o);
}

bool nar_out_end(struct nar_out *o)
{
	if (o->at > o->chunks[o->filled % NAR_CHUNKS])
		nar_out_flush(o);
	if (o->threaded) {
		pthread_mutex_lock(&o->lock);
		o->closed = true;
		pthread_cond_signal(&o->changed);
		pthread_mutex_unlock(&o->lock);
		pthread_join(o->thread, NULL);
		pthread_mutex_destroy(&o->lock);
		pthread_cond_destroy(&o->changed);
	}
	for (size_t i = 0; i < NAR_CHUNKS; i++)
		mem_free(o->chunks[i]);
	return !o->stopped;
}

void nar_out_bytes(struct nar_out *o, str s)
{
	while (s.n) {
		size_t n = (size_t)(o->end - o->at);

		if (n > s.n)
			n = s.n;
		memcpy(o->at, s.p, n);
		o->at += n;
		s = str_from(s, n);
		if (o->at == o->end)
			nar_out_flush(o);
	}
}

/* ---- words ---- */

void nar_out_number(struct nar_out *o, uint64_t v)
{
	char b[8];

	for (unsigned i = 0; i < sizeof b; i++)
		b[i] = (char)(v >> 8 * i);
	nar_out_bytes(o, str_of(b, sizeof b));
}

void nar_out_pad(struct nar_out *o, uint64_t size)
{
	static const char zeros[8];

	if (size % 8)
		nar_out_bytes(o, str_of(zeros, 8 - size % 8));
}

void nar_out_word(struct nar_out *o, str s)
{
	nar_out_number(o, s.n);
	nar_out_bytes(o, s);
	nar_out_pad(o, s.n);
}

void nar_out_magic(struct nar_out *o)
{
	nar_out_word(o, S("nix-archive-1"));
}

static void node(struct nar_out *o, str type)
{
	nar_out_word(o, S("("));
	nar_out_word(o, S("type"));
	nar_out_word(o, type);
}

void nar_out_file(struct nar_out *o, bool executable, uint64_t size)
{
	node(o, S("regular"));
	if (executable) {
		nar_out_word(o, S("executable"));
		nar_out_word(o, S(""));
	}
	nar_out_word(o, S("contents"));
	nar_out_number(o, size);
}

void nar_out_link(struct nar_out *o, str target)
{
	node(o, S("symlink"));
	nar_out_word(o, S("target"));
	nar_out_word(o, target);
	nar_out_close(o);
}

void nar_out_dir(struct nar_out *o)
{
	node(o, S("directory"));
}

void nar_out_entry(struct nar_out *o, str name)
{
	nar_out_word(o, S("entry"));
	nar_out_word(o, S("("));
	nar_out_word(o, S("name"));
	nar_out_word(o, name);
	nar_out_word(o, S("node"));
}

void nar_out_close(struct nar_out *o)
{
	nar_out_word(o, S(")"));
}
