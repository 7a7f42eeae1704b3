#include "analysis.h"
#include "configure.h"
#include "label.h"

#include <straylight/base.h>
#include <stdlib.h>

/* ---- names ---- */

static const char *const piece_names[] = { /* ORDER PIECE */
	"Text", "Source", "Output", "Tool", "Package", "Outputs",
};
static const char *const arg_names[] = {"Word", "Flags", "Provided", "When"}; /* ORDER ARG */
static const char *const input_names[] = {"Source", "Output", "Provided"};  /* ORDER INPUT */
static const char *const act_names[] = { /* ORDER ACT */
	"Step", "Write", "Copy", "Symlink", "Tree", "Artifact", "Sources", "Fetch",
};
static const char *const category_alternatives[] = { /* ORDER CATEGORY */
	"Compile", "Link", "Archive", "Copy", "Write", "Run", "Test", "Custom",
};
static const char *const bytes_names[] = {"Host", "Tree", "Pinned", "Nix"}; /* ORDER BYTES */
static const char *const visibility_names[] = { /* ORDER VISIBILITY */
	"Public", "Private", "Package", "Targets",
};
const char *const category_names[] = { /* ORDER CATEGORY */
	"compile", "link", "archive", "copy", "write", "run", "test", "custom",
};
const char *const resource_names[] = { /* ORDER RESOURCE */
	"Pure", "Network", "Auth", "Sandbox", "Filesystem",
};

/* ---- reading values ----
 * The types were checked before anything is read, so a read can only fail when a limit of the session
 * was crossed; then `failed` is set and everything else reads as empty. */

struct reader {
	struct dhall *dhall;
	struct arena *arena;
	struct diags *diags;
	str package;
	struct span span; /* of the target being read */
	struct map sources, needs; /* of the target being read */
	struct map refused;        /* texts that were complained about; of the target being read */
	bool failed;
};

static dh_val field(struct reader *r, dh_val record, const char *name)
{
	dh_val v = {NULL};

	if (!dh_field(r->dhall, record, intern_c(name), &v))
		r->failed = true;
	return v;
}

static str text(struct reader *r, dh_val v)
{
	str s = {0};

	if (!dh_text(r->dhall, v, &s))
		r->failed = true;
	return str_dup(r->arena, s);
}

static str text_field(struct reader *r, dh_val record, const char *name)
{
	return text(r, field(r, record, name));
}

static uint32_t length(struct reader *r, dh_val list)
{
	size_t n = 0;

	if (!dh_list(r->dhall, list, &n) || n > UINT32_MAX) {
		r->failed = true;
		n = 0;
	}
	return (uint32_t)n;
}

static dh_val item(struct reader *r, dh_val list, uint32_t i)
{
	dh_val v = {NULL};

	if (!dh_item(r->dhall, list, i, &v))
		r->failed = true;
	return v;
}

/* Which alternative of `names` the value is; 0 when a limit was crossed. */
static unsigned alternative(struct reader *r, dh_val v, const char *const *names, unsigned n, dh_val *payload)
{
	sym s;

	payload->v = NULL;
	if (dh_case(r->dhall, v, &s, payload))
		for (unsigned i = 0; i < n; i++)
			if (s == intern_c(names[i]))
				return i;
	r->failed = true;
	return 0;
}

#define ALTERNATIVE(r, v, names, payload) alternative((r), (v), (names), SL_COUNT(names), (payload))

static bool optional(struct reader *r, dh_val v, dh_val *out)
{
	bool some = false;

	if (!dh_optional(r->dhall, v, &some, out))
		r->failed = true;
	return some;
}

static str optional_text(struct reader *r, dh_val v)
{
	dh_val inner;

	return optional(r, v, &inner) ? text(r, inner) : (str){NULL, 0};
}

static const str *texts(struct reader *r, dh_val list, uint32_t *n)
{
	str *out;

	*n = length(r, list);
	out = arena_array(r->arena, str, *n);
	for (uint32_t i = 0; i < *n; i++)
		out[i] = text(r, item(r, list, i));
	return out;
}

