#include "record.h"
#include "analysis.h"
#include "label.h"

#include <stdlib.h>

/* ---- one walk for both ways ----
 * Every type has one function here; it writes the fields or fills them in, by whether `out` is there.
 * While reading, the first mistake sticks (in.bad) and everything after it reads as nothing. */

struct codec {
	struct buf *out; /* NULL: reading */
	struct cbor in;
	struct arena *arena;
	const struct package *package;
	const struct target *target; /* whose labels are met */
};

static void refuse(struct codec *c)
{
	if (!c->in.bad)
		c->in.bad = CBOR_RANGE;
}

static uint32_t read_number(struct codec *c, uint32_t max)
{
	uint64_t n = cbor_get_uint(&c->in);

	if (n <= max)
		return (uint32_t)n;
	refuse(c);
	return 0;
}

static void number(struct codec *c, uint32_t *n)
{
	if (c->out)
		cbor_uint(c->out, *n);
	else
		*n = read_number(c, UINT32_MAX);
}

static void truth(struct codec *c, bool *b)
{
	if (c->out)
		cbor_bool(c->out, *b);
	else
		*b = cbor_get_bool(&c->in);
}

/* An alternative, at most `last`. */
#define CHOICE(c, T, kind, last)                                         \
	do {                                                             \
		if ((c)->out)                                            \
			cbor_uint((c)->out, (uint64_t)(kind));           \
		else                                                     \
			(kind) = (T)read_number((c), (last));            \
	} while (0)

static void text(struct codec *c, str *s)
{
	if (c->out)
		cbor_text(c->out, *s);
	else
		*s = str_dup(c->arena, cbor_get_text(&c->in));
}

/* A text that may be none (p == NULL). */
static void maybe(struct codec *c, str *s)
{
	bool some = s->p != NULL;

	truth(c, &some);
	if (some)
		text(c, s);
}

static void name(struct codec *c, sym *s)
{
	if (c->out)
		cbor_text(c->out, sym_str(*s));
	else
		*s = intern(cbor_get_text(&c->in));
}

static void hash(struct codec *c, unsigned char h[32])
{
	str bytes;

	if (c->out) {
		cbor_bytes(c->out, str_of((const char *)h, 32));
		return;
	}
	bytes = cbor_get_bytes(&c->in);
	if (bytes.n == 32)
		memcpy(h, bytes.p, 32);
	else
		refuse(c);
}

/* The count of a list whose items take at least `least` bytes each. */
static void count(struct codec *c, uint32_t *n, size_t least)
{
	number(c, n);
	if (!c->out && *n > (c->in.in.n - c->in.at) / least) {
		refuse(c);
		*n = 0;
	}
}

/* A list of T at `p`, `n` long, each item walked by `each`. */
#define LIST(c, T, p, n, least, each)                                    \
	do {                                                             \
		T *items_;                                               \
		count((c), &(n), (least));                               \
		if (!(c)->out)                                           \
			(p) = arena_array((c)->arena, T, (n));           \
		items_ = (T *)(uintptr_t)(p);                            \
		for (uint32_t i_ = 0; i_ < (n) && !(c)->in.bad; i_++)    \
			each((c), &items_[i_]);                          \
	} while (0)

static void texts(struct codec *c, const str **p, uint32_t *n)
{
	LIST(c, str, *p, *n, 1, text);
}

/* ---- labels ---- */

/* One of `needs`, which are in order of their texts. */
static void need(struct codec *c, sym *s)
{
	const char *why;

	name(c, s);
	if (!c->out && !c->in.bad && label_parse(sym_str(*s), (str){NULL, 0}, &why) != *s)
		refuse(c);
}

static int by_text(const void *a, const void *b)
{
	return sym_cmp(*(const sym *)a, *(const sym *)b);
}

static uint64_t need_index(const struct target *t, sym label)
{
	const sym *at = t->nneeds ? bsearch(&label, t->needs, t->nneeds, sizeof label, by_text) : NULL;

	return at ? (uint64_t)(at - t->needs) : UINT64_MAX;
}

