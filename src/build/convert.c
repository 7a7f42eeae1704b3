/* From a file to a BUILD.dhall: which derivations, and the text. */
#include "convert_int.h"

#include <straylight/doors.h>

#define STEPS_MAX 200000000
#define BYTES_MAX ((size_t)2 << 30)
#define TARGETS_MAX 10000

/* ---- values ---- */

bool convert_get(struct converting *c, nix_val set, const char *name, nix_val *out)
{
	return nix_kind(c->x, set) == NIX_ATTRS && nix_get(c->x, set, str_c(name), out);
}

bool convert_text_of(struct converting *c, nix_val set, const char *name, str *out)
{
	nix_val v;

	return convert_get(c, set, name, &v) && (nix_kind(c->x, v) == NIX_STRING || nix_kind(c->x, v) == NIX_PATH) &&
			nix_string(c->x, v, out);
}

/* ---- texts ---- */

bool convert_is_among(str name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(name, str_c(names[i])))
			return true;
	return false;
}

bool convert_word(str *text, str *word)
{
	size_t n = 0;

	*text = str_trim(*text);
	while (n < text->n && !char_in(text->p[n], " \t\n"))
		n++;
	*word = str_upto(*text, n);
	*text = str_from(*text, n);
	return n > 0;
}

str convert_quoted(struct converting *c, str text)
{
	struct buf b = {0};

	dhall_spell_text(text, &b);
	return buf_take(&b, &c->arena);
}

str convert_list(struct converting *c, const texts *list)
{
	struct buf b = {0};

	for (size_t i = 0; i < list->n; i++) {
		buf_str(&b, i ? S(", ") : S("[ "));
		dhall_spell_text(list->p[i], &b);
	}
	buf_str(&b, list->n ? S(" ]") : S("([] : List Text)"));
	return buf_take(&b, &c->arena);
}

str convert_without_version(str name)
{
	for (size_t i = 1; i + 1 < name.n; i++)
		if (name.p[i] == '-' && name.p[i + 1] >= '0' && name.p[i + 1] <= '9')
			return str_upto(name, i);
	return name;
}

str convert_target_name(struct converting *c, nix_val arguments)
{
	struct buf b = {0};
	str name = S("package");

	if (!convert_text_of(c, arguments, "pname", &name) && convert_text_of(c, arguments, "name", &name))
		name = convert_without_version(name);
	for (size_t i = 0; i < name.n; i++) {
		char ch = name.p[i];
		bool fits = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || char_in(ch, "._+-");

		buf_c(&b, fits ? ch : '_');
	}
	return b.n ? buf_take(&b, &c->arena) : S("package");
}

/* ---- targets and what is left ---- */

struct made *convert_target(struct converting *c, str name)
{
	struct made *m = arena_make(&c->arena, struct made);
	str tried = str_dup(&c->arena, name);

	for (unsigned n = 2; map_has(&c->names, tried); n++)
		tried = str_fmt(&c->arena, "%.*s-%u", STR_ARG(name), n);
	m->name = tried;
	map_put(&c->names, tried, m);
	vec_push(&c->targets, m);
	return m;
}

void convert_field(struct converting *c, struct made *m, const char *name, const char *fmt, ...)
{
	va_list ap;
	str value;

	va_start(ap, fmt);
	value = str_vfmt(&c->arena, fmt, ap);
	va_end(ap);
	vec_push(&m->fields, str_fmt(&c->arena, "%s = %.*s", name, STR_ARG(value)));
}

static bool is_said(const struct convert_left *list, size_t n, const struct convert_left *one)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].target, one->target) && str_eq(list[i].attribute, one->attribute) && str_eq(list[i].why, one->why))
			return true;
	return false;
}

void convert_left(struct converting *c, const struct made *m, enum diag_code code, str attribute, const char *hint, const char *fmt,
		...)
{
	struct convert_left one = {.code = code, .target = m ? m->name : (str){0}, .attribute = str_dup(&c->arena, attribute),
			.hint = str_c(hint)};
	va_list ap;

	va_start(ap, fmt);
	one.why = str_vfmt(&c->arena, fmt, ap);
	va_end(ap);
	if (!is_said(c->left.p, c->left.n, &one))
		vec_push(&c->left, one);
}

