/* TOML 1.0 in: tables are collected first, because headers may add to any of them, and become sets at the
 * end.  Dates and times are refused, as Nix refuses them. */
#include "toml.h"

/* ---- tables ---- */

static struct toml_member *find(struct toml_table *t, sym name)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->m[i].name == name)
			return &t->m[i];
	return NULL;
}

static struct toml_member *append(struct toml *r, struct toml_table *t, sym name)
{
	nix_step(r->x);
	if (t->n == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 4;
		struct toml_member *more = arena_array(&r->x->mem, struct toml_member, cap);

		if (t->n)
			memcpy(more, t->m, t->n * sizeof *more);
		t->m = more;
		t->cap = cap;
	}
	t->m[t->n].name = name;
	return &t->m[t->n++];
}

static struct toml_table *table_new(struct toml *r)
{
	return arena_make(&r->x->mem, struct toml_table);
}

static void push_table(struct toml *r, struct toml_member *m, struct toml_table *t)
{
	struct toml_table **more;

	if (m->narray == m->array_cap) {
		m->array_cap = m->array_cap ? m->array_cap * 2 : 4;
		more = arena_array(&r->x->mem, struct toml_table *, m->array_cap);
		if (m->narray)
			memcpy(more, m->array, m->narray * sizeof *more);
		m->array = more;
	}
	m->array[m->narray++] = t;
}

/* ---- keys ---- */

static bool is_bare(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static sym key(struct toml *r)
{
	size_t lo = r->at;
	struct buf *b;
	sym name;

	toml_blank(r);
	if (toml_look(r) == '"' || toml_look(r) == '\'') {
		b = buf_borrow(r->x);
		toml_string(r, b, false);
		name = intern(buf_view(b));
		buf_return(r->x, b);
		toml_blank(r);
		return name;
	}
	for (lo = r->at; is_bare(toml_look(r));)
		r->at++;
	if (lo == r->at)
		toml_bad(r, "a key is expected");
	name = intern(str_of(r->in.p + lo, r->at - lo));
	toml_blank(r);
	return name;
}

/* The table that a dotted key goes through. */
static struct toml_table *through(struct toml *r, struct toml_table *t, sym name, bool header)
{
	struct toml_member *m = find(t, name);

	if (!m) {
		m = append(r, t, name);
		m->table = table_new(r);
		m->table->dotted = !header;
		return m->table;
	}
	if (m->narray && header)
		return m->array[m->narray - 1];
	if (!m->table || m->table->closed || (!header && m->table->header))
		toml_bad(r, "a key names what is no table, or one that is written already");
	return m->table;
}

static void pair(struct toml *r, struct toml_table *t)
{
	sym name = key(r);
	struct toml_member *m;

	while (toml_look(r) == '.') {
		r->at++;
		t = through(r, t, name, false);
		name = key(r);
	}
	if (toml_look(r) != '=')
		toml_bad(r, "'=' is expected");
	r->at++;
	if (find(t, name))
		toml_bad(r, "a key is there twice");
	m = append(r, t, name);
	toml_blank(r);
	if (toml_look(r) == '{')
		m->table = toml_inline(r);
	else
		m->v = toml_value(r);
}

struct toml_table *toml_inline(struct toml *r)
{
	struct toml_table *t = table_new(r);

	nix_deep(r->x);
	r->at++;
	toml_blank(r);
	if (toml_look(r) == '}') {
		r->at++;
		t->closed = true;
		return t;
	}
	for (;;) {
		pair(r, t);
		toml_blank(r);
		if (toml_look(r) == '}')
			break;
		if (toml_look(r) != ',')
			toml_bad(r, "',' or '}' is expected");
		r->at++;
	}
	r->at++;
	toml_close(t);
	return t;
}

/* Nothing can be added to what is inside, either. */
void toml_close(struct toml_table *t)
{
	t->closed = true;
	for (size_t i = 0; i < t->n; i++)
		if (t->m[i].table && !t->m[i].table->closed)
			toml_close(t->m[i].table);
}

/* ---- headers ---- */

static struct toml_table *array_header(struct toml *r, struct toml_table *t, sym name)
{
	struct toml_member *m = find(t, name);
	struct toml_table *fresh = table_new(r);

	if (m && !m->narray)
		toml_bad(r, "a key names what is no list of tables");
	if (!m)
		m = append(r, t, name);
	push_table(r, m, fresh);
	return fresh;
}

static struct toml_table *table_header(struct toml *r, struct toml_table *t, sym name)
{
	struct toml_member *m = find(t, name);

	if (!m) {
		m = append(r, t, name);
		m->table = table_new(r);
	}
	if (!m->table || m->table->closed || m->table->header || m->table->dotted)
		toml_bad(r, "a table is there twice");
	m->table->header = true;
	return m->table;
}

static struct toml_table *header(struct toml *r, struct toml_table *root)
{
	struct toml_table *t = root;
	bool array;
	sym name;

	r->at++;
	array = toml_look(r) == '[';
	r->at += array;
	name = key(r);
	while (toml_look(r) == '.') {
		r->at++;
		t = through(r, t, name, true);
		name = key(r);
	}
	if (toml_look(r) != ']' || (array && (r->at + 1 >= r->in.n || r->in.p[r->at + 1] != ']')))
		toml_bad(r, "']' is expected");
	r->at += 1 + array;
	return array ? array_header(r, t, name) : table_header(r, t, name);
}

/* ---- the whole ---- */

void toml_set(struct toml *r, const struct toml_table *t, struct val *out)
{
	struct nix *x = r->x;
	struct attrs *a = attrs_new(&x->mem, t->n);

	nix_deep(x);
	for (size_t i = 0; i < t->n; i++) {
		const struct toml_member *m = &t->m[i];
		struct val *v = m->v;

		if (m->table) {
			v = cell(x);
			toml_set(r, m->table, v);
		} else if (m->narray) {
			struct val **items = items_new(x, m->narray);

			for (size_t k = 0; k < m->narray; k++) {
				items[k] = cell(x);
				toml_set(r, m->array[k], items[k]);
			}
			v = list_cell(x, items, m->narray);
		}
		attrs_put(a, m->name, 0, v);
	}
	attrs_end(a);
	val_attrs(out, a);
}

void toml_read(struct nix *x, str in, struct val *out)
{
	struct toml r = {x, in, 0};
	struct toml_table *root = table_new(&r), *t = root;

	x->items.n = 0; /* what an error left */
	for (;;) {
		toml_lines(&r);
		if (r.at >= in.n)
			break;
		if (toml_look(&r) == '[')
			t = header(&r, root);
		else
			pair(&r, t);
		toml_blank(&r);
		if (toml_look(&r) == '#')
			toml_comment(&r);
		if (r.at < in.n && toml_look(&r) != '\n' && toml_look(&r) != '\r')
			toml_bad(&r, "the end of the line is expected");
	}
	toml_set(&r, root, out);
}
