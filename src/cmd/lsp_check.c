/* The world as the server sees it, and what is wrong in a document. */
#include "lsp.h"

/* ---- doors: what is open comes before what is on disk ---- */

static enum dhall_found door_read(void *ud, str path, struct blob **out, struct diags *ds)
{
	struct lsp *l = ud;

	for (struct document *d = l->documents; d; d = d->next)
		if (d->path.n && str_eq(d->path, path)) {
			*out = blob_new(buf_view(&d->text));
			return DHALL_FOUND;
		}
	return l->doors.read ? l->doors.read(l->doors.ud, path, out, ds) : DHALL_ABSENT;
}

static enum dhall_found door_variable(void *ud, str name, struct blob **out)
{
	struct lsp *l = ud;

	return l->doors.variable ? l->doors.variable(l->doors.ud, name, out) : DHALL_ABSENT;
}

static enum dhall_found door_fetch(void *ud, str url, const struct dhall_header *headers, size_t n, struct arena *mem,
		struct dhall_response *out)
{
	struct lsp *l = ud;

	return l->doors.fetch ? l->doors.fetch(l->doors.ud, url, headers, n, mem, out) : DHALL_ABSENT;
}

static bool door_cached(void *ud, const unsigned char hash[32], struct blob **out)
{
	struct lsp *l = ud;

	return l->doors.cached && l->doors.cached(l->doors.ud, hash, out);
}

static void door_remember(void *ud, const unsigned char hash[32], str bytes)
{
	struct lsp *l = ud;

	if (l->doors.remember)
		l->doors.remember(l->doors.ud, hash, bytes);
}

#define BYTES_MAX ((size_t)1 << 30) /* of a check */
#define STEPS_MAX 20000000

/* Types that were found are not kept across processes here: half-written files have too many. */
struct dhall_env lsp_env(struct lsp *l)
{
	struct dhall_env env = l->doors;

	env.read = door_read;
	env.variable = door_variable;
	env.fetch = door_fetch;
	env.cached = door_cached;
	env.remember = door_remember;
	env.recall = NULL;
	env.store = NULL;
	env.ud = l;
	if (!env.limits.bytes)
		env.limits.bytes = BYTES_MAX;
	if (!env.limits.steps)
		env.limits.steps = STEPS_MAX;
	return env;
}

/* ---- places ---- */

void write_position(struct lsp *l, str text, uint32_t offset)
{
	struct position p;

	if (l->near.text != text.p || l->near.lo > offset)
		l->near = (struct near){.text = text.p};
	p = position_from(text, l->utf8, offset, &l->near.line, &l->near.lo);
	json_object(&l->j);
	json_member_int(&l->j, "line", p.line);
	json_member_int(&l->j, "character", p.character);
	json_end(&l->j, '}');
}

void write_range(struct lsp *l, str text, struct dh_range r)
{
	json_object(&l->j);
	json_key(&l->j, "start");
	write_position(l, text, r.lo);
	json_key(&l->j, "end");
	write_position(l, text, r.hi);
	json_end(&l->j, '}');
}

/* ---- lint ---- */