void convert_noted(struct converting *c, const struct made *m, str attribute, const char *fmt, ...)
{
	struct convert_left one = {.code = DIAG_CONVERT_OTHERWISE, .target = m->name, .attribute = str_dup(&c->arena, attribute)};
	va_list ap;

	va_start(ap, fmt);
	one.why = str_vfmt(&c->arena, fmt, ap);
	va_end(ap);
	if (!is_said(c->noted.p, c->noted.n, &one))
		vec_push(&c->noted, one);
}

/* ---- derivations ---- */

struct made *convert_derivation(struct converting *c, nix_val drv)
{
	struct made *m = NULL;
	nix_val arguments;
	str maker = {0}, path = {0};

	if (convert_text_of(c, drv, "outPath", &path) && map_has(&c->by_path, path))
		return map_get(&c->by_path, path);
	if (!convert_text_of(c, drv, "maker", &maker) || !convert_get(c, drv, "symbolic", &arguments)) {
		if (convert_get(c, drv, "drvAttrs", &arguments))
			convert_left(c, NULL, DIAG_CONVERT_LEFT, convert_target_name(c, arguments), "wrap it: straylight wrap --nix",
					"it is a raw derivation, with a builder of its own");
		return NULL;
	}
	if (nix_attrs(c->x, arguments) == 0 && nix_kind(c->x, arguments) != NIX_ATTRS)
		return NULL;
	if (c->targets.n >= TARGETS_MAX)
		return NULL;
	m = convert_is_text(maker) ? convert_text(c, maker, drv, arguments) : convert_package(c, maker, drv, arguments);
	if (path.n && !map_has(&c->by_path, path))
		map_put(&c->by_path, str_dup(&c->arena, path), m);
	return m;
}

static bool convert_all(struct converting *c, nix_val list)
{
	size_t n = 0;
	nix_val one, drv;
	str path = {0};

	if (nix_kind(c->x, list) == NIX_NULL) {
		diag_error(c->diags, DIAG_CONVERT_NOTHING, NO_SPAN, "'%.*s' has no attribute '%.*s'", STR_ARG(c->q->file),
				STR_ARG(c->q->attribute));
		return false;
	}
	if (!nix_list(c->x, list, &n))
		return false;
	if (n == 0) {
		diag_hint(c->diags, diag_error(c->diags, DIAG_CONVERT_NOTHING, NO_SPAN, "'%.*s' gives no derivation",
				STR_ARG(c->q->file)), "-A ATTR names one inside; functions need their arguments");
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		if (!nix_item(c->x, list, i, &one))
			return false;
		if (convert_get(c, one, "failed", &drv)) {
			(void)convert_text_of(c, one, "path", &path);
			convert_left(c, NULL, DIAG_CONVERT_LEFT, path, "evaluate it alone to see why: -A", "it throws");
			continue;
		}
		if (!convert_get(c, one, "value", &drv) || nix_kind(c->x, drv) == NIX_NONE)
			return false;
		(void)convert_derivation(c, drv);
	}
	return true;
}

/* ---- the text ---- */

/* As a list of Dhall. */
static void write_names(const struct map *names, struct buf *out)
{
	for (size_t i = 0; i < names->n; i++)
		buf_fmt(out, "%s \"%.*s\"", i ? "," : "[", STR_ARG(names->entries[i].key));
	buf_lit(out, " ]");
}