/* Reads a list with one function for its items: OUT[i] = READ(r, item). */
#define LIST(r, list, T, out, count, read)                                                         \
	do {                                                                                       \
		dh_val list_ = (list);                                                             \
		uint32_t n_ = length((r), list_);                                                  \
		T *items_ = arena_array((r)->arena, T, n_);                                        \
		for (uint32_t i_ = 0; i_ < n_; i_++)                                               \
			items_[i_] = read((r), item((r), list_, i_));                              \
		(out) = items_;                                                                    \
		(count) = n_;                                                                      \
	} while (0)

/* ---- labels and paths ---- */

/* One text may stand in many places of an analysis: it is wrong once. */
static bool is_refused_again(struct reader *r, str text)
{
	bool fresh;

	map_slot(&r->refused, text, &fresh);
	return !fresh;
}

static sym label(struct reader *r, str s)
{
	const char *why = "";
	sym l = label_parse(s, r->package, &why);

	if (!l && is_refused_again(r, s))
		return 0;
	if (!l) {
		struct diag *d = diag_error(r->diags, DIAG_LABEL_SYNTAX, r->span, "'%.*s' is not a label", STR_ARG(s));

		diag_hint(r->diags, d, "%s", why);
		return 0;
	}
	map_put(&r->needs, sym_str(l), NULL);
	return l;
}

static sym label_item(struct reader *r, dh_val v)
{
	return label(r, text(r, v));
}

/* A file below the package, normalised; remembered as a source of the target. */
static str source(struct reader *r, str path)
{
	str out = path;

	if (path.n == 0 || path.p[0] == '/' || memchr(path.p, '\0', path.n) || !os_normalize(r->arena, path, &out) ||
			out.n == 0) {
		struct diag *d;

		if (is_refused_again(r, path))
			return path;
		d = diag_error(r->diags, DIAG_SOURCE_OUTSIDE, r->span, "source '%.*s' is not a file below its package",
				STR_ARG(path));
		diag_hint(r->diags, d,
				"a source is a relative path below the folder of BUILD.dhall; files of other folders "
				"are reached through a label of their package");
		return path;
	}
	if (r->package.n == 0 && (str_eq(out, S(OUT_DIR)) || str_starts(out, S(OUT_DIR "/")))) {
		struct diag *d;

		if (is_refused_again(r, path))
			return path;
		d = diag_error(r->diags, DIAG_SOURCE_OUTSIDE, r->span, "source '%.*s' is where outputs are put",
				STR_ARG(path));
		diag_hint(r->diags, d, "name the label of the target that makes it");
		return path;
	}
	map_put(&r->sources, out, NULL);
	return out;
}

static str output_path(struct reader *r, str path)
{
	str out = path;

	if (path.n == 0 || path.p[0] == '/' || memchr(path.p, '\0', path.n) || !os_normalize(r->arena, path, &out) ||
			out.n == 0) {
		struct diag *d;

		if (is_refused_again(r, path))
			return path;
		d = diag_error(r->diags, DIAG_OUTPUT_PATH, r->span, "output '%.*s' is not a relative path", STR_ARG(path));
		diag_hint(r->diags, d, "outputs stand below straylight-out/PACKAGE/NAME/; write a path below that folder");
	}
	return out;
}

static str optional_output(struct reader *r, dh_val v)
{
	str path = optional_text(r, v);

	return path.p ? output_path(r, path) : path;
}

/* ---- the types of prelude/Analysis.dhall, from the smallest ---- */

static struct piece source_piece(struct reader *r, str text)
{
	struct piece out = {.kind = PIECE_SOURCE, .text = text};

	if (label_is(text))
		out.label = label(r, text);
	else
		out.text = source(r, text);
	return out;
}

static struct piece piece(struct reader *r, dh_val v)
{
	dh_val p;
	struct piece out = {.kind = (enum piece_kind)ALTERNATIVE(r, v, piece_names, &p)};

	switch (out.kind) {
	case PIECE_TEXT: out.text = text(r, p); break;
	case PIECE_SOURCE: out = source_piece(r, text(r, p)); break;
	case PIECE_OUTPUT: out.text = output_path(r, text(r, p)); break;
	case PIECE_TOOL:
		out.toolchain = intern(text_field(r, p, "toolchain"));
		out.text = text_field(r, p, "tool");
		break;
	case PIECE_PACKAGE:
	case PIECE_OUTPUTS: break;
	}
	return out;
}