static void label(struct codec *c, sym *s)
{
	const struct target *t = c->target;

	if (c->out)
		cbor_uint(c->out, need_index(t, *s));
	else if (t->nneeds)
		*s = t->needs[read_number(c, t->nneeds - 1)];
	else
		refuse(c);
}

static void maybe_label(struct codec *c, sym *s)
{
	bool some = *s != 0;

	truth(c, &some);
	if (some)
		label(c, s);
}

/* ---- the types of target.h, from the smallest ---- */

static void piece(struct codec *c, struct piece *p)
{
	CHOICE(c, enum piece_kind, p->kind, PIECE_OUTPUTS);
	switch (p->kind) {
	case PIECE_SOURCE:
		maybe_label(c, &p->label);
		text(c, &p->text);
		break;
	case PIECE_TOOL:
		name(c, &p->toolchain);
		text(c, &p->text);
		break;
	case PIECE_TEXT:
	case PIECE_OUTPUT: text(c, &p->text); break;
	case PIECE_PACKAGE:
	case PIECE_OUTPUTS: break;
	}
}

static void word(struct codec *c, struct word *w)
{
	LIST(c, struct piece, w->pieces, w->n, 1, piece);
}

static void provided(struct codec *c, struct provided *p)
{
	name(c, &p->name);
	LIST(c, sym, p->deps, p->ndeps, 1, label);
	truth(c, &p->transitive);
}

static void word_or_flags(struct codec *c, struct arg *a)
{
	if (a->kind == ARG_WORD) {
		word(c, &a->word);
	} else {
		name(c, &a->toolchain);
		text(c, &a->category);
	}
}

/* Analysis.Plain: an argument below an argument. */
static void plain(struct codec *c, struct arg *a)
{
	CHOICE(c, enum arg_kind, a->kind, ARG_FLAGS);
	word_or_flags(c, a);
}

static void arg(struct codec *c, struct arg *a)
{
	CHOICE(c, enum arg_kind, a->kind, ARG_WHEN);
	switch (a->kind) {
	case ARG_WORD:
	case ARG_FLAGS: word_or_flags(c, a); break;
	case ARG_PROVIDED:
		provided(c, &a->provided);
		maybe(c, &a->flag);
		text(c, &a->prefix);
		break;
	case ARG_WHEN:
		piece(c, &a->file);
		if (a->file.kind != PIECE_SOURCE)
			refuse(c);
		texts(c, &a->suffixes, &a->nsuffixes);
		LIST(c, struct arg, a->args, a->nargs, 2, plain);
		break;
	}
}

static void input(struct codec *c, struct input *i)
{
	CHOICE(c, enum input_kind, i->kind, INPUT_PROVIDED);
	switch (i->kind) {
	case INPUT_SOURCE:
		maybe_label(c, &i->label);
		text(c, &i->text);
		break;
	case INPUT_OUTPUT: text(c, &i->text); break;
	case INPUT_PROVIDED: provided(c, &i->provided); break;
	}
}

static void env_word(struct codec *c, struct env_word *e)
{
	text(c, &e->name);
	word(c, &e->value);
}

static void coeffect(struct codec *c, struct coeffect *e)
{
	CHOICE(c, enum resource, e->resource, RESOURCE_FILESYSTEM);
	maybe(c, &e->detail);
}

static void step(struct codec *c, struct step *s)
{
	CHOICE(c, enum category, s->category, CATEGORY_CUSTOM);
	maybe(c, &s->custom);
	text(c, &s->identifier);
	LIST(c, struct arg, s->command, s->ncommand, 2, arg);
	LIST(c, struct env_word, s->env, s->nenv, 2, env_word);
	LIST(c, struct input, s->inputs, s->ninputs, 2, input);
	LIST(c, struct input, s->headers, s->nheaders, 2, input);
	texts(c, &s->outputs, &s->noutputs);
	texts(c, &s->directories, &s->ndirectories);
	LIST(c, sym, s->toolchains, s->ntoolchains, 1, name);
	LIST(c, struct coeffect, s->coeffects, s->ncoeffects, 2, coeffect);
	maybe(c, &s->out_file);
	maybe(c, &s->depfile);
	number(c, &s->timeout_s);
}

