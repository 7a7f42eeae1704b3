/* drv_start.h: what a derivation's builder is started with, exactly as Nix starts it.
 *
 * Layer: build.
 *
 * The environment is not what the derivation says alone: Nix adds its own variables, moves some attributes into
 * files (passAsFile), puts all of them into two files instead (__structuredAttrs), writes the graphs that
 * exportReferencesGraph asks for, and replaces placeholders of outputs by their paths.  All of that is here, and
 * nothing else decides what a builder gets; so the start file is part of an action's identity. */
#ifndef STRAYLIGHT_BUILD_DRV_START_H
#define STRAYLIGHT_BUILD_DRV_START_H

#include <straylight/drv.h>
#include <straylight/valid.h>

#define DRV_TOP "/build" /* the builder's own folder */

struct start_file {
	str name; /* below DRV_TOP, without a slash */
	str bytes;
};

struct data;

struct drv_start {
	const str *host;         /* host folders that are seen */
	size_t nhost;
	struct start_file *files;
	size_t nfiles;
	str *argv;               /* argv[0] is the builder's name, as Nix passes it */
	size_t argc;
	str *env;                /* "K=V", sorted */
	size_t nenv;
	str builder;             /* the program */
};

/* `inputs` is the closure of what the builder may read, sorted.  Everything lives in the arena.  false after a
 * diagnostic: DRV_ATTRIBUTE. */
bool drv_start_make(struct drv_start *, const struct drv *, struct valids *, const struct valid *const *inputs, size_t ninputs,
		unsigned cores, struct arena *, struct diags *) SL_MUST_USE;
/* Appends the start file (start_form.h). */
void drv_start_write(const struct drv_start *, struct buf *out);

/* The value of a variable of the derivation; p == NULL when there is none. */
str drv_variable(const struct drv *, str key);
/* The attribute as words (a text between white space, or with structured attributes a list of strings); false when
 * there is none. */
bool drv_words(const struct drv *, str key, struct arena *, str **out, size_t *n);

/* ---- drv_attrs.c ---- */

/* The attributes of a derivation that has them as JSON.  NULL after a diagnostic. */
const struct data *drv_attrs_read(const struct drv *, struct arena *, struct diags *) SL_MUST_USE;
/* A field of an object; NULL when there is none, or it is no object. */
const struct data *drv_attr(const struct data *object, str key);
/* Adds .attrs.json and .attrs.sh of a derivation with structured attributes.  false after a diagnostic. */
bool drv_attrs_files(struct drv_start *, const struct drv *, struct valids *, const struct valid *const *inputs, size_t ninputs,
		struct arena *, struct diags *) SL_MUST_USE;

/* ---- drv_graph.c ---- */

/* The closure of a path as Nix registers it: the path, an empty deriver, the count of its references, and these.  false when
 * the path is none of the inputs. */
bool drv_graph_text(struct valids *, str path, const struct valid *const *inputs, size_t ninputs, struct arena *, struct buf *out);

/* ---- shared ---- */

/* The text with placeholders of outputs replaced by paths; in the arena if anything is. */
str drv_rewrite(const struct drv *, str text, struct arena *);
void drv_start_file(struct drv_start *, str name, str bytes, struct arena *);
struct diag *drv_attribute_error(const struct drv *, struct diags *, const char *fmt, ...) SL_PRINTF(3, 4);

#endif