static struct word word(struct reader *r, dh_val v)
{
	struct word out;

	LIST(r, v, struct piece, out.pieces, out.n, piece);
	return out;
}

static struct provided provided(struct reader *r, dh_val v)
{
	struct provided out = {.name = intern(text_field(r, v, "name"))};

	LIST(r, field(r, v, "deps"), sym, out.deps, out.ndeps, label_item);
	if (!dh_bool(r->dhall, field(r, v, "transitive"), &out.transitive))
		r->failed = true;
	return out;
}

/* Analysis.Plain, which has the first two alternatives of Arg. */
static struct arg plain(struct reader *r, dh_val v)
{
	dh_val p;
	struct arg out = {.kind = (enum arg_kind)alternative(r, v, arg_names, 2, &p)};

	if (out.kind == ARG_WORD) {
		out.word = word(r, p);
	} else {
		out.toolchain = intern(text_field(r, p, "toolchain"));
		out.category = text_field(r, p, "category");
	}
	return out;
}

static struct arg arg(struct reader *r, dh_val v)
{
	dh_val p;
	struct arg out = {.kind = (enum arg_kind)ALTERNATIVE(r, v, arg_names, &p)};

	switch (out.kind) {
	case ARG_WORD: out.word = word(r, p); break;
	case ARG_FLAGS:
		out.toolchain = intern(text_field(r, p, "toolchain"));
		out.category = text_field(r, p, "category");
		break;
	case ARG_PROVIDED:
		out.provided = provided(r, field(r, p, "provided"));
		out.flag = optional_text(r, field(r, p, "flag"));
		out.prefix = text_field(r, p, "prefix");
		break;
	case ARG_WHEN:
		out.file = source_piece(r, text_field(r, p, "file"));
		out.suffixes = texts(r, field(r, p, "suffixes"), &out.nsuffixes);
		LIST(r, field(r, p, "args"), struct arg, out.args, out.nargs, plain);
		break;
	}
	return out;
}

static struct input input(struct reader *r, dh_val v)
{
	dh_val p;
	struct input out = {.kind = (enum input_kind)ALTERNATIVE(r, v, input_names, &p)};

	switch (out.kind) {
	case INPUT_SOURCE:
		out.text = text(r, p);
		if (label_is(out.text))
			out.label = label(r, out.text);
		else
			out.text = source(r, out.text);
		break;
	case INPUT_OUTPUT: out.text = output_path(r, text(r, p)); break;
	case INPUT_PROVIDED: out.provided = provided(r, p); break;
	}
	return out;
}

static struct env_word env_word(struct reader *r, dh_val v)
{
	return (struct env_word){text_field(r, v, "name"), word(r, field(r, v, "value"))};
}

static struct coeffect coeffect(struct reader *r, dh_val v)
{
	dh_val p;
	struct coeffect out = {.resource = (enum resource)ALTERNATIVE(r, v, resource_names, &p)};

	if (p.v)
		out.detail = text(r, p);
	return out;
}

static sym sym_item(struct reader *r, dh_val v)
{
	return intern(text(r, v));
}

static str output_item(struct reader *r, dh_val v)
{
	return output_path(r, text(r, v));
}

static uint32_t timeout(struct reader *r, dh_val v)
{
	dh_val inner;
	uint64_t seconds = 0;

	if (!optional(r, v, &inner))
		return 0;
	if (!dh_natural(r->dhall, inner, &seconds) || seconds > UINT32_MAX / 1000)
		seconds = UINT32_MAX / 1000;
	return (uint32_t)seconds;
}

static struct step step(struct reader *r, dh_val v)
{
	dh_val p;
	struct step out = {
		.category = (enum category)ALTERNATIVE(r, field(r, v, "category"), category_alternatives, &p),
	};

