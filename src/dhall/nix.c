/* Normal forms to the Nix language (docs/internals/nix.md).  Written as print.c writes, but by recursion: a record or
 * list is tried on the rest of the line, which costs at most WIDTH characters, else it has a line for each part. */
#include "nix.h"
#include "scope.h"
#include "spell.h"

#include <math.h>

#define WIDTH 100
#define INDENT_MAX 240 /* as in print.c: output stays linear in the term */

struct translator {
	struct dhall *s;
	const struct term *term;
	struct buf *out;
	struct buf word;
	struct scope scope;
	uint32_t indent, column;
	bool measuring; /* nothing is written, and all is on one line */
	long room;      /* while measuring: columns left */
};

static void write_term(struct translator *, const struct term *, enum nix_level);

/* ---- output ---- */

static void put(struct translator *n, str s)
{
	n->column += (uint32_t)s.n;
	n->room -= (long)s.n;
	if (!n->measuring)
		buf_str(n->out, s);
}

static void put_c(struct translator *n, const char *s)
{
	put(n, str_c(s));
}

static void put_word(struct translator *n)
{
	put(n, buf_view(&n->word));
	n->word.n = 0;
}

static void open_if(struct translator *n, bool parens)
{
	if (parens)
		put_c(n, "(");
}

static void close_if(struct translator *n, bool parens)
{
	if (parens)
		put_c(n, ")");
}

static void key(struct translator *n, sym name)
{
	nix_key(name, &n->word);
	put_word(n);
}

SL_NORETURN static void refuse(struct translator *n, const char *what, const char *hint)
{
	struct diag *d = diag_error(n->s->diags, DIAG_DATA_FORM, NO_SPAN, "%s has no form in Nix", what);

	diag_hint(n->s->diags, d, "%s", hint);
	session_throw(n->s, THROW_ERROR);
}

/* ---- leaves ---- */

static void integer(struct translator *n, struct num i)
{
	bool minus = num_sign(i) < 0;

	if (i.big)
		refuse(n, "a number beyond 64 bits", "write it as a text, or select other parts");
	if (i.small == INT64_MIN) {
		put_c(n, "(-9223372036854775807 - 1)");
		return;
	}
	open_if(n, minus);
	num_print(i, &n->word);
	put_word(n);
	close_if(n, minus);
}

static void real(struct translator *n, double x)
{
	bool minus = signbit(x);

	if (!isfinite(x)) {
		put_c(n, isnan(x) ? "(1.0e308 * 10 - 1.0e308 * 10)" : minus ? "(-1.0e308 * 10)" : "(1.0e308 * 10)");
		return;
	}
	if (x == 0 && minus) {
		put_c(n, "(0.0 * (-1))"); /* -0.0 is 0 - 0.0 */
		return;
	}
	open_if(n, minus);
	num_print_double(x, &n->word);
	put_word(n);
	close_if(n, minus);
}

static void piece(struct translator *n, str s)
{
	if (!nix_text(s, &n->word))
		refuse(n, "a text with a NUL", "Nix ends strings there");
	put_word(n);
}

static void text(struct translator *n, const struct term *t)
{
	put_c(n, "\"");
	for (uint32_t i = 0; i < t->n; i++) {
		piece(n, t->u.text.chunks[i].before);
		put_c(n, "${");
		write_term(n, t->u.text.chunks[i].expr, NIX_EXPRESSION);
		put_c(n, "}");
	}
	piece(n, t->u.text.tail);
	put_c(n, "\"");
}

/* Bytes are a text of hexadecimal digits, dates and times one of what Dhall writes. */
static void quoted(struct translator *n, const struct term *t)
{
	put_c(n, "\"");
	if (t->kind == TERM_BYTES)
		for (size_t i = 0; i < t->u.bytes.n; i++)
			buf_fmt(&n->word, "%02x", (unsigned char)t->u.bytes.p[i]);
	else
		spell_leaf(t, &n->word);
	put_word(n);
	put_c(n, "\"");
}

static void variable(struct translator *n, const struct term *t)
{
	uint32_t inner;
	sym name = scope_name(&n->scope, t->u.var.index, &inner);

	nix_name(name, scope_count(&n->scope, name) - 1 - inner, &n->word);
	put_word(n);
}

