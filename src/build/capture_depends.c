#include "capture_int.h"

#define STATUS "/var/lib/dpkg/status"
#define STATUS_MAX ((size_t)256 << 20)

/* What a paragraph of dpkg's status file says of an installed package. */
struct installed {
	str name, depends, pre_depends;
};

struct status {
	struct found *found;
	struct map packages; /* name → struct installed *; what one provides is its name too, unless it is another's */
	struct map taken;
	VEC(str) todo;
};

/* ---- deb-control(5): "Field: value", continued by lines that begin with a blank ---- */

static bool is_field(str line, str name, str *value)
{
	if (!str_starts(line, name) || line.n <= name.n || line.p[name.n] != ':')
		return false;
	*value = str_trim(str_from(line, name.n + 1));
	return true;
}

static bool is_separator(char c)
{
	return c == ' ' || c == '(' || c == ':' || c == '\t' || c == '[' || c == '<';
}

/* "libc6 (>= 2.36)", "python3:any" */
static str bare_name(str relation)
{
	size_t n = 0;

	relation = str_trim(relation);
	while (n < relation.n && !is_separator(relation.p[n]))
		n++;
	return str_upto(relation, n);
}

static void add_provided(struct status *s, str provides, struct installed *by)
{
	bool more = provides.n != 0, fresh;
	str one;

	while (more) {
		void **slot;

		more = str_cut(provides, ',', &one, &provides);
		slot = map_slot(&s->packages, bare_name(one), &fresh);
		if (fresh)
			*slot = by;
	}
}

static void read_paragraph(struct status *s, str text)
{
	struct installed *p = arena_make(&s->found->arena, struct installed);
	str line, value, provides = {0};
	bool more = true, here = false;

	while (more) {
		more = str_cut(text, '\n', &line, &text);
		if (is_field(line, S("Package"), &value))
			p->name = value;
		else if (is_field(line, S("Status"), &value))
			here = str_eq(value, S("install ok installed")) || str_eq(value, S("hold ok installed"));
		else if (is_field(line, S("Depends"), &value))
			p->depends = value;
		else if (is_field(line, S("Pre-Depends"), &value))
			p->pre_depends = value;
		else if (is_field(line, S("Provides"), &value))
			provides = value;
	}
	if (!here || !p->name.n)
		return;
	map_put(&s->packages, p->name, p);
	add_provided(s, provides, p);
}

static bool read_status(struct status *s)
{
	struct blob *b;
	str rest, text;
	size_t at;

	if (os_read(STATUS, STATUS_MAX, &b) < 0)
		return false;
	text = str_dup(&s->found->arena, blob_str(b));
	blob_unref(b);
	for (rest = text; rest.n; rest = str_from(rest, at + 2)) {
		at = str_find_str(rest, S("\n\n"));
		read_paragraph(s, str_upto(rest, at));
		if (at == rest.n)
			break;
	}
	return true;
}

/* ---- the closure ---- */

static void want(struct status *s, const struct installed *p)
{
	bool fresh;

	map_slot(&s->taken, p->name, &fresh);
	if (fresh)
		vec_push(&s->todo, p->name);
}

/* Of alternatives the first that is installed; what dpkg let be missing is missing here too. */
static void want_relations(struct status *s, str list)
{
	bool more = list.n != 0, others;
	str group, one;

	while (more) {
		const struct installed *p = NULL;

		more = str_cut(list, ',', &group, &list);
		for (others = true; others && !p;) {
			others = str_cut(group, '|', &one, &group);
			p = map_get(&s->packages, bare_name(one));
		}
		if (p)
			want(s, p);
	}
}

bool found_add_depends(struct found *f, str name)
{
	struct status s = {.found = f};
	const struct installed *p;
	bool ok;

	ok = read_status(&s) && (p = map_get(&s.packages, name)) != NULL;
	if (ok)
		want(&s, p);
	while (ok && s.todo.n) {
		name = vec_pop(&s.todo);
		p = map_get(&s.packages, name);
		ok = found_add_package(f, name);
		want_relations(&s, p->depends);
		want_relations(&s, p->pre_depends);
	}
	map_free(&s.packages);
	map_free(&s.taken);
	vec_free(&s.todo);
	return ok;
}
