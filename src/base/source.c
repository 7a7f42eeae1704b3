#include <straylight/base/buf.h>
#include <straylight/base/os.h>
#include <straylight/base/source.h>
#include <straylight/base/vec.h>

#include <pthread.h>

struct source {
	char *name, *text;
	size_t name_n, text_n;
	char *path; /* where the text still is; NULL: it was read */
};

static struct {
	pthread_mutex_t lock;
	VEC(struct source) all; /* file n is all.p[n - 1] */
	char *root;             /* ends in a slash; NULL: none */
} sources = {.lock = PTHREAD_MUTEX_INITIALIZER};

static uint32_t add(str name, struct source s)
{
	uint32_t file;

	pthread_mutex_lock(&sources.lock);
	if (sources.root && str_starts(name, str_c(sources.root)))
		name = str_from(name, strlen(sources.root));
	s.name = str_zdup(name);
	s.name_n = name.n;
	vec_push(&sources.all, s);
	file = (uint32_t)sources.all.n;
	pthread_mutex_unlock(&sources.lock);
	return file;
}

uint32_t source_add(str name, str text)
{
	text = str_upto(text, UINT32_MAX);
	return add(name, (struct source){.text = str_zdup(text), .text_n = text.n});
}

uint32_t source_add_file(str path)
{
	return add(path, (struct source){.path = str_zdup(path)});
}

void source_root(str dir)
{
	struct buf root = {0};

	if (dir.n) {
		buf_str(&root, dir);
		if (!str_ends(dir, S("/")))
			buf_c(&root, '/');
	}
	pthread_mutex_lock(&sources.lock);
	mem_free(sources.root);
	sources.root = root.n ? str_zdup(buf_view(&root)) : NULL;
	pthread_mutex_unlock(&sources.lock);
	buf_free(&root);
}

static void read_text(struct source *s)
{
	struct blob *b = NULL;

	if (os_read(s->path, UINT32_MAX, &b) == 0) {
		s->text = str_zdup(blob_str(b));
		s->text_n = b->n;
	}
	blob_unref(b);
	mem_free(s->path);
	s->path = NULL;
}

static struct source get(uint32_t file, bool text)
{
	struct source s = {0};

	pthread_mutex_lock(&sources.lock);
	if (file && file <= sources.all.n) {
		if (text && sources.all.p[file - 1].path)
			read_text(&sources.all.p[file - 1]);
		s = sources.all.p[file - 1];
	}
	pthread_mutex_unlock(&sources.lock);
	return s;
}

void source_drop(uint32_t file)
{
	struct source dead = {0};

	pthread_mutex_lock(&sources.lock);
	if (file && file <= sources.all.n) {
		dead = sources.all.p[file - 1];
		sources.all.p[file - 1] = (struct source){0};
	}
	pthread_mutex_unlock(&sources.lock);
	mem_free(dead.name);
	mem_free(dead.text);
	mem_free(dead.path);
}

str source_name(uint32_t file)
{
	struct source s = get(file, false);

	return (str){s.name, s.name_n};
}

str source_text(uint32_t file)
{
	struct source s = get(file, true);

	return (str){s.text, s.text_n};
}

struct place source_place(uint32_t file, uint32_t at)
{
	str text = source_text(file);
	struct place p = {.line = 1, .column = 1};
	size_t lo = 0, hi;

	if (at > text.n)
		at = (uint32_t)text.n;
	for (size_t i = 0; i < at; i++)
		if (text.p[i] == '\n') {
			p.line++;
			lo = i + 1;
		}
	for (size_t i = lo; i < at; i++)
		p.column += ((unsigned char)text.p[i] & 0xc0) != 0x80;
	hi = lo + str_find(str_from(text, lo), '\n');
	p.line_text = str_of(text.p ? text.p + lo : NULL, hi - lo);
	if (str_ends(p.line_text, S("\r")))
		p.line_text.n--;
	p.line_lo = (uint32_t)lo;
	return p;
}