static uint32_t number(str s, size_t *at)
{
	uint32_t n = 0;

	while (*at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9')
		n = n * 10 + (uint32_t)(s.p[(*at)++] - '0');
	return n;
}

/* From `at` to the end of the word; of `let x` both. */
static uint32_t word_end(str text, uint32_t at)
{
	uint32_t end = at;

	while (end < text.n && !char_in(text.p[end], " \t\r\n"))
		end++;
	if (end == at + 3 && str_starts(str_from(text, at), S("let ")))
		for (end++; end < text.n && !char_in(text.p[end], " \t\r\n:=");)
			end++;
	return end;
}

/* A line of lint: ":LINE:COLUMN: WHAT", the column in code points. */
static bool finding(str text, str line, struct arena *mem, struct finding *out)
{
	size_t at = 1, byte = 0;
	uint32_t row = number(line, &at), column;

	at++;
	column = number(line, &at);
	if (!row || !column || line.n < at + 2)
		return false;
	byte = position_offset(text, false, (struct position){row - 1, 0});
	for (uint32_t i = 1; i < column && byte < text.n; i++)
		for (byte++; byte < text.n && ((unsigned char)text.p[byte] & 0xc0) == 0x80;)
			byte++;
	out->at = (struct dh_range){(uint32_t)byte, word_end(text, (uint32_t)byte)};
	out->what = str_dup(mem, str_from(line, at + 2));
	out->unused = str_ends(out->what, S("is not used"));
	return true;
}

void findings_of(struct arena *mem, str text, struct finding **out, size_t *n)
{
	struct buf unused = {0}, said = {0};
	struct diags dropped = {0};
	str rest, line;
	size_t lines = 0;

	*n = 0;
	if (!dhall_lint(text, S(""), &unused, &said, &dropped))
		said.n = 0;
	for (size_t i = 0; i < said.n; i++)
		lines += said.p[i] == '\n';
	*out = arena_array(mem, struct finding, lines);
	for (rest = buf_view(&said); str_cut(rest, '\n', &line, &rest);)
		*n += finding(text, line, mem, &(*out)[*n]);
	buf_free(&unused);
	buf_free(&said);
	diags_free(&dropped);
}

/* ---- diagnostics ---- */

static void write_message(struct lsp *l, const struct diag *d)
{
	struct buf b = {0};

	buf_str(&b, d->text);
	for (const struct diag_note *n = d->notes; n; n = n->next)
		if (!n->at.file)
			buf_fmt(&b, "\n%.*s", STR_ARG(n->text));
	if (d->hint.n)
		buf_fmt(&b, "\nhint: %.*s", STR_ARG(d->hint));
	json_member_str(&l->j, "message", buf_view(&b));
	buf_free(&b);
}

static void write_uri(struct lsp *l, str name)
{
	struct buf b = {0};

	path_uri(name, &b);
	json_member_str(&l->j, "uri", buf_view(&b));
	buf_free(&b);
}

/* A source may be of a file that is open under another spelling of its URI, or be gone. */
static void write_related(struct lsp *l, struct span at, str text)
{
	str name = source_name(at.file);

	if (!name.n)
		return;
	json_object(&l->j);
	json_key(&l->j, "location");
	json_object(&l->j);
	write_uri(l, name);
	json_key(&l->j, "range");
	write_range(l, source_text(at.file), (struct dh_range){at.lo, at.hi});
	json_end(&l->j, '}');
	json_member_str(&l->j, "message", text);
	json_end(&l->j, '}');
}

/* What went wrong in another file is shown where that is imported. */
static struct span here(const struct diag *d, uint32_t file)
{
	struct span at = d->at;

	for (const struct diag_note *n = d->notes; n && at.file != file; n = n->next)
		if (n->at.file == file)
			at = n->at;
	return at.file == file ? at : (struct span){file, 0, 0};
}

static void write_diag(struct lsp *l, str text, const struct diag *d, uint32_t file)
{
	struct span at = here(d, file);
	bool elsewhere = d->at.file && d->at.file != file;

	json_object(&l->j);
	json_key(&l->j, "range");
	write_range(l, text, (struct dh_range){at.lo, at.hi});
	json_member_int(&l->j, "severity", d->severity == DIAG_ERROR ? 1 : d->severity == DIAG_WARNING ? 2 : 3);
	json_key(&l->j, "code");
	json_c(&l->j, diag_number(d->code));
	json_key(&l->j, "source");
	json_c(&l->j, "straylight");
	write_message(l, d);
	json_key(&l->j, "relatedInformation");
	json_array(&l->j);
	if (elsewhere)
		write_related(l, d->at, d->text);
	for (const struct diag_note *n = d->notes; n; n = n->next)
		if (n->at.file)
			write_related(l, n->at, n->text);
	json_end(&l->j, ']');
	json_end(&l->j, '}');
}

static void write_finding(struct lsp *l, str text, const struct finding *f)
{
	json_object(&l->j);
	json_key(&l->j, "range");
	write_range(l, text, f->at);
	json_member_int(&l->j, "severity", f->unused ? 4 : 3);
	json_key(&l->j, "code");
	json_c(&l->j, "lint");
	json_key(&l->j, "source");
	json_c(&l->j, "straylight");
	json_member_str(&l->j, "message", f->what);
	if (f->unused) {
		json_key(&l->j, "tags");
		json_array(&l->j);
		json_int(&l->j, 1); /* unnecessary */
		json_end(&l->j, ']');
	}
	json_end(&l->j, '}');
}

static void begin(struct lsp *l, str uri)
{
	l->body.n = 0;
	l->near = (struct near){0};
	l->j = json_to(&l->body);
	json_object(&l->j);
	json_member_str(&l->j, "uri", uri);
}

void publish(struct lsp *l, struct document *d)
{
	struct dh_ide *ide = document_ide(l, d);
	str text = dhall_ide_text(ide);
	struct finding *findings;
	size_t n = 0;

	begin(l, str_c(d->uri));
	json_member_int(&l->j, "version", d->version);
	json_key(&l->j, "diagnostics");
	json_array(&l->j);
	for (const struct diag *x = dhall_ide_diags(ide)->first; x; x = x->next)
		write_diag(l, text, x, dhall_ide_file(ide));
	if (dhall_ide_parsed(ide))
		findings_of(&l->mem, text, &findings, &n);
	for (size_t i = 0; i < n; i++)
		write_finding(l, text, &findings[i]);
	json_end(&l->j, ']');
	json_end(&l->j, '}');
	d->unpublished = false;
	lsp_notify(l, "textDocument/publishDiagnostics");
}

void publish_none(struct lsp *l, str uri)
{
	begin(l, uri);
	json_key(&l->j, "diagnostics");
	json_array(&l->j);
	json_end(&l->j, ']');
	json_end(&l->j, '}');
	lsp_notify(l, "textDocument/publishDiagnostics");
}
