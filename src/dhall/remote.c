/* Imports by URL (imports.md): headers, fetching, CORS. */
#include "unit.h"

#include <strings.h>

/* ---- URLs ---- */

bool remote_is(str directory)
{
	return str_starts(directory, S("http://")) || str_starts(directory, S("https://"));
}

static size_t authority_at(str url)
{
	return str_starts(url, S("https://")) ? 8 : 7;
}

/* "https://authority" */
static str origin_of(str url)
{
	size_t from = authority_at(url);

	return str_upto(url, from + str_find(str_from(url, from), '/'));
}

/* The authority without its user, and with its port: what the keys of headers.dhall are. */
static str host_and_port(struct arena *a, str url)
{
	str host = str_from(origin_of(url), authority_at(url)), user, rest;
	size_t from;

	if (str_cut(host, '@', &user, &rest))
		host = rest;
	from = host.n && host.p[0] == '[' ? str_find(host, ']') : 0;
	if (from + str_find(str_from(host, from), ':') < host.n)
		return host;
	return str_fmt(a, "%.*s:%d", STR_ARG(host), authority_at(url) == 8 ? 443 : 80);
}

str remote_shown(struct arena *a, str url)
{
	str origin = origin_of(url), user, host, path, query;
	size_t from = authority_at(url);

	if (str_cut(str_from(origin, from), '@', &user, &host))
		diag_hide(user);
	else
		host = str_from(origin, from);
	if (str_cut(str_from(url, origin.n), '?', &path, &query))
		diag_hide(query);
	return str_fmt(a, "%.*s%.*s%.*s", STR_ARG(str_upto(url, from)), STR_ARG(host), STR_ARG(path));
}

str remote_component(struct arena *a, str part)
{
	struct buf b = {0};

	for (size_t i = 0; i < part.n; i++) {
		unsigned char c = (unsigned char)part.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (plain || char_in(c, "-._~!$&'()*+,;=:@"))
			buf_c(&b, (char)c);
		else
			buf_fmt(&b, "%%%02X", c);
	}
	return buf_take(&b, a);
}

/* ---- headers as values ---- */

struct reading {
	struct dhall *s;
	const struct unit *unit;
	str origin; /* of the user's configuration: which entry; p == NULL: inline headers */
	struct arena *mem;
	VEC(struct dhall_header) headers;
	const char *why; /* not ok: in a few words */
	bool ok;
};

/* List { mapKey : Text, mapValue : Text }, inline also List { header : Text, value : Text }; the user's
 * configuration is a map of such maps. */
static bool is_map(struct dhall *s, struct val *type, bool nested)
{
	sym names[2] = {intern_c("header"), intern_c("value")};
	struct val *item, *key, *value;

	if (val_force(s, type)->kind != VAL_LIST_TYPE)
		return false;
	item = val_force(s, type->u.one.a);
	if (item->kind != VAL_RECORD_TYPE || (item->u.rec.shape != s->shape_map &&
						(nested || item->u.rec.shape != shape_of_names(s, names, 2))))
		return false;
	key = val_force(s, item->u.rec.fields[0]);
	value = val_force(s, item->u.rec.fields[1]);
	if (key->kind != VAL_BUILTIN || key->sub != BUILTIN_TEXT)
		return false;
	return nested ? is_map(s, value, false) : value->kind == VAL_BUILTIN && value->sub == BUILTIN_TEXT;
}

static struct val *field(struct dhall *s, struct val *item, size_t i)
{
	return val_force(s, val_force(s, item)->u.rec.fields[i]);
}

/* A line break would begin another header. */
static bool is_header(const struct dhall_header *h)
{
	for (size_t i = 0; i < h->name.n; i++)
		if (h->name.p[i] <= ' ' || h->name.p[i] == ':' || h->name.p[i] == 127)
			return false;
	for (size_t i = 0; i < h->value.n; i++)
		if (h->value.p[i] == '\r' || h->value.p[i] == '\n' || h->value.p[i] == '\0')
			return false;
	return h->name.n > 0;
}

static bool same_name(str a, str b)
{
	return a.n == b.n && strncasecmp(a.p, b.p, a.n) == 0;
}

static void hide(const struct dhall_header *h)
{
	str word, rest = h->value;
	bool more = true;

	if (same_name(h->name, S("User-Agent")) || same_name(h->name, S("Accept")))
		return;
	diag_hide(h->value);
	while (more) {
		more = str_cut(rest, ' ', &word, &rest);
		diag_hide(word);
	}
}

static bool read_headers(struct reading *r, struct val *list)
{
	struct val **items = list->n ? list_items(r->s, list) : NULL;

	for (uint32_t i = 0; i < list->n; i++) {
		struct val *name = field(r->s, items[i], 0), *value = field(r->s, items[i], 1);
		struct dhall_header h = {str_dup(r->mem, text_str(name)), str_dup(r->mem, text_str(value))};

		hide(&h);
		if (!is_header(&h)) {
			r->why = h.name.n ? "a name has a blank or ':' in it, or a value a line break" : "a name is empty";
			return false;
		}
		vec_push(&r->headers, h);
	}
	return true;
}