	if (p.v)
		out.custom = text(r, p);
	out.identifier = text_field(r, v, "identifier");
	LIST(r, field(r, v, "command"), struct arg, out.command, out.ncommand, arg);
	LIST(r, field(r, v, "env"), struct env_word, out.env, out.nenv, env_word);
	LIST(r, field(r, v, "inputs"), struct input, out.inputs, out.ninputs, input);
	LIST(r, field(r, v, "headers"), struct input, out.headers, out.nheaders, input);
	LIST(r, field(r, v, "outputs"), str, out.outputs, out.noutputs, output_item);
	LIST(r, field(r, v, "directories"), str, out.directories, out.ndirectories, output_item);
	LIST(r, field(r, v, "toolchains"), sym, out.toolchains, out.ntoolchains, sym_item);
	LIST(r, field(r, v, "coeffects"), struct coeffect, out.coeffects, out.ncoeffects, coeffect);
	out.out_file = optional_output(r, field(r, v, "stdout"));
	out.depfile = optional_output(r, field(r, v, "depfile"));
	out.timeout_s = timeout(r, field(r, v, "timeout"));
	return out;
}

static struct tree_item tree_item(struct reader *r, dh_val v)
{
	str path = text_field(r, v, "path");

	return (struct tree_item){path.n ? output_path(r, path) : path, input(r, field(r, v, "from"))};
}

static struct tree_item source_item(struct reader *r, dh_val v)
{
	return (struct tree_item){.from = input(r, v)};
}

static bool truth_field(struct reader *r, dh_val record, const char *name)
{
	bool b = false;

	if (!dh_bool(r->dhall, field(r, record, name), &b))
		r->failed = true;
	return b;
}

static void fetch(struct reader *r, dh_val v, struct act *out)
{
	out->urls = texts(r, field(r, v, "urls"), &out->nurls);
	out->target = text_field(r, v, "hash");
	out->unpack = truth_field(r, v, "unpack");
	out->strip = optional_text(r, field(r, v, "strip"));
	out->executable = truth_field(r, v, "executable");
}

static str link_target(struct reader *r, str target)
{
	if (target.n == 0 || memchr(target.p, '\0', target.n))
		diag_hint(r->diags, diag_error(r->diags, DIAG_OUTPUT_PATH, r->span, "a link cannot lead to '%.*s'",
						STR_ARG(target)), "name a path, as `ln -s` takes it");
	return target;
}

static struct act act(struct reader *r, dh_val v)
{
	dh_val p;
	struct act out = {.kind = (enum act_kind)ALTERNATIVE(r, v, act_names, &p)};

	if (out.kind == ACT_STEP) {
		out.step = step(r, p);
		return out;
	}
	out.output = output_path(r, text_field(r, p, "output"));
	switch (out.kind) {
	case ACT_WRITE:
		out.content = word(r, field(r, p, "content"));
		out.executable = truth_field(r, p, "executable");
		break;
	case ACT_COPY: out.from = input(r, field(r, p, "from")); break;
	case ACT_SYMLINK: out.target = link_target(r, text_field(r, p, "target")); break;
	case ACT_TREE: LIST(r, field(r, p, "entries"), struct tree_item, out.items, out.nitems, tree_item); break;
	case ACT_ARTIFACT: out.target = text_field(r, p, "digest"); break;
	case ACT_SOURCES: LIST(r, field(r, p, "from"), struct tree_item, out.items, out.nitems, source_item); break;
	case ACT_FETCH: fetch(r, p, &out); break;
	case ACT_STEP: break;
	}
	return out;
}

static struct provide provide(struct reader *r, dh_val v)
{
	struct provide out = {.name = intern(text_field(r, v, "name"))};

	LIST(r, field(r, v, "words"), struct word, out.words, out.nwords, word);
	LIST(r, field(r, v, "from"), sym, out.from, out.nfrom, label_item);
	return out;
}

static struct named_text tool_entry(struct reader *r, dh_val v)
{
	return (struct named_text){text_field(r, v, "mapKey"), text_field(r, v, "mapValue")};
}

static struct named_text env_entry(struct reader *r, dh_val v)
{
	return (struct named_text){text_field(r, v, "name"), text_field(r, v, "value")};
}

static struct flag_list flag_list(struct reader *r, dh_val v)
{
	struct flag_list out = {.category = text_field(r, v, "mapKey")};

	out.flags = texts(r, field(r, v, "mapValue"), &out.n);
	return out;
}

