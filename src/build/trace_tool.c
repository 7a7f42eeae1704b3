#include "trace_tool.h"

#define RESPONSES_MAX 16 /* files that name files */

void tool_free(struct tool_run *r)
{
	vec_free(&r->items);
}

/* ---- which tool ---- */

static str base_name(str path)
{
	for (size_t i = path.n; i-- > 0;)
		if (path.p[i] == '/')
			return str_from(path, i + 1);
	return path;
}

/* Without a version at the end: "gcc-12", "clang-16". */
static str without_version(str name)
{
	size_t n = name.n;

	while (n && ((name.p[n - 1] >= '0' && name.p[n - 1] <= '9') || name.p[n - 1] == '.'))
		n--;
	return n && n < name.n && name.p[n - 1] == '-' ? str_upto(name, n - 1) : name;
}

static str last_part(str name)
{
	for (size_t i = name.n; i-- > 0;)
		if (name.p[i] == '-')
			return str_from(name, i + 1);
	return name;
}

enum tool_kind tool_kind(str program, bool *cxx)
{
	static const char *const c[] = {"gcc", "cc", "clang"}, *const cpp[] = {"g++", "c++", "clang++"},
				 *const linkers[] = {"ld", "ld.bfd", "ld.gold", "ld.lld", "mold"};
	str name = last_part(without_version(base_name(program)));

	*cxx = false;
	if (str_eq(name, S("ar")))
		return TOOL_ARCHIVE;
	for (size_t i = 0; i < SL_COUNT(linkers); i++)
		if (str_eq(name, str_c(linkers[i])))
			return TOOL_LINKER;
	for (size_t i = 0; i < SL_COUNT(c); i++) {
		*cxx = str_eq(name, str_c(cpp[i]));
		if (*cxx || str_eq(name, str_c(c[i])))
			return TOOL_DRIVER;
	}
	return TOOL_NONE;
}

static bool has_suffix(str path, const char *const *suffixes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_ends(path, str_c(suffixes[i])))
			return true;
	return false;
}

bool tool_is_cxx(str path)
{
	static const char *const suffixes[] = {".cc", ".cpp", ".cxx", ".c++", ".C", ".CPP", ".cp"};

	return has_suffix(path, suffixes, SL_COUNT(suffixes));
}

bool tool_is_source(str path)
{
	static const char *const suffixes[] = {".c", ".s", ".S", ".sx"};

	return tool_is_cxx(path) || has_suffix(path, suffixes, SL_COUNT(suffixes));
}

/* ---- words ---- */

struct words {
	VEC(str) all;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static size_t one_word(str text, size_t at, struct buf *out)
{
	char quote = 0;

	for (; at < text.n && (quote || !is_blank(text.p[at])); at++) {
		char c = text.p[at];

		if (c == '\\' && at + 1 < text.n)
			buf_c(out, text.p[++at]);
		else if (quote ? c == quote : c == '"' || c == '\'')
			quote = quote ? 0 : c;
		else
			buf_c(out, c);
	}
	return at;
}

void tool_split(str content, struct arena *a, const str **words, uint32_t *n)
{
	struct words w = {0};
	struct buf word = {0};
	str *out;
	size_t at = 0;

	for (;;) {
		while (at < content.n && is_blank(content.p[at]))
			at++;
		if (at == content.n)
			break;
		at = one_word(content, at, &word);
		vec_push(&w.all, str_dup(a, buf_view(&word)));
		word.n = 0;
	}
	out = arena_array(a, str, w.all.n);
	if (w.all.n)
		memcpy(out, w.all.p, w.all.n * sizeof *out);
	*words = out;
	*n = (uint32_t)w.all.n;
	vec_free(&w.all);
	buf_free(&word);
}

static const struct trace_response *response_of(const struct trace_process *p, str word)
{
	for (uint32_t i = 0; word.n > 1 && word.p[0] == '@' && i < p->nresponses; i++)
		if (str_eq(p->responses[i].name, str_from(word, 1)))
			return &p->responses[i];
	return NULL;
}

static void add_words(const struct trace_process *p, const str *words, uint32_t n, struct arena *a, struct words *out,
		unsigned depth)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct trace_response *r = depth < RESPONSES_MAX ? response_of(p, words[i]) : NULL;
		const str *more;
		uint32_t nmore;

		if (!r) {
			vec_push(&out->all, words[i]);
			continue;
		}
		tool_split(r->content, a, &more, &nmore);
		add_words(p, more, nmore, a, out, depth + 1);
	}
}

static str absolute(const struct trace_process *p, str path, struct arena *a)
{
	str full = path.n && path.p[0] == '/' ? path : str_c(os_join(a, p->dir, path)), normal;

	return os_normalize(a, full, &normal) ? normal : full;
}

/* ---- the driver ---- */

enum how {
	HOW_PATH = 1,   /* the text is a path */
	HOW_APART = 2,  /* it is the next word */
	HOW_JOINED = 4, /* it stands in the same word */
	HOW_KEEP = 8,   /* the option stands before it: a word of its own when they are apart */
	HOW_WHOLE = 16, /* no text: only this very word */
};