static void tree_item(struct codec *c, struct tree_item *t)
{
	text(c, &t->path);
	input(c, &t->from);
}

static void act(struct codec *c, struct act *a)
{
	CHOICE(c, enum act_kind, a->kind, ACT_FETCH);
	if (a->kind == ACT_STEP) {
		step(c, &a->step);
		return;
	}
	text(c, &a->output);
	switch (a->kind) {
	case ACT_WRITE:
		word(c, &a->content);
		truth(c, &a->executable);
		break;
	case ACT_COPY: input(c, &a->from); break;
	case ACT_SYMLINK:
	case ACT_ARTIFACT: text(c, &a->target); break;
	case ACT_TREE:
	case ACT_SOURCES: LIST(c, struct tree_item, a->items, a->nitems, 3, tree_item); break;
	case ACT_FETCH:
		texts(c, &a->urls, &a->nurls);
		text(c, &a->target);
		truth(c, &a->unpack);
		maybe(c, &a->strip);
		truth(c, &a->executable);
		break;
	case ACT_STEP: break;
	}
}

static void provide(struct codec *c, struct provide *p)
{
	name(c, &p->name);
	LIST(c, struct word, p->words, p->nwords, 1, word);
	LIST(c, sym, p->from, p->nfrom, 1, label);
}

static void bytes(struct codec *c, struct bytes *b)
{
	CHOICE(c, enum bytes_kind, b->kind, BYTES_NIX);
	if (b->kind != BYTES_HOST)
		text(c, &b->where);
	if (b->kind == BYTES_TREE || b->kind == BYTES_NIX)
		return;
	texts(c, &b->compilers, &b->ncompilers);
	texts(c, &b->languages, &b->nlanguages);
	texts(c, &b->packages, &b->npackages);
	texts(c, &b->programs, &b->nprograms);
}

static void named_text(struct codec *c, struct named_text *t)
{
	text(c, &t->name);
	text(c, &t->value);
}

static void flag_list(struct codec *c, struct flag_list *f)
{
	text(c, &f->category);
	texts(c, &f->flags, &f->n);
}

static void toolchain_choice(struct codec *c, struct toolchain_choice *t)
{
	struct rendered *r = &t->rendered;

	name(c, &t->word);
	text(c, &r->name);
	LIST(c, struct bytes, r->bytes, r->nbytes, 2, bytes);
	LIST(c, struct named_text, r->tools, r->ntools, 2, named_text);
	LIST(c, struct flag_list, r->flags, r->nflags, 2, flag_list);
	LIST(c, struct named_text, r->env, r->nenv, 2, named_text);
}

static void analysis(struct codec *c, struct analysis *a)
{
	LIST(c, struct act, a->acts, a->nacts, 3, act);
	LIST(c, struct step, a->tests, a->ntests, 14, step);
	LIST(c, struct provide, a->provides, a->nprovides, 3, provide);
	texts(c, &a->outputs, &a->noutputs);
	LIST(c, struct input, a->exports, a->nexports, 2, input);
	LIST(c, sym, a->forwards, a->nforwards, 1, label);
	LIST(c, sym, a->suite, a->nsuite, 1, label);
	LIST(c, sym, a->deps, a->ndeps, 1, label);
	LIST(c, struct toolchain_choice, a->toolchains, a->ntoolchains, 6, toolchain_choice);
	maybe(c, &a->executable);
}