/* What straylight.dhall has to say; a comment, since that file is the user's. */
static void write_needs(struct converting *c, struct buf *out)
{
	static const char *const before[] = {"--     ", "--   # "};
	bool more = false;

	if (!c->packages.n && !c->programs.n && !c->toolchains.n)
		return;
	buf_lit(out, "-- In straylight.dhall these toolchains are needed before the default ones:\n");
	if (c->packages.n) {
		buf_fmt(out, "%stoMap { cxx = S.Toolchain.hostCxx { packages = ", before[0]);
		write_names(&c->packages, out);
		buf_lit(out, " } }\n");
		more = true;
	}
	if (c->programs.n) {
		buf_fmt(out, "%stoMap { foreign = S.Toolchain.hostForeign { packages = [] : List Text, programs = ", before[more]);
		write_names(&c->programs, out);
		buf_lit(out, " } }\n");
		more = true;
	}
	for (size_t i = 0; i < c->toolchains.n; i++, more = true) {
		str name = c->toolchains.entries[i].key;

		if (str_eq(name, S("ghc")))
			buf_fmt(out, "%stoMap { ghc = S.Toolchain.hostGHC { packages = [ \"libgmp-dev\", \"libffi-dev\" ] } }\n", before[more]);
		else
			buf_fmt(out, "%sS.Workspace.%.*s\n", before[more], STR_ARG(name));
	}
}

static void write_call(const struct made *m, struct buf *out)
{
	buf_str(out, m->call);
	for (size_t i = 0; i < m->fields.n; i++)
		buf_fmt(out, "%s%.*s", i ? ", " : " // { ", STR_ARG(m->fields.p[i]));
	buf_str(out, m->fields.n ? S(" }") : S(""));
}

static void write_target(const struct made *m, bool first, struct buf *out)
{
	buf_str(out, first ? S("{ ") : S(", "));
	dhall_spell_field(m->name, out);
	buf_lit(out, " = ");
	write_call(m, out);
	buf_c(out, '\n');
}

/* false: there is no target. */
static bool write_all(struct converting *c, struct buf *out)
{
	bool commands = false, first = true;
	struct buf body = {0};

	for (size_t i = 0; i < c->targets.n; i++) {
		if (!c->targets.p[i]->call.n)
			continue;
		write_target(c->targets.p[i], first, &body);
		first = false;
	}
	commands = str_find_str(buf_view(&body), S("C.")) < body.n || str_find_str(buf_view(&body), S("List C)")) < body.n;
	write_needs(c, out);
	buf_lit(out, "let S = env:STRAYLIGHT_PRELUDE\n");
	if (commands)
		buf_lit(out, "let C = S.Builder.Command\n");
	buf_lit(out, "in ");
	buf_str(out, first ? S("{=}\n") : buf_view(&body));
	buf_str(out, first ? S("") : S("}\n"));
	buf_free(&body);
	return !first;
}

/* Reads the names of a trace's targets, which are those of the file. */
static void put_names(struct dhall *d, const struct dh_typed *typed, struct convert_report *out)
{
	dh_val record = dhall_eval(d, typed), field;
	size_t n = dh_fields(d, record);
	str *names = arena_array(&out->arena, str, n + 1);
	sym name;

	out->targets = names;
	out->ntargets = 0;
	for (size_t i = 0; i < n; i++)
		if (dh_field_at(d, record, i, &name, &field))
			names[out->ntargets++] = str_dup(&out->arena, sym_str(name));
}

static bool checks(struct converting *c, str text, struct convert_report *out)
{
	struct dhall_env env = doors_env(&c->arena);
	struct dhall_world *world = dhall_world_new(&env);
	struct dhall *session = dhall_open(world, c->diags);
	const struct dh_parsed *parsed = session ? dhall_parse(session, text, S("BUILD.dhall"), c->q->folder) : NULL;
	const struct dh_resolved *resolved = parsed ? dhall_resolve(session, parsed) : NULL;
	const struct dh_typed *typed = resolved ? dhall_check(session, resolved) : NULL;

	if (typed && c->q->trace)
		put_names(session, typed, out);
	dhall_close(session);
	dhall_world_free(world);
	return typed != NULL;
}

static const str *keys(struct arena *a, const struct map *m, size_t *n)
{
	str *out = arena_array(a, str, m->n + 1);

	for (size_t i = 0; i < m->n; i++)
		out[i] = str_dup(a, m->entries[i].key);
	*n = m->n;
	return out;
}

static struct convert_left *lines(struct arena *a, const struct convert_left *list, size_t n)
{
	struct convert_left *out = arena_array(a, struct convert_left, n + 1);

	for (size_t i = 0; i < n; i++)
		out[i] = (struct convert_left){list[i].code, str_dup(a, list[i].target), str_dup(a, list[i].attribute),
				str_dup(a, list[i].what), str_dup(a, list[i].why), str_dup(a, list[i].hint)};
	return out;
}

