#include <straylight/base/buf.h>
#include <straylight/base/os.h>
#include <straylight/base/source.h>
#include <straylight/base/vec.h>

#include <pthread.h>

struct source {
	char *name, *text;
	size_t name_n, text_n;
	char *path; /* where the text still is; NULL: it was read */
	uint32_t *lines; /* where each begins; NULL: no place was asked for yet */
	size_t nlines;
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

static void find_lines(struct source *s)
{
	VEC(uint32_t) lines = {0};
	const char *at = s->text, *end = at + s->text_n;

	vec_push(&lines, 0);
	while (at && (at = memchr(at, '\n', (size_t)(end - at))))
		vec_push(&lines, (uint32_t)(++at - s->text));
	s->lines = lines.p;
	s->nlines = lines.n;
}

enum part { PART_NAME, PART_TEXT, PART_LINES }; /* each with those before it */

static struct source get(uint32_t file, enum part part)
{
	struct source s = {0};

	pthread_mutex_lock(&sources.lock);
	if (file && file <= sources.all.n) {
		struct source *it = &sources.all.p[file - 1];

		if (part >= PART_TEXT && it->path)
			read_text(it);
		if (part >= PART_LINES && it->text && !it->lines)
			find_lines(it);
		s = *it;
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
	mem_free(dead.lines);
}

str source_name(uint32_t file)
{
	struct source s = get(file, PART_NAME);

	return (str){s.name, s.name_n};
}

str source_text(uint32_t file)
{
	struct source s = get(file, PART_TEXT);

	return (str){s.text, s.text_n};
}

/* The last line that begins at the byte or before it. */
static size_t line_of(const struct source *s, uint32_t at)
{
	size_t lo = 0, hi = s->nlines;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->lines[mid] <= at)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

struct place source_place(uint32_t file, uint32_t at)
{
	struct source s = get(file, PART_LINES);
	str text = {s.text, s.text_n};
	size_t line, lo, hi;
	struct place p;

	if (at > text.n)
		at = (uint32_t)text.n;
	line = line_of(&s, at);
	lo = s.nlines ? s.lines[line] : 0;
	p = (struct place){.line = (uint32_t)line + 1, .column = 1};
	for (size_t i = lo; i < at; i++)
		p.column += ((unsigned char)text.p[i] & 0xc0) != 0x80;
	hi = lo + str_find(str_from(text, lo), '\n');
	p.line_text = str_of(text.p ? text.p + lo : NULL, hi - lo);
	if (str_ends(p.line_text, S("\r")))
		p.line_text.n--;
	p.line_lo = (uint32_t)lo;
	return p;
}