static void span(struct codec *c, struct span *s)
{
	bool some = s->file != 0;

	truth(c, &some);
	if (!some)
		return;
	if (!c->out)
		s->file = c->package->file;
	number(c, &s->lo);
	number(c, &s->hi);
	if (s->lo > s->hi)
		refuse(c);
}

/* Without what follows from its name: checked by record_read_package. */
static void target(struct codec *c, struct target *t)
{
	c->target = t;
	text(c, &t->name);
	text(c, &t->field);
	span(c, &t->span);
	CHOICE(c, enum visibility_kind, t->visibility, VISIBLE_TARGETS);
	texts(c, &t->visible_to, &t->nvisible_to);
	texts(c, &t->labels, &t->nlabels);
	texts(c, &t->sources, &t->nsources);
	LIST(c, sym, t->needs, t->nneeds, 1, need);
	analysis(c, &t->analysis);
}

/* ---- packages ---- */

static void package(struct codec *c, struct package *p)
{
	LIST(c, struct target, p->targets, p->ntargets, 18, target);
}

void record_package(const struct package *p, struct buf *out)
{
	struct codec c = {.out = out, .package = p};

	package(&c, (struct package *)(uintptr_t)p);
}

static bool in_order(const struct target *t)
{
	for (uint32_t i = 1; i < t->nneeds; i++)
		if (sym_cmp(t->needs[i - 1], t->needs[i]) >= 0)
			return false;
	for (uint32_t i = 1; i < t->nsources; i++)
		if (str_cmp(t->sources[i - 1], t->sources[i]) >= 0)
			return false;
	return true;
}

/* What the walk does not see: names and their order, and what is made of them. */
static bool complete(struct package *p)
{
	struct target *targets = (struct target *)(uintptr_t)p->targets;

	for (uint32_t i = 0; i < p->ntargets; i++) {
		struct target *t = &targets[i];

		if (!label_name_ok(t->name) || !in_order(t) || (i && str_cmp(targets[i - 1].name, t->name) >= 0))
			return false;
		t->package = p->path;
		t->label = label_make(p->path, t->name);
	}
	return true;
}

static bool at_end(const struct codec *c)
{
	return !c->in.bad && c->in.at == c->in.in.n;
}

struct package *record_read_package(str bytes, str path, uint32_t file)
{
	struct package *p = mem_make(struct package);
	struct codec c = {.in = cbor_over(bytes), .arena = &p->arena, .package = p};

	p->path = str_dup(&p->arena, path);
	p->file = file;
	package(&c, p);
	if (at_end(&c) && complete(p))
		return p;
	package_free(p);
	return NULL;
}

/* ---- the workspace ---- */

static void settings(struct codec *c, struct settings *s)
{
	LIST(c, struct toolchain_choice, s->toolchains, s->ntoolchains, 6, toolchain_choice);
	texts(c, &s->ignored, &s->nignored);
	texts(c, &s->host_paths, &s->nhost_paths);
	texts(c, &s->substituters, &s->nsubstituters);
	texts(c, &s->trusted_keys, &s->ntrusted_keys);
	number(c, &s->timeout_s);
	number(c, &s->jobs);
	text(c, &s->lint);
	truth(c, &s->debug);
	text(c, &s->remote.endpoint);
	text(c, &s->remote.instance);
	text(c, &s->remote.ca_file);
	text(c, &s->remote.cert_file);
	text(c, &s->remote.key_file);
	truth(c, &s->remote.cache_only);
	truth(c, &s->remote.require);
	truth(c, &s->remote.write);
	hash(c, s->contexts[0]);
	hash(c, s->contexts[1]);
}

void record_settings(const struct settings *s, struct buf *out)
{
	struct codec c = {.out = out};

	settings(&c, (struct settings *)(uintptr_t)s);
}

bool record_read_settings(str bytes, struct arena *a, struct settings *out)
{
	struct codec c = {.in = cbor_over(bytes), .arena = a};

	*out = (struct settings){0};
	settings(&c, out);
	return at_end(&c);
}