static void builtin(struct translator *n, const struct term *t, enum nix_level level)
{
	enum nix_level of;
	const char *s = nix_builtin((enum builtin)t->sub, &of);

	open_if(n, of < level);
	put_c(n, s);
	close_if(n, of < level);
}

/* ---- records and lists ---- */

static bool fits(struct translator *n, const struct term *t)
{
	uint32_t column = n->column;
	bool ok;

	if (n->measuring)
		return true;
	n->measuring = true;
	n->room = WIDTH - (long)column;
	write_term(n, t, NIX_EXPRESSION);
	n->measuring = false;
	ok = n->room >= 0;
	n->column = column;
	return ok;
}

static void separate(struct translator *n, bool flat)
{
	if (flat) {
		put_c(n, " ");
		return;
	}
	n->column = n->indent < INDENT_MAX ? n->indent : INDENT_MAX;
	buf_c(n->out, '\n');
	for (uint32_t i = 0; i < n->column; i++)
		buf_c(n->out, ' ');
}

static void record(struct translator *n, const struct term *t)
{
	bool flat = fits(n, t);

	put_c(n, "{");
	n->indent += 2;
	for (uint32_t i = 0; i < t->n; i++) {
		separate(n, flat);
		key(n, t->u.fields.fields[i].name);
		put_c(n, " = ");
		write_term(n, t->u.fields.fields[i].value, NIX_EXPRESSION);
		put_c(n, ";");
	}
	n->indent -= 2;
	separate(n, flat || t->n == 0);
	put_c(n, "}");
}

static void list(struct translator *n, const struct term *t)
{
	bool flat = fits(n, t);

	put_c(n, "[");
	n->indent += 2;
	for (uint32_t i = 0; i < t->n; i++) {
		separate(n, flat);
		write_term(n, t->u.list.items[i], NIX_SIMPLE);
	}
	n->indent -= 2;
	separate(n, flat || t->n == 0);
	put_c(n, "]");
}

static void projection(struct translator *n, const struct term *t)
{
	put_c(n, "{ ");
	if (t->n) {
		put_c(n, "inherit (");
		write_term(n, t->u.project.a, NIX_EXPRESSION);
		put_c(n, ")");
		for (uint32_t i = 0; i < t->n; i++) {
			put_c(n, " ");
			key(n, t->u.project.names[i]);
		}
		put_c(n, "; ");
	}
	put_c(n, "}");
}

/* ---- unions ----
 * A value of a union is a function that selects its handler from a record of them and applies it to what the value
 * holds.  u' is no name of a Dhall variable, so nothing is captured. */

static const struct term_field *alternative(const struct term *type, sym name)
{
	for (uint32_t i = 0; i < type->n; i++)
		if (type->u.fields.fields[i].name == name)
			return &type->u.fields.fields[i];
	return NULL;
}

static bool is_constructor(const struct term *t)
{
	return t->kind == TERM_FIELD && t->u.field.a->kind == TERM_UNION;
}

/* payload may be NULL. */
static void constructor(struct translator *n, const struct term *t, const struct term *payload, enum nix_level level)
{
	const struct term_field *f = alternative(t->u.field.a, t->u.field.name);
	bool holds = f && f->value;

	open_if(n, level > NIX_EXPRESSION);
	put_c(n, holds && !payload ? "x: u': u'." : "u': u'.");
	key(n, t->u.field.name);
	if (holds) {
		put_c(n, " ");
		if (payload)
			write_term(n, payload, NIX_SIMPLE);
		else
			put_c(n, "x");
	}
	close_if(n, level > NIX_EXPRESSION);
}

/* Whether a record of handlers may be for an Optional: it has exactly None and Some, or is not known. */
static bool may_be_optional(const struct term *handlers)
{
	if (handlers->kind != TERM_RECORD)
		return true;
	if (handlers->n != 2)
		return false;
	for (uint32_t i = 0; i < 2; i++)
		if (!str_eq(sym_str(handlers->u.fields.fields[i].name), S("None")) &&
				!str_eq(sym_str(handlers->u.fields.fields[i].name), S("Some")))
			return false;
	return true;
}