static struct bytes bytes(struct reader *r, dh_val v)
{
	dh_val p;
	struct bytes out = {.kind = (enum bytes_kind)ALTERNATIVE(r, v, bytes_names, &p)};

	if (out.kind == BYTES_TREE || out.kind == BYTES_NIX) {
		out.where = text(r, p);
		return out;
	}
	if (out.kind == BYTES_PINNED) {
		out.where = text_field(r, p, "digest");
		p = field(r, p, "host");
	}
	out.compilers = texts(r, field(r, p, "compilers"), &out.ncompilers);
	out.languages = texts(r, field(r, p, "languages"), &out.nlanguages);
	out.packages = texts(r, field(r, p, "packages"), &out.npackages);
	out.programs = texts(r, field(r, p, "programs"), &out.nprograms);
	return out;
}

static struct rendered rendered(struct reader *r, dh_val v)
{
	struct rendered out = {.name = text_field(r, v, "name")};

	LIST(r, field(r, v, "bytes"), struct bytes, out.bytes, out.nbytes, bytes);
	LIST(r, field(r, v, "tools"), struct named_text, out.tools, out.ntools, tool_entry);
	LIST(r, field(r, v, "flags"), struct flag_list, out.flags, out.nflags, flag_list);
	LIST(r, field(r, v, "env"), struct named_text, out.env, out.nenv, env_entry);
	return out;
}

static struct toolchain_choice toolchain_choice(struct reader *r, dh_val v)
{
	return (struct toolchain_choice){
		intern(text_field(r, v, "mapKey")),
		rendered(r, field(r, v, "mapValue")),
	};
}

static struct analysis analysis(struct reader *r, dh_val v)
{
	struct analysis out = {0};

	LIST(r, field(r, v, "actions"), struct act, out.acts, out.nacts, act);
	LIST(r, field(r, v, "tests"), struct step, out.tests, out.ntests, step);
	LIST(r, field(r, v, "provides"), struct provide, out.provides, out.nprovides, provide);
	LIST(r, field(r, v, "outputs"), str, out.outputs, out.noutputs, output_item);
	LIST(r, field(r, v, "exports"), struct input, out.exports, out.nexports, input);
	LIST(r, field(r, v, "forwards"), sym, out.forwards, out.nforwards, label_item);
	LIST(r, field(r, v, "suite"), sym, out.suite, out.nsuite, label_item);
	LIST(r, field(r, v, "deps"), sym, out.deps, out.ndeps, label_item);
	LIST(r, field(r, v, "toolchains"), struct toolchain_choice, out.toolchains, out.ntoolchains,
			toolchain_choice);
	out.executable = optional_output(r, field(r, v, "executable"));
	return out;
}

/* ---- checks on types ---- */

/* `analyze` must take exactly the target's other fields, so that `//` changes what it sees. */
static bool takes_own_fields(struct reader *r, dh_val target_type, dh_val parameter, str *wrong)
{
	size_t n = dh_type_fields(r->dhall, target_type);
	sym analyze = intern_c("analyze");

	for (size_t i = 0; i < n; i++) {
		sym name;
		dh_val own, taken;

		if (!dh_type_field_at(r->dhall, target_type, i, &name, &own))
			return false;
		if (name == analyze)
			continue;
		if (!dh_type_field(r->dhall, parameter, name, &taken)) {
			*wrong = str_fmt(r->arena, "its rule has no attribute '%.*s'", STR_ARG(sym_str(name)));
			return false;
		}
		if (!dhall_equal(r->dhall, own, taken)) {
			*wrong = str_fmt(r->arena, "attribute '%.*s' has another type than its rule takes",
					STR_ARG(sym_str(name)));
			return false;
		}
	}
	if (dh_type_fields(r->dhall, parameter) + 1 == n)
		return true;
	*wrong = S("its analyze takes attributes that it does not have");
	return false;
}

static void not_a_target(struct reader *r, sym name, const char *why)
{
	struct diag *d = diag_error(r->diags, DIAG_TARGET_SHAPE, r->span, "field '%.*s' is not a target: %s",
			STR_ARG(sym_str(name)), why);

	diag_hint(r->diags, d, "a target is what a rule returns: S.cxx_library \"%.*s\" …; helper values belong "
			       "into a `let` before the record", STR_ARG(sym_str(name)));
}

