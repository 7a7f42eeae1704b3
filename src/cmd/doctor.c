#include "cmd.h"
#include "size.h"

#include <straylight/build.h>
#include <straylight/sandbox.h>

#include <errno.h>
#include <fts.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#define DISK_LOW ((uint64_t)1 << 30)

enum state { STATE_OK, STATE_NOTE, STATE_BAD }; /* ORDER of state_words; BAD: builds cannot run */

struct check {
	const char *name;
	enum state state;
	str detail;
	str advice; /* may be empty */
};

struct doctor {
	struct call *call;
	VEC(struct check) checks;
};

static void found(struct doctor *d, const char *name, enum state state, const char *advice, const char *fmt, ...)
		SL_PRINTF(5, 6);

static void found(struct doctor *d, const char *name, enum state state, const char *advice, const char *fmt, ...)
{
	struct check c = {.name = name, .state = state, .advice = str_c(advice)};
	va_list args;

	va_start(args, fmt);
	c.detail = str_vfmt(&d->call->arena, fmt, args);
	va_end(args);
	vec_push(&d->checks, c);
}

/* ---- the machine ---- */

static void check_machine(struct doctor *d)
{
	struct arena *a = &d->call->arena;
	struct utsname u;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	if (uname(&u) == 0)
		found(d, "kernel", STATE_OK, NULL, "%s %s, %s", u.sysname, u.release, u.machine);
	found(d, "processors", STATE_OK, NULL, "%u that this process may use", os_cpus());
	found(d, "memory", STATE_OK, NULL, "%.*s, %.*s of them free",
			STR_ARG(size_text(a, page * (uint64_t)sysconf(_SC_PHYS_PAGES))),
			STR_ARG(size_text(a, page * (uint64_t)sysconf(_SC_AVPHYS_PAGES))));
}

static void check_sandbox(struct doctor *d)
{
	struct sandbox_probe probes[SANDBOX_PROBES_MAX];
	size_t n = sandbox_probe(probes);

	for (size_t i = 0; i < n; i++)
		found(d, "sandbox", probes[i].err ? STATE_BAD : STATE_OK, probes[i].advice, "%s%s%s", probes[i].step,
				probes[i].err ? ": " : "", probes[i].err ? strerror(probes[i].err) : "");
}

/* ---- the cache ---- */

struct usage {
	uint64_t bytes, files;
};

static struct usage measure(const char *dir)
{
	char *paths[] = {(char *)(uintptr_t)dir, NULL};
	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	struct usage u = {0};
	FTSENT *e;

	while (walk && (e = fts_read(walk)))
		if (e->fts_info == FTS_F) {
			u.files++;
			/* names of one file share its blocks */
			u.bytes += (uint64_t)e->fts_statp->st_blocks * 512 / (uint64_t)e->fts_statp->st_nlink;
		}
	if (walk)
		fts_close(walk);
	return u;
}

static bool is_writable(struct doctor *d, const char *dir, int *err)
{
	struct arena *a = &d->call->arena;
	const char *file = str_fmt(a, "%s/.doctor-%ld", dir, (long)getpid()).p;

	*err = os_mkdirs(dir, 0755);
	if (!*err)
		*err = os_replace(file, S("ok"), 0644, false);
	if (!*err)
		unlink(file);
	return *err == 0;
}

static void check_cache(struct doctor *d)
{
	struct arena *a = &d->call->arena;
	const char *dir = os_cache_dir(a);
	struct statvfs fs;
	struct usage u;
	int err;

	if (!dir) {
		found(d, "cache", STATE_BAD, "set XDG_CACHE_HOME or HOME", "there is no place for it");
		return;
	}
	if (!is_writable(d, dir, &err)) {
		found(d, "cache", STATE_BAD, "make it writable, or point XDG_CACHE_HOME to another place",
				"'%s' cannot be written: %s", dir, strerror(-err));
		return;
	}
	u = measure(dir);
	found(d, "cache", STATE_OK, NULL, "'%s' holds %.*s in %llu files", dir, STR_ARG(size_text(a, u.bytes)),
			(unsigned long long)u.files);
	if (statvfs(dir, &fs) == 0) {
		uint64_t room = (uint64_t)fs.f_bavail * fs.f_frsize;
		bool low = room < DISK_LOW;

		found(d, "disk", low ? STATE_NOTE : STATE_OK, low ? "builds stop when the disk is full; free some space"
								   : NULL,
				"%.*s free where the cache is", STR_ARG(size_text(a, room)));
	}
}

/* ---- the workspace ---- */

static void check_workspace(struct doctor *d)
{
	struct call *c = d->call;
	const char *dir = call_dir(c);
	struct diags none = {0};
	str root, here, *names;
	size_t n = 0;

	if (!dir)
		return;
	if (!build_find(str_c(dir), &c->arena, &root, &here, &none)) {
		found(d, "workspace", STATE_NOTE, "`straylight init` begins one", "none here or above");
		diags_free(&none);
		return;
	}
	found(d, "workspace", STATE_OK, NULL, "'%.*s'", STR_ARG(root));
	if (os_list(&c->arena, os_join(&c->arena, root, S(".straylight/toolchains")), &names, &n) || !n)
		found(d, "toolchains", STATE_NOTE, "the first build that needs one captures it; `straylight toolchain capture` "
						   "does it now",
				"none of the host's is captured yet");
	else
		found(d, "toolchains", STATE_OK, NULL, "%zu of the host's captured", n);
}

/* ---- the report ---- */

static const char *const state_words[] = {"ok", "note", "bad"};

static void report_text(const struct doctor *d, struct buf *out)
{
	for (size_t i = 0; i < d->checks.n; i++) {
		const struct check *c = &d->checks.p[i];

		buf_fmt(out, "%-4s  %-10s  %.*s\n", state_words[c->state], c->name, STR_ARG(c->detail));
		if (c->advice.n)
			buf_fmt(out, "%18s%.*s\n", "", STR_ARG(c->advice));
	}
}

static void report_json(const struct doctor *d, bool usable, struct buf *out)
{
	struct json j = json_to(out);

	json_object(&j);
	json_key(&j, "can_build");
	json_bool(&j, usable);
	json_key(&j, "checks");
	json_array(&j);
	for (size_t i = 0; i < d->checks.n; i++) {
		const struct check *c = &d->checks.p[i];

		json_object(&j);
		json_key(&j, "name");
		json_c(&j, c->name);
		json_key(&j, "state");
		json_c(&j, state_words[c->state]);
		json_member_str(&j, "detail", c->detail);
		if (c->advice.n) {
			json_member_str(&j, "advice", c->advice);
		}
		json_end(&j, '}');
	}
	json_end(&j, ']');
	json_end(&j, '}');
	buf_c(out, '\n');
}

static int run(struct call *c)
{
	struct doctor d = {.call = c};
	bool usable = true;

	check_machine(&d);
	check_sandbox(&d);
	check_cache(&d);
	check_workspace(&d);
	for (size_t i = 0; i < d.checks.n; i++)
		usable = usable && d.checks.p[i].state != STATE_BAD;
	if (c->common.json)
		report_json(&d, usable, &c->out);
	else
		report_text(&d, &c->out);
	vec_free(&d.checks);
	return usable ? 0 : BLAME_INFRA;
}

const struct command cmd_doctor = {
	.name = "doctor",
	.usage = "",
	.summary = "say what this machine can do",
	.about = "Tries, step by step, what the sandbox needs; looks at the cache, the disk and the workspace. Ends with 3 "
		 "when builds cannot run here, and says what to do about it.",
	.section = SECTION_OTHER,
	.run = run,
};
