/* acted.h: an action made by hand, with the contents of its inputs, and its identity. */
#ifndef BUILD_ACTED_H
#define BUILD_ACTED_H

#include "identity.h"
#include "made.h"

#define ACTED_MAX 8

struct acted {
	struct made made;
	struct action action;
	struct contents contents;
	struct identity identity;
	struct content inputs[ACTED_MAX], headers[ACTED_MAX];
	const struct artifact *input_artifacts[ACTED_MAX], *header_artifacts[ACTED_MAX], *output_artifacts[ACTED_MAX];
	struct tree *sets[ACTED_MAX];
	const struct set *set_names[ACTED_MAX];
	struct toolchain *toolchains[ACTED_MAX];
	str argv[ACTED_MAX], env[ACTED_MAX];
	struct step step;
};

static inline void acted_init(struct acted *a, const char *label)
{
	memset(a, 0, sizeof *a);
	a->action.configured = made_configure(&a->made, made_target(&a->made, label), "");
	a->step = (struct step){.category = CATEGORY_COMPILE};
	a->action.step = &a->step;
	a->action.name = S("compile a.c");
	a->action.argv = a->argv;
	a->action.env = a->env;
	a->action.inputs = a->input_artifacts;
	a->action.headers = a->header_artifacts;
	a->action.header_sets = a->set_names;
	a->action.outputs = a->output_artifacts;
	a->action.toolchains = a->toolchains;
	a->contents = (struct contents){a->inputs, a->headers, a->sets};
}

static inline void acted_clear(struct acted *a)
{
	identity_clear(&a->identity);
	for (uint32_t i = 0; i < a->action.nheader_sets; i++)
		tree_unref(a->sets[i]);
	for (uint32_t i = 0; i < a->action.ntoolchains; i++)
		toolchain_unref(a->toolchains[i]);
	made_clear(&a->made);
}

static inline void acted_arg(struct acted *a, const char *text)
{
	a->argv[a->action.argc++] = str_c(text);
}

static inline void acted_env(struct acted *a, const char *text)
{
	a->env[a->action.nenv++] = str_c(text);
}

static inline const struct artifact *acted_artifact(struct acted *a, const char *path)
{
	struct artifact *out = arena_make(&a->made.arena, struct artifact);

	out->path = str_c(path);
	out->name = intern_c(path);
	return out;
}

static inline struct content acted_content(const char *text)
{
	return (struct content){.kind = TREE_FILE, .digest = digest_of(DIGEST_SHA256, str_c(text))};
}

static inline void acted_input(struct acted *a, const char *path, const char *text)
{
	a->input_artifacts[a->action.ninputs] = acted_artifact(a, path);
	a->inputs[a->action.ninputs++] = acted_content(text);
}

static inline void acted_header(struct acted *a, const char *path, const char *text)
{
	a->header_artifacts[a->action.nheaders] = acted_artifact(a, path);
	a->headers[a->action.nheaders++] = acted_content(text);
}

static inline void acted_output(struct acted *a, const char *path)
{
	a->output_artifacts[a->action.noutputs++] = acted_artifact(a, path);
}

/* "a/b.h=text c.h=text" */
static inline struct tree *acted_tree(const char *text)
{
	struct tree_builder *b = tree_builder_new();
	str rest = str_c(text), word, name, value;
	struct tree *t;

	while (rest.n) {
		struct digest d;

		str_cut(rest, ' ', &word, &rest);
		str_cut(word, '=', &name, &value);
		d = digest_of(DIGEST_SHA256, value);
		tree_put_file(b, name, &d, false);
	}
	t = tree_builder_end(b, NULL, NULL);
	assert_non_null(t);
	return t;
}

static inline void acted_set(struct acted *a, const char *owner, const char *tree)
{
	struct set *s = arena_make(&a->made.arena, struct set);

	s->owner = made_label(owner);
	a->set_names[a->action.nheader_sets] = s;
	a->sets[a->action.nheader_sets++] = acted_tree(tree);
}

static inline void acted_toolchain(struct acted *a, const char *name, const char *tree)
{
	struct toolchain *t = mem_make(struct toolchain);

	t->refs = 1;
	t->rendered.name = str_c(name);
	t->tree = acted_tree(tree);
	t->digest = *tree_digest(t->tree, DIGEST_SHA256);
	a->toolchains[a->action.ntoolchains++] = t;
}

static inline bool acted_identify(struct acted *a)
{
	identity_clear(&a->identity);
	return action_identity(&a->action, &a->contents, DIGEST_SHA256, &a->made.arena, &a->identity, &a->made.diags);
}

/* One that compiles: gcc with a source, a header of its own, a set of headers, a variable. */
static inline void acted_compile(struct acted *a)
{
	acted_init(a, "//p:t");
	acted_arg(a, "/usr/bin/gcc");
	acted_arg(a, "-c");
	acted_arg(a, "p/a.c");
	acted_env(a, "LANG=C");
	acted_input(a, "p/a.c", "source");
	acted_header(a, "p/a.h", "own header");
	acted_set(a, "//q:lib", "q/b.h=b q/c.h=c");
	acted_output(a, "straylight-out/p/t/a.o");
	acted_toolchain(a, "cxx", "usr/bin/gcc=gcc usr/lib/libc.so=libc");
	a->action.depfile = S("straylight-out/p/t/a.d");
}

#endif
