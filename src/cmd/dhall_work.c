#include "dhall_work.h"

#include <straylight/doors.h>
#include <straylight/base/pool.h>

#include <unistd.h>

#define INPUT_MAX ((size_t)1 << 30)

static bool read_stdin(struct dhall_work *w, struct blob **text)
{
	int err = os_read_fd(STDIN_FILENO, INPUT_MAX, text);

	w->name = S("(stdin)");
	if (err)
		os_error(&w->call->diags, DIAG_IO, err, "reading", S("standard input"));
	return err == 0;
}

static bool read_input(struct dhall_work *w, size_t argument, struct blob **text)
{
	struct call *c = w->call;
	str file = c->arguments.nargs > argument ? c->arguments.args[argument] : S("-");
	const char *dir = call_dir(c);
	str path = file;
	size_t slash;
	int err;

	if (!dir)
		return false;
	w->directory = str_c(dir);
	source_root(w->directory);
	if (str_eq(file, S("-")))
		return read_stdin(w, text);
	w->name = file;
	if (file.p[0] != '/')
		path = str_c(os_join(&c->arena, w->directory, file));
	err = os_read(str_dup(&c->arena, file).p, INPUT_MAX, text);
	if (err) {
		os_error(&c->diags, DIAG_USAGE, err, "reading", file);
		return false;
	}
	for (slash = path.n; slash > 1 && path.p[slash - 1] != '/';)
		slash--;
	w->directory = str_dup(&c->arena, str_upto(path, slash > 1 ? slash - 1 : 1));
	return true;
}

static bool go(struct dhall_work *w, enum dhall_phase phase)
{
	w->resolved = NULL;
	w->typed = NULL;
	w->parsed = phase >= DHALL_PARSED ? dhall_parse(w->session, w->text, w->name, w->directory) : NULL;
	if (w->parsed && phase >= DHALL_RESOLVED)
		w->resolved = dhall_resolve(w->session, w->parsed);
	if (w->resolved && phase >= DHALL_CHECKED)
		w->typed = dhall_check(w->session, w->resolved);
	switch (phase) {
	case DHALL_READ: return true;
	case DHALL_PARSED: return w->parsed != NULL;
	case DHALL_RESOLVED: return w->resolved != NULL;
	case DHALL_CHECKED: return w->typed != NULL;
	}
	return false;
}

bool dhall_work_also(struct dhall_work *w, size_t argument, enum dhall_phase phase)
{
	struct blob *text = NULL;
	bool ok = read_input(w, argument, &text);

	if (ok) {
		w->text = str_dup(&w->call->arena, blob_str(text));
		ok = go(w, phase);
	}
	blob_unref(text);
	return ok;
}

bool dhall_work_print(struct dhall_work *w, dh_val v, bool alpha)
{
	const struct dh_term *term = v.v ? dhall_quote(w->session, v, alpha) : NULL;

	if (!term)
		return false;
	dhall_print(term, &w->call->out);
	buf_c(&w->call->out, '\n');
	return true;
}

static void work_deep(void *ud)
{
	struct dhall_work *w = ud;
	struct call *c = w->call;
	struct dhall_env env = doors_env(&c->arena);
	struct dhall_world *world = dhall_world_new(&env);

	w->session = dhall_open(world, &c->diags);
	if (!go(w, w->phase) || !w->step(w))
		c->out.n = 0;
	dhall_close(w->session);
	dhall_world_free(world);
}

int dhall_work(struct call *c, size_t argument, enum dhall_phase phase, bool (*step)(struct dhall_work *))
{
	struct dhall_work w = {.call = c, .phase = phase, .step = step};
	struct blob *text = NULL;

	if (!read_input(&w, argument, &text))
		return 0;
	w.text = blob_str(text);
	pool_run_deep(work_deep, &w);
	blob_unref(text);
	return 0;
}