static void merge(struct translator *n, const struct term *t, enum nix_level level)
{
	const struct term *handlers = t->u.three.a, *value = t->u.three.b;

	open_if(n, level > NIX_FUNCTION);
	if (may_be_optional(handlers)) {
		put_c(n, "(h: x: if x == null then h.None else if builtins.isFunction x then x h else h.Some x) ");
		write_term(n, handlers, NIX_SIMPLE);
		put_c(n, " ");
		write_term(n, value, NIX_SIMPLE);
	} else {
		write_term(n, value, NIX_FUNCTION);
		put_c(n, " ");
		write_term(n, handlers, NIX_SIMPLE);
	}
	close_if(n, level > NIX_FUNCTION);
}

/* ---- functions ---- */

static void lambda(struct translator *n, const struct term *t, enum nix_level level)
{
	open_if(n, level > NIX_EXPRESSION);
	nix_name(t->u.bind.name, scope_count(&n->scope, t->u.bind.name), &n->word);
	put_word(n);
	put_c(n, ": ");
	scope_push(&n->scope, t->u.bind.name);
	write_term(n, t->u.bind.b, NIX_EXPRESSION);
	scope_pop(&n->scope);
	close_if(n, level > NIX_EXPRESSION);
}

static void application(struct translator *n, const struct term *t, enum nix_level level)
{
	const struct term *f = t->u.two.a, *x = t->u.two.b;

	if (f->kind == TERM_BUILTIN && f->sub == BUILTIN_NONE) {
		put_c(n, "null");
		return;
	}
	if (is_constructor(f)) {
		constructor(n, f, x, level);
		return;
	}
	open_if(n, level > NIX_FUNCTION);
	write_term(n, f, NIX_FUNCTION);
	put_c(n, " ");
	write_term(n, x, NIX_SIMPLE);
	close_if(n, level > NIX_FUNCTION);
}

/* A closed function of one or two arguments, applied; b may be NULL. */
static void applied(struct translator *n, const char *f, const struct term *a, const struct term *b, enum nix_level level)
{
	open_if(n, level > NIX_FUNCTION);
	put_c(n, f);
	put_c(n, " ");
	write_term(n, a, NIX_SIMPLE);
	if (b) {
		put_c(n, " ");
		write_term(n, b, NIX_SIMPLE);
	}
	close_if(n, level > NIX_FUNCTION);
}

/* ---- operators ---- */

#define COMBINE "(let combine = l: r: l // builtins.mapAttrs (k: v: if builtins.hasAttr k l && builtins.isAttrs v " \
		"then combine l.${k} v else v) r; in combine)"
#define TO_MAP "(r: builtins.map (k: { mapKey = k; mapValue = r.${k}; }) (builtins.attrNames r))"

static void operation(struct translator *n, const struct term *t, enum nix_level level)
{
	static const char *const signs[] = {
		[OP_OR] = " || ", [OP_AND] = " && ", [OP_EQ] = " == ", [OP_NE] = " != ", [OP_PLUS] = " + ", [OP_TIMES] = " * ",
		[OP_TEXT_APPEND] = " + ", [OP_LIST_APPEND] = " ++ ", [OP_PREFER] = " // ",
	};

	if (t->sub == OP_COMBINE) {
		applied(n, COMBINE, t->u.two.a, t->u.two.b, level);
		return;
	}
	if (t->sub >= SL_COUNT(signs) || !signs[t->sub]) { /* types and equivalences */
		put_c(n, "{ }");
		return;
	}
	open_if(n, level > NIX_EXPRESSION);
	write_term(n, t->u.two.a, NIX_OPERAND);
	put_c(n, signs[t->sub]);
	write_term(n, t->u.two.b, NIX_OPERAND);
	close_if(n, level > NIX_EXPRESSION);
}

static void condition(struct translator *n, const struct term *t, enum nix_level level)
{
	open_if(n, level > NIX_EXPRESSION);
	put_c(n, "if ");
	write_term(n, t->u.three.a, NIX_EXPRESSION);
	put_c(n, " then ");
	write_term(n, t->u.three.b, NIX_EXPRESSION);
	put_c(n, " else ");
	write_term(n, t->u.three.c, NIX_EXPRESSION);
	close_if(n, level > NIX_EXPRESSION);
}

