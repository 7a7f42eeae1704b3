#include <straylight/closure.h>

#include <errno.h>

#define FILE_MAX ((size_t)128 << 20) /* more than any derivation that parses */

struct frame {
	struct closure_node *node;
	size_t next; /* input to look at */
};

struct closure {
	struct arena arena;
	str store_dir;
	struct map nodes; /* by path */
	struct map dirs;  /* of the files that were added; no values */
	VEC(str) more;    /* to look in after those */
	struct drv_memo *memo;
	VEC(struct closure_node *) added;
	VEC(const struct closure_node *) order;
};

#define UNORDERED SIZE_MAX       /* index of a node that the walk has not reached */
#define OPEN      (SIZE_MAX - 1) /* … that it is in */

/* ---- finding ---- */

static struct closure_node *put(struct closure *c, str path, const struct drv *d)
{
	struct closure_node *n = arena_make(&c->arena, struct closure_node);

	n->path = path;
	n->drv = d;
	n->index = UNORDERED;
	map_put(&c->nodes, path, n);
	return n;
}

/* The text is what the path was computed from. */
static bool path_fits(struct closure *c, const struct drv *d, str text, str path, const char *file, struct diags *diags)
{
	str implied = drv_path_of(d, text, &c->arena, c->store_dir);
	struct diag *diag;

	if (str_eq(implied, path))
		return true;
	diag = diag_error(diags, DIAG_DRV_PATH, NO_SPAN, "'%s' is not the derivation that its name says", file);
	diag_note(diags, diag, NO_SPAN, "written: %.*s", STR_ARG(path));
	diag_note(diags, diag, NO_SPAN, "implied: %.*s", STR_ARG(implied));
	return false;
}

/* The derivation of a file whose bytes are at hand; `path` is its store path, or empty. */
static struct closure_node *parse(struct closure *c, struct blob *b, str path, const char *file, struct diags *diags)
{
	str text = str_dup(&c->arena, blob_str(b));
	struct drv *d = drv_parse(&c->arena, text, str_c(file), diags);

	if (!d || (path.n && !path_fits(c, d, text, path, file, diags)))
		return NULL;
	return put(c, path.n ? path : drv_path_of(d, text, &c->arena, c->store_dir), d);
}

/* The ith place where a derivation may lie; NULL after the last. */
static const char *place(struct closure *c, str path, size_t i)
{
	str base = str_from(path, c->store_dir.n + 1);

	if (i < c->dirs.n)
		return os_join(&c->arena, c->dirs.entries[i].key, base);
	i -= c->dirs.n;
	if (i < c->more.n)
		return os_join(&c->arena, c->more.p[i], base);
	return i == c->more.n ? path.p : NULL;
}

/* An input.  NULL without a diagnostic when there is no such file. */
static struct closure_node *find(struct closure *c, str path, struct diags *diags)
{
	struct closure_node *n = map_get(&c->nodes, path);
	const char *file;

	if (n)
		return n;
	if (!storepath_parse(c->store_dir, path, NULL, NULL))
		return NULL;
	path = str_dup(&c->arena, path);
	for (size_t i = 0; (file = place(c, path, i)); i++) {
		struct blob *b;
		int err = os_read(file, FILE_MAX, &b);

		if (err == -ENOENT || err == -ENOTDIR)
			continue;
		if (err < 0) {
			os_error(diags, DIAG_DRV_MISSING, err, "reading", str_c(file));
			return NULL;
		}
		n = parse(c, b, path, file, diags);
		blob_unref(b);
		return n;
	}
	return NULL;
}

static const struct drv *find_drv(void *ud, str path, struct diags *diags)
{
	const struct closure_node *n = find(ud, path, diags);

	return n ? n->drv : NULL;
}

/* ---- making ---- */

struct closure *closure_new(str store_dir)
{
	struct closure *c = mem_make(struct closure);

	c->store_dir = str_dup(&c->arena, store_dir);
	c->memo = drv_memo_new(c->store_dir, find_drv, c);
	return c;
}

void closure_free(struct closure *c)
{
	if (!c)
		return;
	drv_memo_free(c->memo);
	map_free(&c->nodes);
	map_free(&c->dirs);
	vec_free(&c->more);
	vec_free(&c->added);
	vec_free(&c->order);
	arena_clear(&c->arena);
	mem_free(c);
}

void closure_look(struct closure *c, str dir)
{
	if (dir.n)
		vec_push(&c->more, str_dup(&c->arena, dir));
}

