#include "drv_job.h"
#include "start_form.h"

#include <straylight/wire.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* How a derivation becomes an Action.  The input root is the builder's root: store paths at nix/store, /bin/sh and the files
 * of /etc that Nix's sandbox has, the launcher and its start file.  What the worker's host shows is named in the
 * start file, so it is part of the digest. */

extern const char launch_program[], launch_program_end[];

str job_output(struct drv_job *j, size_t i)
{
	return str_from(job_drv(j)->outputs[i].path, 1);
}

/* ---- /bin/sh ---- */

/* A program that needs no loader: then it runs where there is nothing but itself. */
static bool is_static(const char *path)
{
	Elf64_Ehdr head;
	Elf64_Phdr part;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && read(fd, &head, sizeof head) == sizeof head && memcmp(head.e_ident, ELFMAG, SELFMAG) == 0 &&
			head.e_ident[EI_CLASS] == ELFCLASS64;

	for (unsigned i = 0; ok && i < head.e_phnum; i++)
		ok = pread(fd, &part, sizeof part, (off_t)(head.e_phoff + (uint64_t)i * sizeof part)) == sizeof part &&
				part.p_type != PT_INTERP;
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool find_shell(struct drv_job *j)
{
	static const char *const places[] = {"/bin/busybox", "/usr/bin/busybox", "/usr/local/bin/busybox"};
	struct drvbuild *b = j->build;

	for (size_t i = 0; i < SL_COUNT(places) && !b->has_shell; i++)
		b->has_shell = is_static(places[i]) && store_put_file(b->store, places[i], &b->shell) == 0;
	return b->has_shell;
}

static bool shows(const struct drvbuild *b, str folder)
{
	for (size_t i = 0; i < b->options.nhost; i++)
		if (str_eq(b->options.host[i], folder))
			return true;
	return false;
}

static bool put_shell(struct drv_job *j, struct tree_builder *t)
{
	struct diag *d;

	if (shows(j->build, S("/bin")))
		return true;
	if (find_shell(j)) {
		tree_put_file(t, S("bin/sh"), &j->build->shell, true);
		return true;
	}
	if (!str_eq(job_drv(j)->builder, S("/bin/sh")))
		return true;
	d = job_error(j, DIAG_DRV_UNFIT, "the builder is '/bin/sh', and no static busybox is installed to be it");
	diag_hint(&j->diags, d, "install busybox-static, or show the host's with --host-path=/usr,/bin,/lib,/lib64");
	return false;
}

/* ---- /etc ---- */

static const struct {
	const char *path, *text;
} etc[] = {
	{"etc/passwd", "root:x:0:0:Nix build user:" DRV_TOP ":/noshell\n"
		       "nixbld:x:1000:100:Nix build user:" DRV_TOP ":/noshell\n"
		       "nobody:x:65534:65534:Nobody:/:/noshell\n"},
	{"etc/group", "root:x:0:\nnixbld:!:100:\nnogroup:x:65534:\n"},
	{"etc/hosts", "127.0.0.1 localhost\n::1 localhost\n"},
};

static int put_text(struct drv_job *j, struct tree_builder *t, str path, str text, bool executable)
{
	struct digest d;
	int err = store_put(j->build->store, text, &d);

	if (!err)
		tree_put_file(t, path, &d, executable);
	return err;
}

static int put_etc(struct drv_job *j, struct tree_builder *t)
{
	int err = 0;

	for (size_t i = 0; i < SL_COUNT(etc) && !err; i++)
		if (!shows(j->build, S("/etc")))
			err = put_text(j, t, str_c(etc[i].path), str_c(etc[i].text), false);
	return err;
}

/* ---- the root ---- */

static void put_inputs(struct drv_job *j, struct tree_builder *t)
{
	tree_put_dir(t, S("nix/store"));
	for (size_t i = 0; i < j->ninputs; i++) {
		const struct valid *v = j->inputs[i];
		str path = str_from(v->path, 1);

		switch (v->entry.kind) {
		case TREE_FILE: tree_put_file(t, path, &v->entry.digest, v->entry.executable); break;
		case TREE_DIR: tree_put_tree(t, path, v->entry.dir); break;
		case TREE_SYMLINK: tree_put_symlink(t, path, v->entry.target); break;
		}
	}
}

static int put_start(struct drv_job *j, struct tree_builder *t)
{
	struct drvbuild *b = j->build;
	struct buf start = {0};
	int err = 0;

	if (!b->has_launcher)
		err = store_put(b->store, str_of(launch_program, (size_t)(launch_program_end - launch_program)), &b->launcher);
	b->has_launcher = !err;
	tree_put_file(t, S(JOB_LAUNCH), &b->launcher, true);
	drv_start_write(&j->start, &start);
	err = err ? err : put_text(j, t, S(JOB_START), buf_view(&start), false);
	buf_free(&start);
	return err;
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

/* Platform: properties sorted by name. */
static void platform(struct buf *b, unsigned field)
{
	static const struct {
		const char *name;
		unsigned value;
	} properties[] = {{"unixGID", START_GID}, {"unixUID", START_UID}};
	size_t message = wire_begin(b, field);
	char text[16];

	for (size_t i = 0; i < SL_COUNT(properties); i++) {
		size_t one = wire_begin(b, 1);

		snprintf(text, sizeof text, "%u", properties[i].value);
		wire_str(b, 1, str_c(properties[i].name));
		wire_str(b, 2, str_c(text));
		wire_end(b, one);
	}
	wire_end(b, message);
}

/* REAPI's Command. */
static str command_message(struct drv_job *j, bool as_user)
{
	size_t n = job_drv(j)->noutputs;
	str *paths = arena_array(&j->arena, str, n);
	struct buf b = {0};

	wire_element(&b, 1, S("./" JOB_LAUNCH));
	wire_element(&b, 1, S("./" JOB_START));
	if (as_user)
		platform(&b, 5);
	for (size_t i = 0; i < n; i++)
		paths[i] = job_output(j, i);
	qsort(paths, n, sizeof *paths, by_text);
	for (size_t i = 0; i < n; i++)
		wire_element(&b, 7, paths[i]);
	return buf_take(&b, &j->arena);
}

static str action_message(struct drv_job *j, const struct digest *command, bool as_user)
{
	struct buf b = {0};

	wire_digest(&b, 1, command);
	wire_digest(&b, 2, tree_digest(j->root, store_fn(j->build->store)));
	if (as_user)
		platform(&b, 10);
	return buf_take(&b, &j->arena);
}

static int identify(struct drv_job *j, bool as_user, struct digest *action, struct digest *command)
{
	struct store *s = j->build->store;
	int err = store_put(s, command_message(j, as_user), command);

	return err ? err : store_put(s, action_message(j, command, as_user), action);
}

bool job_as_user(struct drv_job *j, struct digest *action, struct digest *command)
{
	int err = identify(j, true, action, command);

	if (err)
		os_error(&j->diags, DIAG_IO, err, "storing what is needed by", j->node->path);
	return !err;
}

bool job_root(struct drv_job *j)
{
	struct tree_builder *t = tree_builder_new();
	bool ok = put_shell(j, t);
	str clash;
	int err;

	put_inputs(j, t);
	err = put_etc(j, t);
	err = err ? err : put_start(j, t);
	j->root = tree_builder_end(t, &j->arena, &clash);
	if (ok && !err && j->root)
		err = identify(j, false, &j->action, &j->command);
	if (err)
		os_error(&j->diags, DIAG_IO, err, "storing what is needed by", j->node->path);
	if (ok && !err && !j->root)
		job_error(j, DIAG_DRV_UNFIT, "two of its inputs stand at '%.*s'", STR_ARG(clash));
	return ok && !err && j->root;
}