static const struct rule {
	const char *option;
	enum tool_word word;
	unsigned how;
} rules[] = {
	/* the first that fits */
	{"-DPIC", WORD_IDLE, HOW_WHOLE}, /* libtool's */
	{"-I", WORD_INCLUDE, HOW_PATH | HOW_APART | HOW_JOINED},
	{"-isystem", WORD_INCLUDE, HOW_PATH | HOW_APART | HOW_JOINED},
	{"-iquote", WORD_INCLUDE, HOW_PATH | HOW_APART | HOW_JOINED},
	{"-idirafter", WORD_INCLUDE, HOW_PATH | HOW_APART | HOW_JOINED},
	{"-include", WORD_FORCED, HOW_PATH | HOW_APART},
	{"-imacros", WORD_FORCED, HOW_PATH | HOW_APART},
	{"-D", WORD_DEFINE, HOW_APART | HOW_JOINED},
	{"-U", WORD_COMPILE, HOW_APART | HOW_JOINED | HOW_KEEP},
	{"-std=", WORD_STD, HOW_JOINED},
	{"-ansi", WORD_COMPILE, HOW_WHOLE},
	{"-l", WORD_LIBRARY, HOW_APART | HOW_JOINED},
	{"-L", WORD_FOLDER, HOW_PATH | HOW_APART | HOW_JOINED},
	{"-Wl,", WORD_LINK, HOW_JOINED | HOW_KEEP},
	{"-Wa,", WORD_COMPILE, HOW_JOINED | HOW_KEEP},
	{"-Wp,-M", WORD_IDLE, HOW_JOINED},
	{"-Wp,", WORD_COMPILE, HOW_JOINED | HOW_KEEP},
	{"-Xlinker", WORD_LINK, HOW_APART | HOW_KEEP},
	{"-Xassembler", WORD_COMPILE, HOW_APART | HOW_KEEP},
	{"-Xpreprocessor", WORD_COMPILE, HOW_APART | HOW_KEEP},
	{"-Xclang", WORD_COMPILE, HOW_APART | HOW_KEEP},
	{"--param", WORD_COMPILE, HOW_APART | HOW_KEEP},
	{"-x", WORD_COMPILE, HOW_APART | HOW_JOINED | HOW_KEEP},
	{"-T", WORD_LINK, HOW_APART | HOW_KEEP},
	{"-u", WORD_LINK, HOW_APART | HOW_JOINED | HOW_KEEP},
	{"-z", WORD_LINK, HOW_APART | HOW_JOINED | HOW_KEEP},
	{"-MF", WORD_IDLE, HOW_APART | HOW_JOINED},
	{"-MT", WORD_IDLE, HOW_APART | HOW_JOINED},
	{"-MQ", WORD_IDLE, HOW_APART | HOW_JOINED},
	{"-MD", WORD_IDLE, HOW_WHOLE},
	{"-MMD", WORD_IDLE, HOW_WHOLE},
	{"-MP", WORD_IDLE, HOW_WHOLE},
	{"-MG", WORD_IDLE, HOW_WHOLE},
	{"-pipe", WORD_IDLE, HOW_WHOLE},
	{"-fPIC", WORD_IDLE, HOW_WHOLE}, /* the rules see to it */
	{"-fpic", WORD_IDLE, HOW_WHOLE},
	{"-fPIE", WORD_IDLE, HOW_WHOLE},
	{"-fpie", WORD_IDLE, HOW_WHOLE},
	{"-pie", WORD_IDLE, HOW_WHOLE},
	{"-v", WORD_IDLE, HOW_WHOLE},
	{"-w", WORD_IDLE, HOW_WHOLE},
	{"-pedantic", WORD_IDLE, HOW_JOINED | HOW_WHOLE},
	{"-fdiagnostics-", WORD_IDLE, HOW_JOINED},
	{"-fcolor-diagnostics", WORD_IDLE, HOW_WHOLE},
	{"-W", WORD_IDLE, HOW_JOINED},
	{"-O", WORD_MODE, HOW_JOINED | HOW_WHOLE | HOW_KEEP},
	{"-g", WORD_MODE, HOW_JOINED | HOW_WHOLE | HOW_KEEP},
	{"-s", WORD_LINK, HOW_WHOLE | HOW_KEEP},
	{"-rdynamic", WORD_LINK, HOW_WHOLE | HOW_KEEP},
	{"-static", WORD_LINK, HOW_WHOLE | HOW_KEEP},
	{"-static-", WORD_LINK, HOW_JOINED | HOW_KEEP},
	{"-nostdlib", WORD_LINK, HOW_WHOLE | HOW_KEEP},
	{"-nostartfiles", WORD_LINK, HOW_WHOLE | HOW_KEEP},
	{"-nodefaultlibs", WORD_LINK, HOW_WHOLE | HOW_KEEP},
	{"-fuse-ld=", WORD_LINK, HOW_JOINED | HOW_KEEP},
};