static bool check_target_type(struct reader *r, const struct analysis_types *types, sym name, dh_val type)
{
	dh_val common, analyze, parameter, rest, context, result;
	str wrong = {0};

	if (!dh_type_field(r->dhall, type, intern_c("common"), &common)) {
		not_a_target(r, name, "it has no field 'common'");
		return false;
	}
	if (!dh_type_field(r->dhall, type, intern_c("analyze"), &analyze)) {
		not_a_target(r, name, "it has no function 'analyze'");
		return false;
	}
	if (!dh_type_function(r->dhall, analyze, &parameter, &rest) ||
			!dh_type_function(r->dhall, rest, &context, &result) ||
			!dhall_equal(r->dhall, result, types->analysis)) {
		not_a_target(r, name, "its analyze is not a function Attributes -> Context -> Analysis");
		return false;
	}
	if (!takes_own_fields(r, type, parameter, &wrong)) {
		struct diag *d = diag_error(r->diags, DIAG_ANALYZE_TYPE, r->span, "'%.*s': %.*s",
				STR_ARG(sym_str(name)), STR_ARG(wrong));

		diag_hint(r->diags, d, "with // only attributes that the rule has can be set, to values of "
				       "the same type");
		return false;
	}
	return true;
}

/* ---- packages ---- */

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

static const str *sorted_keys(struct reader *r, struct map *m, uint32_t *n)
{
	str *out = arena_array(r->arena, str, m->n);

	for (size_t i = 0; i < m->n; i++)
		out[i] = m->entries[i].key;
	if (m->n)
		qsort(out, m->n, sizeof *out, by_text);
	*n = (uint32_t)m->n;
	return out;
}

static void check_visible_to(struct reader *r, const struct target *t)
{
	for (uint32_t i = 0; i < t->nvisible_to; i++) {
		const char *why = "";
		struct pattern p;
		struct diag *d;

		if (pattern_parse(t->visible_to[i], r->package, &p, &why))
			continue;
		d = diag_error(r->diags, DIAG_LABEL_SYNTAX, r->span, "'%.*s' in the visibility of '%.*s' is not a label",
				STR_ARG(t->visible_to[i]), STR_ARG(t->name));
		diag_hint(r->diags, d, "%s", why);
	}
}

static void read_common(struct reader *r, dh_val common, struct target *t)
{
	dh_val p;

	t->name = text_field(r, common, "name");
	t->visibility = (enum visibility_kind)ALTERNATIVE(r, field(r, common, "visibility"), visibility_names, &p);
	if (t->visibility == VISIBLE_TARGETS)
		t->visible_to = texts(r, p, &t->nvisible_to);
	check_visible_to(r, t);
	t->labels = texts(r, field(r, common, "labels"), &t->nlabels);
}

static bool read_target(struct reader *r, const struct analysis_types *types, dh_val value, struct target *t)
{
	dh_val analyze = field(r, value, "analyze"), result;
	const str *needs;
	sym *labels;

	map_free(&r->sources);
	map_free(&r->needs);
	map_free(&r->refused);
	read_common(r, field(r, value, "common"), t);
	if (r->failed)
		return false;
	if (!label_name_ok(t->name)) {
		diag_hint(r->diags,
				diag_error(r->diags, DIAG_TARGET_NAME, r->span, "'%.*s' cannot be the name of a target",
						STR_ARG(t->name)),
				"%s", label_name_rule);
		return false;
	}
	t->package = r->package;
	t->label = label_make(r->package, t->name);
	t->span = r->span;
	result = dhall_apply(r->dhall, dhall_apply(r->dhall, analyze, value), types->context);
	t->analysis = analysis(r, result);
	t->sources = sorted_keys(r, &r->sources, &t->nsources);
	needs = sorted_keys(r, &r->needs, &t->nneeds);
	labels = arena_array(r->arena, sym, t->nneeds);
	for (uint32_t i = 0; i < t->nneeds; i++)
		labels[i] = intern(needs[i]);
	t->needs = labels;
	return !r->failed;
}