struct drv_memo *closure_memo(struct closure *c)
{
	return c->memo;
}

/* "a/b" of "a/b/c", "." of "c"; *base is the rest. */
static str folder_of(str file, str *base)
{
	size_t slash = file.n;

	while (slash > 0 && file.p[slash - 1] != '/')
		slash--;
	*base = str_from(file, slash);
	if (slash == 0)
		return S(".");
	return str_upto(file, slash > 1 ? slash - 1 : 1);
}

/* A store path that is not on disk under its own name. */
static const struct closure_node *add_elsewhere(struct closure *c, const char *file, int err, struct diags *diags)
{
	size_t errors = diags->errors;
	struct closure_node *n = err == -ENOENT || err == -ENOTDIR ? find(c, str_c(file), diags) : NULL;

	if (n)
		vec_push(&c->added, n);
	else if (diags->errors == errors)
		os_error(diags, DIAG_USAGE, err, "reading", str_c(file));
	return n;
}

const struct closure_node *closure_add(struct closure *c, const char *file, struct diags *diags)
{
	str base, dir = folder_of(str_dup(&c->arena, str_c(file)), &base);
	str path = str_c(os_join(&c->arena, c->store_dir, base));
	struct closure_node *n;
	struct blob *b;
	int err = os_read(file, FILE_MAX, &b);

	if (err < 0)
		return add_elsewhere(c, file, err, diags);
	map_put(&c->dirs, dir, NULL);
	if (!storepath_parse(c->store_dir, path, NULL, NULL))
		path = S("");
	n = path.n ? map_get(&c->nodes, path) : NULL;
	if (!n)
		n = parse(c, b, path, str_dup(&c->arena, str_c(file)).p, diags);
	blob_unref(b);
	if (n)
		vec_push(&c->added, n);
	return n;
}

/* ---- the walk ---- */

typedef VEC(struct frame) frame_vec;

static void push(struct closure *c, frame_vec *stack, struct closure_node *n)
{
	n->index = OPEN;
	n->inputs = arena_array(&c->arena, const struct closure_node *, n->drv->ninputs);
	vec_push(stack, ((struct frame){n, 0}));
}

static bool missing(const struct closure_node *of, str path, size_t errors, struct diags *diags)
{
	if (diags->errors == errors)
		diag_error(diags, DIAG_DRV_MISSING, NO_SPAN, "the input derivation '%.*s' of '%.*s' is not there", STR_ARG(path),
				STR_ARG(of->path));
	return false;
}

/* The next input of the topmost node, or its end. */
static bool step(struct closure *c, frame_vec *stack, struct diags *diags)
{
	struct frame *f = &vec_last(stack);
	struct closure_node *node = f->node, *in;
	size_t errors = diags->errors;
	str path;

	if (f->next == node->drv->ninputs) {
		node->index = c->order.n;
		vec_push(&c->order, node);
		stack->n--;
		return true;
	}
	path = node->drv->inputs[f->next].path;
	in = find(c, path, diags);
	if (!in)
		return missing(node, path, errors, diags);
	if (in->index == OPEN) {
		diag_error(diags, DIAG_DRV_CYCLE, NO_SPAN, "'%.*s' needs itself, through '%.*s'", STR_ARG(path), STR_ARG(node->path));
		return false;
	}
	node->inputs[f->next++] = in;
	if (in->index == UNORDERED)
		push(c, stack, in);
	return true;
}

bool closure_load(struct closure *c, struct diags *diags)
{
	frame_vec stack = {0};
	bool ok = true;

	for (size_t i = 0; i < c->added.n && ok; i++) {
		if (c->added.p[i]->index == UNORDERED)
			push(c, &stack, c->added.p[i]);
		while (ok && stack.n)
			ok = step(c, &stack, diags);
	}
	for (size_t i = 0; i < stack.n; i++)
		stack.p[i].node->index = UNORDERED;
	vec_free(&stack);
	return ok;
}

const struct closure_node *const *closure_order(const struct closure *c, size_t *n)
{
	*n = c->order.n;
	return c->order.p;
}

const str *closure_folders(const struct closure *c, size_t *n, struct arena *a)
{
	str *out = arena_array(a, str, c->dirs.n + 1 + c->more.n);

	for (*n = 0; *n < c->dirs.n; ++*n)
		out[*n] = str_dup(a, c->dirs.entries[*n].key);
	for (size_t i = 0; i < c->more.n; i++)
		out[(*n)++] = c->more.p[i];
	out[(*n)++] = c->store_dir;
	return out;
}