/* The steps of a `with` from i on, of what is w'; what they begin is closed by with_ends. */
static void with_begins(struct translator *n, const struct term *t)
{
	for (uint32_t i = 0; i < t->n; i++) {
		const struct with_step *step = &t->u.with.path[i];

		put_c(n, step->kind == WITH_OPTIONAL ? "(w': if w' == null then null else " : "(w': w' // { ");
		if (step->kind == WITH_NAME) {
			key(n, step->name);
			put_c(n, " = ");
		}
	}
}

static void with_ends(struct translator *n, const struct term *t)
{
	for (uint32_t i = t->n; i-- > 0;) {
		const struct with_step *step = &t->u.with.path[i];

		put_c(n, step->kind == WITH_OPTIONAL ? ") " : "; }) ");
		if (i == 0) {
			write_term(n, t->u.with.a, NIX_SIMPLE);
		} else if (step[-1].kind == WITH_OPTIONAL) {
			put_c(n, "w'");
		} else {
			put_c(n, "(w'.");
			key(n, step[-1].name);
			put_c(n, " or { })");
		}
	}
}

static void with(struct translator *n, const struct term *t, enum nix_level level)
{
	open_if(n, level > NIX_FUNCTION);
	with_begins(n, t);
	write_term(n, t->u.with.b, NIX_EXPRESSION);
	with_ends(n, t);
	close_if(n, level > NIX_FUNCTION);
}

/* ---- terms ---- */

static void write_term(struct translator *n, const struct term *t, enum nix_level level)
{
	session_deep(n->s);
	if (n->measuring && n->room < 0)
		return;
	switch ((enum term_kind)t->kind) {
	case TERM_VAR: variable(n, t); break;
	case TERM_BUILTIN: builtin(n, t, level); break;
	case TERM_BOOL: put_c(n, t->sub ? "true" : "false"); break;
	case TERM_NATURAL:
	case TERM_INTEGER: integer(n, t->u.num); break;
	case TERM_DOUBLE: real(n, t->u.dbl); break;
	case TERM_TEXT: text(n, t); break;
	case TERM_BYTES:
	case TERM_DATE:
	case TERM_TIME:
	case TERM_TIMEZONE: quoted(n, t); break;
	case TERM_LAMBDA: lambda(n, t, level); break;
	case TERM_APP: application(n, t, level); break;
	case TERM_ANNOT: write_term(n, t->u.two.a, level); break;
	case TERM_IF: condition(n, t, level); break;
	case TERM_LIST: list(n, t); break;
	case TERM_EMPTY: put_c(n, "[ ]"); break;
	case TERM_SOME: write_term(n, t->u.one.a, level); break;
	case TERM_MERGE: merge(n, t, level); break;
	case TERM_TOMAP: applied(n, TO_MAP, t->u.two.a, NULL, level); break;
	case TERM_RECORD: record(n, t); break;
	case TERM_FIELD:
		if (is_constructor(t)) {
			constructor(n, t, NULL, level);
			break;
		}
		write_term(n, t->u.field.a, NIX_SIMPLE);
		put_c(n, ".");
		key(n, t->u.field.name);
		break;
	case TERM_PROJECT: projection(n, t); break;
	case TERM_OP: operation(n, t, level); break;
	case TERM_WITH: with(n, t, level); break;
	case TERM_SHOW_CONSTRUCTOR:
		refuse(n, "showConstructor of what is not known", "use merge, whose handlers say each name");
	case TERM_CONST:
	case TERM_PI:
	case TERM_RECORD_TYPE:
	case TERM_UNION:
	case TERM_ASSERT: put_c(n, "{ }"); break;
	case TERM_LET: /* none of these is in a normal form */
	case TERM_PROJECT_TYPE:
	case TERM_COMPLETE:
	case TERM_IMPORT: refuse(n, "what is not evaluated", "this is a bug; please report it");
	}
}

static void translate(void *ud)
{
	struct translator *n = ud;

	write_term(n, n->term, NIX_EXPRESSION);
}

bool dhall_nix(struct dhall *s, const struct dh_term *t, struct buf *out)
{
	struct translator n = {.s = s, .term = term_of(t), .out = out};
	bool ok = session_protect(s, translate, &n);

	buf_free(&n.word);
	scope_free(&n.scope);
	return ok;
}