bool analysis_target(struct dhall *dhall, const struct analysis_types *types, sym name, dh_val value, dh_val type,
		str package, struct span span, struct arena *a, struct target *out, struct diags *diags)
{
	struct reader r = {.dhall = dhall, .arena = a, .diags = diags, .package = package, .span = span};
	size_t errors = diags->errors;
	bool ok = check_target_type(&r, types, name, type) && read_target(&r, types, value, out);

	map_free(&r.sources);
	map_free(&r.needs);
	map_free(&r.refused);
	return ok && diags->errors == errors;
}

static int by_name(const void *a, const void *b)
{
	return str_cmp(((const struct target *)a)->name, ((const struct target *)b)->name);
}

static void check_names(struct reader *r, const struct target *t, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++)
		if (str_eq(t[i - 1].name, t[i].name)) {
			struct diag *d = diag_error(r->diags, DIAG_DUPLICATE_TARGET, t[i].span,
					"two targets are named '%.*s'", STR_ARG(t[i].name));

			diag_note(r->diags, d, t[i - 1].span, "the other one is here");
			diag_hint(r->diags, d, "give one of them another name");
		}
}

static void read_targets(struct reader *r, const struct analysis_types *types, const struct dh_typed *typed,
		struct package *p)
{
	dh_val value = dhall_eval(r->dhall, typed), type = dhall_type_of(r->dhall, typed);
	size_t n = dh_fields(r->dhall, value);
	struct target *targets = arena_array(&p->arena, struct target, n);

	for (size_t i = 0; i < n && !r->failed; i++) {
		struct target *t = &targets[p->ntargets];
		sym name;
		dh_val v, t_type;

		if (!dh_field_at(r->dhall, value, i, &name, &v) || !dh_type_field(r->dhall, type, name, &t_type)) {
			r->failed = true;
			break;
		}
		r->span = dhall_field_span(typed, name);
		t->field = str_dup(&p->arena, sym_str(name));
		if (check_target_type(r, types, name, t_type) && read_target(r, types, v, t))
			p->ntargets++;
	}
	if (p->ntargets)
		qsort(targets, p->ntargets, sizeof *targets, by_name);
	check_names(r, targets, p->ntargets);
	p->targets = targets;
}

struct package *analysis_package(struct dhall *dhall, const struct analysis_types *types,
		const struct dh_typed *typed, str path, struct diags *diags)
{
	struct package *p = mem_make(struct package);
	struct reader r = {.dhall = dhall, .arena = &p->arena, .diags = diags};
	size_t errors = diags->errors;
	dh_val value = dhall_eval(dhall, typed);

	p->path = r.package = str_dup(&p->arena, path);
	p->file = dhall_span(typed).file;
	dhall_dependencies(typed, &p->deps, &p->ndeps);
	if (dh_kind(dhall, value) == DH_RECORD) {
		read_targets(&r, types, typed, p);
	} else if (diags->errors == errors) {
		struct diag *d = diag_error(diags, DIAG_BUILD_SHAPE, dhall_span(typed),
				"a BUILD.dhall is a record of targets, and this is something else");

		diag_hint(diags, d, "write { name = S.cxx_binary \"name\" …, … }; a list cannot hold targets of "
				    "different rules");
	}
	map_free(&r.sources);
	map_free(&r.needs);
	map_free(&r.refused);
	if (r.failed && diags->errors == errors)
		diag_error(diags, DIAG_INTERNAL, dhall_span(typed), "the value of '%.*s' could not be read", STR_ARG(path));
	if (diags->errors != errors) {
		package_free(p);
		return NULL;
	}
	return p;
}

void package_free(struct package *p)
{
	if (!p)
		return;
	arena_clear(&p->arena);
	mem_free(p);
}

const struct target *package_target(const struct package *p, str name)
{
	struct target key = {.name = name};

	if (!p->ntargets)
		return NULL;
	return bsearch(&key, p->targets, p->ntargets, sizeof key, by_name);
}

bool analysis_rendered(struct dhall *dhall, dh_val v, struct arena *arena, struct rendered *out)
{
	struct diags none = {0};
	struct reader r = {.dhall = dhall, .arena = arena, .diags = &none};

	*out = rendered(&r, v);
	map_free(&r.sources);
	map_free(&r.needs);
	map_free(&r.refused);
	diags_free(&none);
	return !r.failed;
}