static void read_protected(void *ud)
{
	struct reading *r = ud;
	struct val *list = val_force(r->s, unit_value(r->s, r->unit)), **items;

	if (!is_map(r->s, unit_type(r->s, r->unit), r->origin.p != NULL)) {
		r->why = r->origin.p ? "they are not a List { mapKey : Text, mapValue : List { mapKey : Text, mapValue : Text } }"
				     : "they are not a List { mapKey : Text, mapValue : Text }";
		return;
	}
	if (!r->origin.p) {
		r->ok = read_headers(r, list);
		return;
	}
	r->ok = true;
	items = list->n ? list_items(r->s, list) : NULL;
	for (uint32_t i = 0; i < list->n; i++)
		if (str_eq(text_str(field(r->s, items[i], 0)), r->origin)) {
			r->ok = read_headers(r, field(r->s, items[i], 1));
			return;
		}
}

static bool read_unit(struct reading *r, struct loaded *u)
{
	struct diags *outer = r->s->diags;
	bool done;

	r->unit = &u->unit;
	r->s->diags = &u->diags;
	done = session_protect(r->s, read_protected, r);
	r->s->diags = outer;
	return done && r->ok;
}

/* ---- where headers come from ---- */

/* What went wrong in them, without any source line: it may have a token. */
static enum unit_state tell(struct loaded *l, const struct loaded *headers, const struct reading *r, struct span from, str url)
{
	struct place p = source_place(from.file, from.lo);
	struct diag *d = diag_error(&l->diags, DIAG_IMPORT_HEADERS, NO_SPAN, "the headers for '%.*s' cannot be used", STR_ARG(url));

	diag_note(&l->diags, d, NO_SPAN, "%.*s:%u:%u imports it", STR_ARG(source_name(from.file)), p.line, p.column);
	for (const struct diag *x = headers->diags.first; x; x = x->next)
		diag_note(&l->diags, d, NO_SPAN, "%.*s", STR_ARG(x->text));
	if (r->why)
		diag_note(&l->diags, d, NO_SPAN, "%s", r->why);
	diag_hint(&l->diags, d, "headers are a map of names and values that mentions no variable around it: toMap { Name = \"value\" }");
	return headers->state == UNIT_ABSENT ? UNIT_ABSENT : UNIT_FAILED;
}

/* The `using` clause has an empty context: it is checked as a text of its own. */
static enum unit_state inline_headers(struct loaded *l, const struct term *t, const struct location *at, struct span from,
		struct reading *out)
{
	struct dhall *s = out->s;
	str text = str_from(str_upto(source_text(l->unit.file), t->hi), t->lo);
	struct loaded *u = unit_new(s->world, str_fmt(&s->arena, "(headers for %.*s)", STR_ARG(at->shown)), l->unit.directory);

	u->headers = l->headers;
	u->unit.file = source_add(u->unit.name, text);
	u->loader = s;
	u->outer = s->loading;
	s->loading = u;
	u->state = term_parse(&u->unit, text, &u->diags) ? unit_finish(s, u) : UNIT_FAILED;
	s->loading = u->outer;
	u->loader = NULL;
	unit_depends_all(l, &u->unit, false);
	return u->state == UNIT_DONE && read_unit(out, u) ? UNIT_DONE : tell(l, u, out, from, at->shown);
}

static bool variable(struct dhall *s, const char *name, struct blob **out)
{
	const struct dhall_env *env = &s->world->env;

	*out = NULL;
	return env->variable && env->variable(env->ud, str_c(name), out) == DHALL_FOUND;
}

/* env:DHALL_HEADERS, else headers.dhall in the configuration folder. */
static struct location user_place(struct dhall *s)
{
	struct location at = {.kind = IMPORT_LOCAL};
	struct blob *b;

	if (variable(s, "DHALL_HEADERS", &b)) {
		blob_unref(b);
		return (struct location){.kind = IMPORT_ENV, .name = S("DHALL_HEADERS"), .directory = s->world->env.directory};
	}
	if (variable(s, "XDG_CONFIG_HOME", &b) && b->n)
		at.directory = str_fmt(&s->arena, "%.*s/dhall", STR_ARG(blob_str(b)));
	else
		at.directory = str_fmt(&s->arena, "%.*s/.config/dhall", STR_ARG(s->world->env.home));
	blob_unref(b);
	at.path = at.name = str_fmt(&s->arena, "%.*s/headers.dhall", STR_ARG(at.directory));
	return at;
}

static enum unit_state user_headers(struct loaded *l, const struct location *url, struct span from, struct reading *out)
{
	struct dhall *s = out->s;
	struct location at = user_place(s);
	struct loaded *u;
	struct diag *d;