static const struct rule *rule_of(str word, bool *joined)
{
	for (size_t i = 0; i < SL_COUNT(rules); i++) {
		str option = str_c(rules[i].option);

		*joined = word.n > option.n;
		if (!str_starts(word, option))
			continue;
		if (*joined ? (rules[i].how & HOW_JOINED) != 0 : (rules[i].how & (HOW_APART | HOW_WHOLE)) != 0)
			return &rules[i];
	}
	return NULL;
}

static void add(struct tool_run *r, enum tool_word word, str text)
{
	vec_push(&r->items, ((struct tool_item){word, text}));
}

/* The word at i, and the next one where it belongs to it; the index of the last of them. */
static size_t by_rule(const struct trace_process *p, const struct rule *rule, bool joined, const struct words *w, size_t i,
		struct arena *a, struct tool_run *r)
{
	str word = w->all.p[i], text = joined ? str_from(word, strlen(rule->option)) : (str){0};
	bool apart = !joined && rule->how & HOW_APART;

	if (apart && i + 1 < w->all.n)
		text = w->all.p[++i];
	if (rule->how & HOW_KEEP) {
		add(r, rule->word, word);
		if (apart)
			add(r, rule->word, text);
	} else {
		add(r, rule->word, rule->how & HOW_PATH ? absolute(p, text, a) : text);
	}
	return i;
}

/* Words that say what is done at all.  false when it is nothing that makes a file. */
static bool by_task(str word, struct tool_run *r, bool *known)
{
	static const char *const asks[] = {"-E", "-S", "-M", "-MM", "-fsyntax-only", "--version", "-dumpversion", "-dumpmachine",
			"-###", "--help"};

	*known = true;
	for (size_t i = 0; i < SL_COUNT(asks); i++)
		if (str_eq(word, str_c(asks[i])))
			return false;
	if (str_starts(word, S("-print-")) || str_starts(word, S("--print-")))
		return false;
	if (str_eq(word, S("-c")))
		r->compiles = true;
	else if (str_eq(word, S("-shared")))
		r->shared = true;
	else
		*known = false;
	return true;
}

static bool read_driver(const struct trace_process *p, const struct words *w, struct arena *a, struct tool_run *r)
{
	size_t inputs = 0;

	for (size_t i = 1; i < w->all.n; i++) {
		str word = w->all.p[i];
		const struct rule *rule;
		bool known, joined;

		if (!by_task(word, r, &known))
			return false;
		if (known)
			continue;
		if (str_starts(word, S("-o")) && !str_starts(word, S("-openmp"))) {
			if (word.n == 2 && i + 1 < w->all.n)
				word = w->all.p[++i];
			else
				word = str_from(word, 2);
			r->output = absolute(p, word, a);
			continue;
		}
		if (!word.n || word.p[0] != '-' || word.n == 1) {
			add(r, WORD_INPUT, word.n > 1 ? absolute(p, word, a) : word);
			inputs++;
			continue;
		}
		rule = rule_of(word, &joined);
		if (rule)
			i = by_rule(p, rule, joined, w, i, a, r);
		else if (str_eq(word, S("-pthread")))
			add(r, WORD_COMPILE, word), add(r, WORD_LINK, word);
		else
			add(r, WORD_COMPILE, word);
	}
	r->links = !r->compiles;
	if (r->links && !r->output.n)
		r->output = absolute(p, S("a.out"), a);
	return inputs > 0;
}

/* ---- ar ---- */

/* ar [-]KEYS [COUNT or MEMBER] ARCHIVE MEMBER…; only what adds members makes something. */
static bool read_archive(const struct trace_process *p, const struct words *w, struct arena *a, struct tool_run *r)
{
	size_t i = 1;
	str keys;

	while (i < w->all.n && str_starts(w->all.p[i], S("--")))
		i += str_eq(w->all.p[i], S("--plugin")) || str_eq(w->all.p[i], S("--target")) ? 2 : 1;
	if (i >= w->all.n)
		return false;
	keys = w->all.p[i++];
	if (keys.n && keys.p[0] == '-')
		keys = str_from(keys, 1);
	if (str_find(keys, 'r') == keys.n && str_find(keys, 'q') == keys.n)
		return false;
	while (i < w->all.n && str_starts(w->all.p[i], S("-")))
		i++;
	if (str_find(keys, 'a') < keys.n || str_find(keys, 'b') < keys.n || str_find(keys, 'i') < keys.n)
		i++;
	if (i >= w->all.n)
		return false;
	r->output = absolute(p, w->all.p[i++], a);
	for (; i < w->all.n; i++)
		add(r, WORD_INPUT, absolute(p, w->all.p[i], a));
	return true;
}

bool tool_read(const struct trace_process *p, struct arena *a, struct tool_run *r)
{
	struct words w = {0};
	bool made = false;

	r->kind = tool_kind(p->program, &r->cxx);
	add_words(p, p->words, p->nwords, a, &w, 0);
	if (r->kind == TOOL_DRIVER) {
		/* links of one name stand for both languages: clang++ is clang */
		if (p->nwords && !r->cxx)
			(void)tool_kind(p->words[0], &r->cxx);
		made = read_driver(p, &w, a, r);
	} else if (r->kind == TOOL_ARCHIVE) {
		made = read_archive(p, &w, a, r);
	}
	vec_free(&w.all);
	return made;
}