static void put_report(struct converting *c, struct convert_report *out)
{
	struct arena *a = &out->arena;
	str *targets = arena_array(a, str, c->targets.n + 1);

	for (size_t i = 0; i < c->targets.n; i++)
		if (c->targets.p[i]->call.n)
			targets[out->ntargets++] = str_dup(a, c->targets.p[i]->name);
	out->left = lines(a, c->left.p, c->left.n);
	out->nleft = c->left.n;
	out->noted = lines(a, c->noted.p, c->noted.n);
	out->nnoted = c->noted.n;
	out->targets = targets;
	out->packages = keys(a, &c->packages, &out->npackages);
	out->programs = keys(a, &c->programs, &out->nprograms);
	out->toolchains = keys(a, &c->toolchains, &out->ntoolchains);
}

static void put_calls(struct converting *c, struct convert_report *out)
{
	str *calls = arena_array(&out->arena, str, c->targets.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < c->targets.n; i++) {
		struct buf call = {0};

		write_call(c->targets.p[i], &call);
		if (c->targets.p[i]->call.n)
			calls[n++] = str_dup(&out->arena, buf_view(&call));
		buf_free(&call);
	}
	out->calls = calls;
}

static bool finish(struct converting *c, struct convert_report *out)
{
	struct buf raw = {0}, laid = {0};
	bool ok;

	if (c->q->trace) {
		write_needs(c, &raw);
		if (!convert_traced(c, &raw)) {
			buf_free(&raw);
			return false;
		}
	}
	put_report(c, out);
	put_calls(c, out);
	if (!c->q->trace && !write_all(c, &raw)) {
		buf_free(&raw);
		return true; /* the report says why there is no target */
	}
	ok = dhall_format(buf_view(&raw), S("BUILD.dhall"), &laid, c->diags) && checks(c, buf_view(&laid), out);
	if (ok)
		out->text = str_dup(&out->arena, buf_view(&laid));
	buf_free(&raw);
	buf_free(&laid);
	return ok;
}

static void split(struct arena *a, str attribute, const str **out, size_t *n)
{
	str *parts = arena_array(a, str, attribute.n + 1);
	str head, rest = attribute;

	*n = 0;
	while (rest.n) {
		if (!str_cut(rest, '.', &head, &rest))
			rest = (str){0};
		parts[(*n)++] = head;
	}
	*out = parts;
}

static void clear(struct converting *c)
{
	for (size_t i = 0; i < c->targets.n; i++) {
		vec_free(&c->targets.p[i]->fields);
		vec_free(&c->targets.p[i]->deps);
	}
	symbolic_close(c->y);
	vec_free(&c->targets);
	vec_free(&c->left);
	vec_free(&c->noted);
	map_free(&c->by_path);
	map_free(&c->names);
	map_free(&c->table);
	map_free(&c->packages);
	map_free(&c->programs);
	map_free(&c->toolchains);
	arena_clear(&c->arena);
}

bool convert_nix(const struct convert_request *q, struct convert_report *out, struct diags *diags)
{
	struct converting c = {.q = q, .diags = diags};
	struct symbolic_request ask = {.file = q->file, .text = q->text, .search = q->search, .nsearch = q->nsearch, .follow = true,
			.limits = {.bytes = BYTES_MAX, .steps = STEPS_MAX}};
	size_t errors = diags->errors;
	nix_val list;
	bool ok;

	*out = (struct convert_report){0};
	split(&c.arena, q->attribute, &ask.path, &ask.npath);
	ok = convert_tables(&c);
	if (ok) {
		ask.packages = keys(&c.arena, &c.table, &ask.npackages);
		c.y = symbolic_open(&ask, &list, diags);
		c.x = c.y ? symbolic_session(c.y) : NULL;
		ok = c.y && convert_all(&c, list) && !symbolic_failed(c.y) && finish(&c, out);
	}
	clear(&c);
	return ok && diags->errors == errors;
}

void convert_end(struct convert_report *r)
{
	arena_clear(&r->arena);
	*r = (struct convert_report){0};
}