	for (u = s->loading; u; u = u->outer)
		if (str_eq(u->unit.name, at.name)) {
			d = diag_error(&l->diags, DIAG_IMPORT_CYCLE, from, "the headers of requests cannot come from a request");
			diag_hint(&l->diags, d, "write them there, or import a local file");
			return UNIT_FAILED;
		}
	u = unit_load(s, &at, from);
	if (u->state == UNIT_ABSENT && !u->diags.first)
		return UNIT_DONE;
	out->origin = host_and_port(&s->arena, url->name);
	if (u->state == UNIT_DONE && read_unit(out, u))
		return UNIT_DONE;
	tell(l, u, out, from, url->shown);
	return UNIT_FAILED;
}

/* ---- a request ---- */

static bool has_name(const struct reading *r, str name)
{
	for (size_t i = 0; i < r->headers.n; i++)
		if (same_name(r->headers.p[i].name, name))
			return true;
	return false;
}

/* Those of the file that the user's configuration does not override, then the user's. */
static const struct headers *merged(struct arena *a, const struct dhall_header *file, size_t n, const struct reading *user)
{
	struct headers *h = arena_make(a, struct headers);
	struct dhall_header *p = arena_array(a, struct dhall_header, n + user->headers.n);

	for (size_t i = 0; i < n; i++)
		if (!has_name(user, file[i].name))
			p[h->n++] = file[i];
	for (size_t i = 0; i < user->headers.n; i++)
		p[h->n++] = user->headers.p[i];
	h->p = p;
	return h;
}

static str key_of(struct arena *a, const struct location *at)
{
	struct buf b = {0};

	buf_str(&b, at->path);
	for (size_t i = 0; i < at->headers->n; i++)
		buf_fmt(&b, "\n%.*s: %.*s", STR_ARG(at->headers->p[i].name), STR_ARG(at->headers->p[i].value));
	return buf_take(&b, a);
}

static enum unit_state headers_of(struct dhall *s, struct loaded *l, const struct import *im, struct location *at, struct span from)
{
	struct reading file = {.s = s, .mem = &l->unit.arena}, user = {.s = s, .mem = &l->unit.arena};
	bool inherits = im->kind == IMPORT_LOCAL && l->headers;
	enum unit_state state = UNIT_DONE;

	if (im->kind == IMPORT_REMOTE && im->headers)
		state = inline_headers(l, im->headers, at, from, &file);
	if (state == UNIT_DONE)
		state = user_headers(l, at, from, &user);
	if (state == UNIT_DONE) {
		at->headers = inherits ? merged(&l->unit.arena, l->headers->p, l->headers->n, &user)
				       : merged(&l->unit.arena, file.headers.p, file.headers.n, &user);
		at->key = key_of(&s->arena, at);
	}
	vec_free(&file.headers);
	vec_free(&user.headers);
	return state;
}

static enum unit_state not_there(struct loaded *l, const struct location *at, struct span from, const struct raw *raw)
{
	const char *why = raw->response.why ? raw->response.why : "there is no network here";
	const char *hint = raw->response.hint ? raw->response.hint : "pin it with a sha256 that is in the cache";
	struct diag *d = diag_error(&l->diags, DIAG_IMPORT_REMOTE, from, "'%.*s' cannot be fetched: %s", STR_ARG(at->shown), why);

	diag_hint(&l->diags, d, "%s", hint);
	return UNIT_ABSENT;
}

/* corsCompliant(parent, child, headers) */
static enum unit_state allowed_by(struct loaded *l, const struct location *at, struct span from, const struct raw *raw)
{
	str parent = l->unit.directory, allow = raw->response.allow_origin;
	struct diag *d;

	if (!remote_is(parent) || str_eq(origin_of(parent), origin_of(at->path)))
		return UNIT_DONE;
	if (raw->response.nallow == 1 && (str_eq(allow, S("*")) || str_eq(allow, origin_of(parent))))
		return UNIT_DONE;
	d = diag_error(&l->diags, DIAG_IMPORT_CORS, from, "'%.*s' may not import '%.*s': its server does not allow it",
			STR_ARG(l->unit.name), STR_ARG(at->shown));
	if (raw->response.nallow == 1)
		diag_note(&l->diags, d, NO_SPAN, "its Access-Control-Allow-Origin is '%.*s'", STR_ARG(allow));
	else if (raw->response.nallow == 0)
		diag_note(&l->diags, d, NO_SPAN, "it sends no header Access-Control-Allow-Origin");
	else
		diag_note(&l->diags, d, NO_SPAN, "it sends Access-Control-Allow-Origin %zu times, and once is needed",
				raw->response.nallow);
	diag_hint(&l->diags, d, "import it from a local file, or ask the server's owner");
	return UNIT_FAILED;
}

enum unit_state remote_fetch(struct dhall *s, struct loaded *l, const struct import *im, struct location *at, struct span from)
{
	enum unit_state state = headers_of(s, l, im, at, from);
	const struct raw *raw;

	if (state != UNIT_DONE)
		return state;
	raw = unit_raw(s, at, &l->diags);
	if (!raw)
		return UNIT_FAILED;
	return raw->found == DHALL_FOUND ? allowed_by(l, at, from, raw) : not_there(l, at, from, raw);
}
