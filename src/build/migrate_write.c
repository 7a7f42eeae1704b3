/* What came out, on disk: every file by rename, and none when one may not be written. */
#include "migrate_run.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static bool is_unchanged(const struct job *j, struct diags *diags)
{
	struct blob *now;
	int err = os_read(j->path.p, MIGRATE_FILE_MAX, &now);
	bool same;

	if (err) {
		os_error(diags, DIAG_IO, err, "reading", j->path);
		return false;
	}
	same = str_eq(blob_str(now), j->before);
	blob_unref(now);
	if (!same)
		diag_hint(diags, diag_error(diags, DIAG_MIGRATE_CHANGED, NO_SPAN, "'%.*s' was changed while it was being rewritten",
						 STR_ARG(j->path)),
				"it was left as it is now; run the command again");
	return same;
}

static bool is_writable(const struct job *j, struct diags *diags)
{
	struct stat st;

	if (stat(j->path.p, &st) == 0 && st.st_mode & 0222 && access(j->path.p, W_OK) == 0)
		return true;
	diag_hint(diags, diag_error(diags, DIAG_MIGRATE_READ_ONLY, NO_SPAN, "'%.*s' may not be written", STR_ARG(j->path)),
			"nothing was written; give it write permission, or leave it out");
	return false;
}

/* The file itself and not a link to it, with the permissions that it has. */
static bool write_one(const struct job *j, struct diags *diags)
{
	char *real = realpath(j->path.p, NULL);
	struct stat st;
	int err = real && stat(real, &st) == 0 ? 0 : -errno;

	if (!err)
		err = os_replace(real, j->after, st.st_mode & 07777, true);
	if (err)
		os_error(diags, DIAG_IO, err, "writing", j->path);
	free(real);
	return err == 0;
}

/* Two of them may be the same. */
static bool create(struct migration *m, const struct lint_text *x)
{
	struct blob *now;
	bool same;
	int err;

	if (os_read(x->path.p, MIGRATE_FILE_MAX, &now) == 0) {
		same = str_eq(blob_str(now), x->text);
		blob_unref(now);
		if (!same)
			diag_error(m->diags, DIAG_MIGRATE_CHANGED, NO_SPAN, "'%.*s' was made while others were being rewritten",
					STR_ARG(x->path));
		return same;
	}
	err = os_mkdirs_for(x->path.p, 0777);
	err = err ? err : os_replace(x->path.p, x->text, 0666, true);
	if (err)
		os_error(m->diags, DIAG_IO, err, "writing", x->path);
	return err == 0;
}

static bool create_all(struct migration *m, const struct job *j)
{
	bool ok = true;

	for (size_t i = 0; i < j->created.n && ok; i++)
		ok = create(m, &j->created.p[i]);
	return ok;
}

static void tell_created(struct migrate_file *files, const struct lint_text *x)
{
	while (!str_eq(files->path, x->path))
		files++;
	files->written = true;
}

bool migration_write(struct migration *m, struct migrate_file *files)
{
	bool ok = true;
	size_t n = 0;

	for (size_t i = 0; i < m->jobs.n; i++)
		if (!str_eq(m->jobs.p[i]->before, m->jobs.p[i]->after))
			ok &= is_writable(m->jobs.p[i], m->diags);
	if (ok && m->q->ready)
		ok = m->q->ready(m->q->ud);
	for (size_t i = 0; i < m->jobs.n && ok; i++) {
		struct job *j = m->jobs.p[i];

		if (!j->differs)
			continue;
		ok = is_unchanged(j, m->diags) && create_all(m, j);
		if (!str_eq(j->before, j->after)) {
			ok = ok && write_one(j, m->diags);
			files[n++].written = ok;
		}
		for (size_t k = 0; k < j->created.n && ok; k++)
			tell_created(files, &j->created.p[k]);
	}
	return ok;
}
