#include "trace_int.h"

#include <straylight/base/os.h>

#define SOURCE_MAX ((size_t)64 << 20)

struct search {
	str root;
	const str *folders;
	size_t nfolders;
	struct map *found;
	struct arena *arena;
	VEC(str) todo; /* absolute */
};

/* The name between "" or <> of an #include line; {NULL, 0} for other lines and for macros. */
static str included(str line, bool *quoted)
{
	static const char *const words[] = {"include", "include_next", "import"};
	str name, rest;

	line = str_trim(line);
	if (!line.n || line.p[0] != '#')
		return (str){0};
	line = str_trim(str_from(line, 1));
	for (size_t i = SL_COUNT(words); i-- > 0;) {
		if (!str_starts(line, str_c(words[i])))
			continue;
		line = str_trim(str_from(line, strlen(words[i])));
		*quoted = line.n && line.p[0] == '"';
		if (!*quoted && !(line.n && line.p[0] == '<'))
			return (str){0};
		return str_cut(str_from(line, 1), *quoted ? '"' : '>', &name, &rest) ? name : (str){0};
	}
	return (str){0};
}

static bool add_file(struct search *s, str folder, str name)
{
	str path = name.p[0] == '/' ? name : str_c(os_join(s->arena, folder, name)), normal, below;
	struct stat st;
	bool fresh;

	if (!os_normalize(s->arena, path, &normal) || stat(normal.p, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	below = path_below(s->root, normal);
	if (below.p) {
		*map_slot(s->found, below, &fresh) = s->found;
		if (fresh)
			vec_push(&s->todo, normal);
	}
	return true;
}

static void add_included(struct search *s, str folder, str name, bool quoted)
{
	if (!name.n || (quoted && add_file(s, folder, name)))
		return;
	for (size_t i = 0; i < s->nfolders; i++)
		if (add_file(s, s->folders[i], name))
			return;
}

static void look_into(struct search *s, str path)
{
	struct blob *text = NULL;
	size_t end = path.n;
	str line, rest;

	while (end && path.p[end - 1] != '/')
		end--;
	if (os_read(str_dup(s->arena, path).p, SOURCE_MAX, &text) != 0)
		return;
	for (rest = blob_str(text); rest.n;) {
		bool quoted = false;
		str name;

		str_cut(rest, '\n', &line, &rest);
		name = included(line, &quoted);
		if (name.n)
			add_included(s, str_upto(path, end ? end - 1 : 0), str_dup(s->arena, name), quoted);
	}
	blob_unref(text);
}

void headers_of(str root, str source, const str *folders, size_t nfolders, struct map *found, struct arena *a)
{
	struct search s = {.root = root, .folders = folders, .nfolders = nfolders, .found = found, .arena = a};

	look_into(&s, source);
	while (s.todo.n)
		look_into(&s, vec_pop(&s.todo));
	vec_free(&s.todo);
}
