#include <straylight/sandbox.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <uv.h>

#include "test.h"

/* A directory with what the actions get: the probe, in/a and out/. */
static struct {
	uv_loop_t loop;
	struct sandbox *sandbox;
	char dir[256], probe[300], in[300], out[300], scratch[300];
} scene;

/* Where the probe was built, or a copy that other users can read. */
static const char *probe_source(void)
{
	const char *copy = getenv("STRAYLIGHT_TEST_PROBE");

	return copy ? copy : PROBE;
}

struct outcome {
	bool done;
	enum sandbox_how how;
	int code, err;
	const char *step;
	char path[512], out[8192], err_out[8192];
	size_t out_n, err_n;
	uint64_t dropped, wall_ns, max_rss;
};

static void keep(char *to, size_t cap, str s)
{
	size_t n = s.n < cap ? s.n : cap - 1;

	memcpy(to, s.n ? s.p : "", n);
	to[n] = '\0';
}

static void on_done(void *ud, const struct sandbox_result *r)
{
	struct outcome *o = ud;

	assert_false(o->done);
	*o = (struct outcome){.done = true, .how = r->how, .code = r->code, .err = r->err, .step = r->step,
		.out_n = r->out->n, .err_n = r->err_out->n, .dropped = r->dropped,
		.wall_ns = r->wall_ns, .max_rss = r->max_rss};
	keep(o->path, sizeof o->path, r->path);
	keep(o->out, sizeof o->out, blob_str(r->out));
	keep(o->err_out, sizeof o->err_out, blob_str(r->err_out));
}

static struct sandbox_entry bind_entry(const char *source, const char *target)
{
	return (struct sandbox_entry){SANDBOX_BIND, false, str_c(source), str_c(target)};
}

/* A request for the probe with its usual places; fields may be changed before it is run. */
struct ask {
	struct sandbox_request q;
	struct sandbox_entry entries[16];
	str argv[8], env[4];
};

static void ask(struct ask *k, const char *const *words)
{
	memset(k, 0, sizeof *k);
	k->argv[k->q.argc++] = S("/probe");
	for (; *words; words++)
		k->argv[k->q.argc++] = str_c(*words);
	k->entries[0] = bind_entry(scene.probe, "/probe");
	k->entries[1] = bind_entry(scene.in, "/in");
	k->entries[2] = (struct sandbox_entry){SANDBOX_WRITABLE, false, str_c(scene.out), S("/out")};
	k->q.nentries = 3;
	k->q.entries = k->entries;
	k->q.argv = k->argv;
	k->q.env = k->env;
	k->q.cwd = S("/");
	k->q.scratch = str_c(scene.scratch);
	k->q.output_max = 1 << 16;
}

#define ASK(k, ...) ask(k, (const char *const[]){__VA_ARGS__, NULL})

static void add(struct ask *k, struct sandbox_entry e)
{
	k->entries[k->q.nentries++] = e;
}

static void until(const bool *done)
{
	while (!*done)
		uv_run(&scene.loop, UV_RUN_ONCE);
}

static struct outcome run(const struct ask *k)
{
	struct outcome o = {0};

	sandbox_run(scene.sandbox, &k->q, on_done, &o);
	assert_false(o.done);
	until(&o.done);
	return o;
}

#define RUN(...) run_words((const char *const[]){__VA_ARGS__, NULL})

static struct outcome run_words(const char *const *words)
{
	struct ask k;

	ask(&k, words);
	return run(&k);
}

static void assert_exit(const struct outcome *o, int code)
{
	if (o->how != SANDBOX_EXITED || o->code != code)
		fail_msg("how %d, code %d, step %s, path '%s', %s\n%s%s", o->how, o->code, o->step ? o->step : "-",
				o->path, strerror(o->err), o->out, o->err_out);
}

static void assert_refused(const struct outcome *o, const char *step, int err, const char *path)
{
	if (o->how != SANDBOX_REFUSED || strcmp(o->step, step) != 0 || o->err != err || strcmp(o->path, path) != 0)
		fail_msg("how %d, code %d, step %s, path '%s', %s", o->how, o->code, o->step ? o->step : "-",
				o->path, strerror(o->err));
}

static char *in_scene(const char *name)
{
	static char paths[16][600];
	static unsigned turn;
	char *path = paths[turn++ % SL_COUNT(paths)];

	snprintf(path, sizeof paths[0], "%s/%s", scene.dir, name);
	return path;
}

static void write_file(const char *path, const char *text, mode_t mode)
{
	assert_int_equal(os_replace(path, str_c(text), mode, false), 0);
}

static void assert_file(const char *path, const char *text)
{
	struct blob *b = NULL;

	assert_int_equal(os_read(path, 1 << 20, &b), 0);
	assert_str_c(blob_str(b), text);
	blob_unref(b);
}

/* Nobody holds the lock any more, or will soon: the processes that held it were killed. */
static void assert_released(const char *lock)
{
	int fd = open(lock, O_RDWR);

	assert_true(fd >= 0);
	for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; i++) {
		assert_true(i < 10000);
		usleep(1000);
	}
	close(fd);
	unlink(lock);
}

static void tells_exit_codes(void **state)
{
	struct outcome o = RUN("exit", "0");

	(void)state;
	assert_exit(&o, 0);
	assert_int_equal(o.out_n + o.err_n + o.dropped, 0);
	assert_true(o.wall_ns > 0 && o.max_rss > 0);
	o = RUN("exit", "41");
	assert_exit(&o, 41);
	o = RUN("orphans");
	assert_exit(&o, 7);
}

static void tells_signals(void **state)
{
	static const int signals[] = {SIGTERM, SIGKILL, SIGSEGV, SIGINT, SIGPIPE, SIGHUP};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(signals); i++) {
		char text[8];
		struct outcome o;

		snprintf(text, sizeof text, "%d", signals[i]);
		o = RUN("signal", text);
		assert_int_equal(o.how, SANDBOX_SIGNALED);
		assert_int_equal(o.code, signals[i]);
	}
	assert_int_equal(RUN("abort").code, SIGABRT);
}

static void gives_exactly_the_environment(void **state)
{
	struct ask k;
	struct outcome o;

	(void)state;
	setenv("LEAK", "1", 1);
	ASK(&k, "env");
	o = run(&k);
	assert_string_equal(o.out, "");
	k.env[0] = S("A=b c");
	k.env[1] = S("EMPTY=");
	k.q.nenv = 2;
	o = run(&k);
	assert_string_equal(o.out, "A=b c\nEMPTY=\n");
}

static void starts_in_the_directory(void **state)
{
	struct ask k;
	struct outcome o;

	(void)state;
	ASK(&k, "cwd");
	o = run(&k);
	assert_string_equal(o.out, "/\n");
	add(&k, (struct sandbox_entry){SANDBOX_DIR, false, S(""), S("/work/deep/er")});
	k.q.cwd = S("/work/deep");
	o = run(&k);
	assert_string_equal(o.out, "/work/deep\n");
	k.q.cwd = S("/work/other");
	o = run(&k);
	assert_refused(&o, "chdir", ENOENT, "/work/other");
	o = RUN("stdin");
	assert_exit(&o, 0);
}

static void keeps_the_outputs(void **state)
{
	struct ask k;
	struct outcome o = RUN("echo", "to out", "to err");

	(void)state;
	assert_exit(&o, 0);
	assert_string_equal(o.out, "to out");
	assert_string_equal(o.err_out, "to err");
	ASK(&k, "flood", "3000000");
	k.q.output_max = 1000;
	o = run(&k);
	assert_exit(&o, 0);
	assert_int_equal(o.out_n, 1000);
	assert_int_equal(o.err_n, 1000);
	assert_true(o.dropped >= 2 * 3000000 - 2000);
	k.q.output_max = 0;
	o = run(&k);
	assert_exit(&o, 0);
	assert_int_equal(o.out_n + o.err_n, 0);
}

static void refuses_by_name(void **state)
{
	struct ask k;
	struct outcome o;

	(void)state;
	ASK(&k, "exit", "0");
	k.argv[0] = S("/missing");
	o = run(&k);
	assert_refused(&o, "exec", ENOENT, "/missing");
	k.argv[0] = S("/in/a");
	o = run(&k);
	assert_refused(&o, "exec", EACCES, "/in/a");
	ASK(&k, "exit", "0");
	add(&k, bind_entry("/no/such/thing", "/x"));
	o = run(&k);
	assert_refused(&o, "bind", ENOENT, "/no/such/thing");
	k.entries[3] = (struct sandbox_entry){SANDBOX_COPY, false, S("/no/such/thing"), S("/x")};
	o = run(&k);
	assert_refused(&o, "copy", ENOENT, "/no/such/thing");
	k.entries[3] = (struct sandbox_entry){SANDBOX_WRITABLE, false, S("/no/such/thing"), S("/x")};
	o = run(&k);
	assert_refused(&o, "writable", ENOENT, "/no/such/thing");
	k.entries[3] = (struct sandbox_entry){SANDBOX_COPY, false, str_c(scene.probe), S("/in/x")};
	o = run(&k);
	assert_refused(&o, "copy", EROFS, "/in/x");
	k.entries[3] = (struct sandbox_entry){SANDBOX_DIR, false, S(""), S("/proc/x")};
	o = run(&k);
	assert_refused(&o, "directory", EROFS, "/proc/x");
	k.entries[3] = (struct sandbox_entry){SANDBOX_DIR, false, S(""), S("not/absolute")};
	o = run(&k);
	assert_refused(&o, "directory", EINVAL, "not/absolute");
	k.entries[3] = bind_entry(scene.in, "/");
	o = run(&k);
	assert_int_equal(o.how, SANDBOX_REFUSED);
	ASK(&k, "exit", "0");
	k.argv[1] = str_of("a\0b", 3);
	o = run(&k);
	assert_refused(&o, "request", EINVAL, "");
}

static void composes_the_root(void **state)
{
	struct ask k;
	struct outcome o;

	(void)state;
	ASK(&k, "list", "/");
	o = run(&k);
	assert_non_null(strstr(o.out, "probe\n"));
	assert_int_equal(strlen(o.out), strlen("probe\nin\nout\ndev\nproc\ntmp\n"));
	ASK(&k, "cat", "/w/x/y/copy");
	add(&k, (struct sandbox_entry){SANDBOX_COPY, false, str_c(in_scene("in/a")), S("/w/x/y/copy")});
	add(&k, (struct sandbox_entry){SANDBOX_COPY, true, str_c(scene.probe), S("/w/tool")});
	add(&k, (struct sandbox_entry){SANDBOX_SYMLINK, false, S("x/y"), S("/w/link")});
	add(&k, (struct sandbox_entry){SANDBOX_SYMLINK, false, S("/etc"), S("/w/abs")});
	add(&k, (struct sandbox_entry){SANDBOX_COPY, false, str_c(in_scene("in/a")), S("/w/link/again")});
	add(&k, bind_entry(in_scene("in/a"), "/w/file"));
	add(&k, (struct sandbox_entry){SANDBOX_DIR, false, S(""), S("/out/made/here/")});
	add(&k, (struct sandbox_entry){SANDBOX_COPY, false, str_c(in_scene("in/a")), S("/out/made/a")});
	add(&k, (struct sandbox_entry){SANDBOX_COPY, false, str_c(in_scene("in/a")), S("/tmp/a")});
	add(&k, bind_entry(scene.in, "/out/made/bound"));
	o = run(&k);
	assert_exit(&o, 0);
	assert_string_equal(o.out, "hello");
	for (size_t i = 0; i < 5; i++) {
		static const char *const paths[] = {"/w/x/y/again", "/w/file", "/out/made/a", "/tmp/a",
			"/out/made/bound/a"};

		k.argv[2] = str_c(paths[i]);
		os_remove_tree(in_scene("out/made"));
		o = run(&k);
		assert_exit(&o, 0);
		assert_string_equal(o.out, "hello");
	}
	assert_file(in_scene("out/made/a"), "hello");
	assert_int_equal(access(in_scene("out/made/here"), F_OK), 0);
	os_remove_tree(in_scene("out/made"));
	k.argv[0] = S("/w/tool");
	k.argv[1] = S("mode");
	k.argv[2] = S("/w/tool");
	o = run(&k);
	assert_string_equal(o.out, "0555\n");
	os_remove_tree(in_scene("out/made"));
	k.argv[2] = S("/w/x/y/copy");
	o = run(&k);
	assert_string_equal(o.out, "0444\n");
	os_remove_tree(in_scene("out/made"));
}

/* A link among the entries leads nowhere but into the sandbox, also while it is composed. */
static void links_do_not_lead_out(void **state)
{
	struct ask k;
	struct outcome o;
	str dir = str_c(scene.dir);

	(void)state;
	ASK(&k, "exit", "0");
	add(&k, (struct sandbox_entry){SANDBOX_SYMLINK, false, dir, S("/way")});
	add(&k, (struct sandbox_entry){SANDBOX_SYMLINK, false, S("../../../../../../.."), S("/up")});
	add(&k, (struct sandbox_entry){SANDBOX_COPY, false, str_c(scene.probe), S("/up/planted")});
	o = run(&k);
	assert_exit(&o, 0);
	add(&k, (struct sandbox_entry){SANDBOX_COPY, false, str_c(scene.probe), S("/way/planted")});
	o = run(&k);
	assert_int_equal(o.how, SANDBOX_REFUSED);
	add(&k, (struct sandbox_entry){SANDBOX_DIR, false, S(""), S("/../planted")});
	assert_int_equal(access(in_scene("planted"), F_OK), -1);
	assert_int_equal(access("/planted", F_OK), -1);
}

static void collects_what_is_written(void **state)
{
	struct outcome o = RUN("write", "/out/result", "made");

	(void)state;
	assert_exit(&o, 0);
	assert_file(in_scene("out/result"), "made");
	unlink(in_scene("out/result"));
	o = RUN("write", "/tmp/private", "gone");
	assert_exit(&o, 0);
	o = RUN("write", "/tmp/private", "gone");
	assert_exit(&o, 0);
	o = RUN("write", "/elsewhere", "no");
	assert_exit(&o, EROFS);
}

static void time_runs_out_for_all(void **state)
{
	struct ask k;
	struct outcome o;

	(void)state;
	ASK(&k, "family", "/out/lock", "stay");
	k.q.timeout_ms = 300;
	o = run(&k);
	assert_int_equal(o.how, SANDBOX_TIMEOUT);
	assert_string_equal(o.out, "ready\n");
	assert_released(in_scene("out/lock"));
	ASK(&k, "exit", "3");
	k.q.timeout_ms = 60000;
	o = run(&k);
	assert_exit(&o, 3);
}

static void the_end_is_the_end_of_all(void **state)
{
	struct outcome o = RUN("family", "/out/lock", "leave");

	(void)state;
	assert_exit(&o, 0);
	assert_released(in_scene("out/lock"));
}

/* The action has come as far as to make the file. */
static void wait_for_file(const char *path, const struct outcome *o)
{
	while (access(path, F_OK) < 0) {
		assert_false(o->done);
		uv_run(&scene.loop, UV_RUN_NOWAIT);
	}
	unlink(path);
}

static void cancels(void **state)
{
	struct ask k;
	struct outcome o = {0}, never = {0};
	uint64_t id;

	(void)state;
	ASK(&k, "family", "/out/lock", "stay", "/out/up");
	id = sandbox_run(scene.sandbox, &k.q, on_done, &o);
	wait_for_file(in_scene("out/up"), &o);
	sandbox_cancel(scene.sandbox, id);
	sandbox_cancel(scene.sandbox, id);
	sandbox_cancel(scene.sandbox, id + 1000);
	assert_false(o.done);
	until(&o.done);
	assert_int_equal(o.how, SANDBOX_CANCELLED);
	assert_string_equal(o.out, "ready\n");
	assert_released(in_scene("out/lock"));
	id = sandbox_run(scene.sandbox, &k.q, on_done, &never);
	sandbox_cancel(scene.sandbox, id);
	until(&never.done);
	assert_int_equal(never.how, SANDBOX_CANCELLED);
	unlink(in_scene("out/lock"));
	unlink(in_scene("out/up"));
}

/* A process that is being started holds copies of all descriptors until it calls exec. */
static void others_may_hold_its_pipes(void **state)
{
	struct ask k, next;
	struct outcome o = {0}, after;
	uint64_t id;
	pid_t other;

	(void)state;
	ASK(&k, "family", "/out/lock", "stay", "/out/up");
	id = sandbox_run(scene.sandbox, &k.q, on_done, &o);
	wait_for_file(in_scene("out/up"), &o);
	other = fork();
	if (other == 0) {
		pause();
		_exit(0);
	}
	assert_true(other > 0);
	sandbox_cancel(scene.sandbox, id);
	until(&o.done);
	assert_int_equal(o.how, SANDBOX_CANCELLED);
	for (int i = 0; i < 3; i++) {
		ASK(&next, "exit", "7");
		after = run(&next);
		assert_exit(&after, 7);
	}
	kill(other, SIGKILL);
	assert_int_equal(waitpid(other, NULL, 0), other);
	unlink(in_scene("out/lock"));
	unlink(in_scene("out/up"));
}

enum { MANY = 200 };

static void runs_many_at_once(void **state)
{
	static struct outcome o[MANY + 200];

	(void)state;
	memset(o, 0, sizeof o);
	for (size_t i = 0; i < SL_COUNT(o); i++) {
		char code[8];
		struct ask k;

		snprintf(code, sizeof code, "%zu", i % 100);
		ASK(&k, "exit", code);
		sandbox_run(scene.sandbox, &k.q, on_done, &o[i]);
	}
	for (size_t i = 0; i < SL_COUNT(o); i++) {
		until(&o[i].done);
		assert_exit(&o[i], (int)(i % 100));
	}
}

enum { THOUSANDS = 5000 };

static void takes_thousands_of_entries(void **state)
{
	struct sandbox_entry *entries = mem_array(struct sandbox_entry, THOUSANDS + 3);
	struct arena *a = arena_new();
	struct ask k;
	struct outcome o;

	(void)state;
	ASK(&k, "count", "/w/d7");
	memcpy(entries, k.entries, 3 * sizeof *entries);
	for (size_t i = 0; i < THOUSANDS; i++)
		entries[3 + i] = (struct sandbox_entry){i % 2 ? SANDBOX_SYMLINK : SANDBOX_COPY, false,
			str_c(scene.in), str_fmt(a, "/w/d%zu/a-name-that-is-not-short-%zu", i / 100, i)};
	for (size_t i = 0; i < THOUSANDS; i += 2)
		entries[3 + i].source = str_dup(a, str_c(in_scene("in/a")));
	k.q.entries = entries;
	k.q.nentries = THOUSANDS + 3;
	o = run(&k);
	assert_exit(&o, 0);
	assert_string_equal(o.out, "100\n");
	arena_free(a);
	mem_free(entries);
}

static void takes_many_binds(void **state)
{
	enum { BINDS = 300 };
	struct sandbox_entry *entries = mem_array(struct sandbox_entry, BINDS + 3);
	struct arena *a = arena_new();
	struct ask k;
	struct outcome o;

	(void)state;
	ASK(&k, "cat", "/w/299/a");
	memcpy(entries, k.entries, 3 * sizeof *entries);
	for (size_t i = 0; i < BINDS; i++)
		entries[3 + i] = (struct sandbox_entry){SANDBOX_BIND, false, str_c(scene.in), str_fmt(a, "/w/%zu", i)};
	k.q.entries = entries;
	k.q.nentries = BINDS + 3;
	o = run(&k);
	assert_exit(&o, 0);
	assert_string_equal(o.out, "hello");
	arena_free(a);
	mem_free(entries);
}

static bool works(const char *step)
{
	struct sandbox_probe p[SANDBOX_PROBES_MAX];
	size_t n = sandbox_probe(p);

	for (size_t i = 0; i < n; i++)
		if (strcmp(p[i].step, step) == 0)
			return p[i].err == 0;
	return false;
}

/* The attacks.  Each tells how many of its attempts were let through. */

static void attacks_fail(void **state)
{
	static const char *const words[] = {"remount", "mount", "rewrite", "root", "processes", "nodes", "nested"};
	struct stat before, after;
	bool failed = false;

	(void)state;
	assert_int_equal(stat("/dev/null", &before), 0);
	for (size_t i = 0; i < SL_COUNT(words); i++) {
		struct outcome o = RUN(words[i]);

		if (o.how != SANDBOX_EXITED || o.code != 0) {
			print_error("%s: how %d, code %d, %s\n%s", words[i], o.how, o.code,
					o.step ? o.step : "", o.out);
			failed = true;
		}
		assert_file(in_scene("in/a"), "hello");
	}
	assert_int_equal(stat("/dev/null", &after), 0);
	if (before.st_mode != after.st_mode)
		(void)!chmod("/dev/null", before.st_mode & 07777); /* the host must not suffer from a bug here */
	assert_int_equal(before.st_mode, after.st_mode);
	assert_int_equal(access(in_scene("out/a"), F_OK), -1);
	assert_false(failed);
}

static void no_user_namespace_again(void **state)
{
	struct outcome o = RUN("userns");

	(void)state;
	if (works("refuse nested user namespaces"))
		assert_exit(&o, 0);
	else
		print_message("SKIPPED: /proc/sys is read-only here, so actions may make user namespaces\n");
}

static void the_host_is_hidden(void **state)
{
	struct outcome o = RUN("hidden", scene.dir);

	(void)state;
	assert_exit(&o, 0);
}

/* A setuid program among the inputs gives nothing. */
static void no_privilege(void **state)
{
	struct ask k;
	struct outcome o;

	(void)state;
	ASK(&k, "privilege", "/suid/probe");
	os_mkdirs(in_scene("suid"), 0755);
	assert_int_equal(os_copy_file(probe_source(), in_scene("suid/probe"), 0755), 0);
	assert_int_equal(chmod(in_scene("suid/probe"), 06755), 0);
	add(&k, bind_entry(in_scene("suid"), "/suid"));
	o = run(&k);
	assert_exit(&o, 0);
}

static int listen_on(int family, void *address, socklen_t n)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, address, n), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static void sockets_of_the_host_are_out_of_reach(void **state)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	socklen_t n = sizeof in;
	char name[64], port[16];
	int tcp, local;
	struct outcome o;

	(void)state;
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	tcp = listen_on(AF_INET, &in, sizeof in);
	assert_int_equal(getsockname(tcp, (void *)&in, &n), 0);
	snprintf(port, sizeof port, "%d", ntohs(in.sin_port));
	snprintf(name, sizeof name, "straylight-test-%d", (int)getpid());
	memcpy(un.sun_path + 1, name, strlen(name));
	local = listen_on(AF_UNIX, &un, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name)));
	o = RUN("sockets", port, name);
	assert_exit(&o, 0);
	close(tcp);
	close(local);
}

static void actions_do_not_meet(void **state)
{
	struct ask k;
	struct outcome listener = {0}, o = RUN("shm", "4711", "1");
	uint64_t id;

	(void)state;
	assert_exit(&o, 0);
	o = RUN("shm", "4711", "0");
	assert_exit(&o, ENOENT);
	if (!works("landlock scope")) {
		print_message("SKIPPED in part: no Landlock scopes here, abstract sockets are shared\n");
		return;
	}
	ASK(&k, "listen", "meeting", "/out/up");
	id = sandbox_run(scene.sandbox, &k.q, on_done, &listener);
	wait_for_file(in_scene("out/up"), &listener);
	o = RUN("abstract", "meeting");
	assert_exit(&o, 0);
	sandbox_cancel(scene.sandbox, id);
	until(&listener.done);
	assert_int_equal(listener.how, SANDBOX_CANCELLED);
}

/* As in a container: /proc partly covered, so that the kernel gives no new one. */
static void in_masked_proc(void *ud)
{
	struct outcome o, listener = {0};
	struct ask k;

	(void)ud;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
			mount("tmpfs", "/proc/fs", "tmpfs", 0, NULL) < 0)
		_exit(77);
	uv_loop_init(&scene.loop);
	scene.sandbox = sandbox_new(&scene.loop);
	if (works("mount proc"))
		_exit(1);
	o = RUN("exit", "5");
	if (o.how != SANDBOX_EXITED || o.code != 5)
		_exit(2);
	o = RUN("root");
	if (o.how != SANDBOX_EXITED || o.code != 0)
		_exit(3);
	o = RUN("hidden", scene.dir);
	if (o.how != SANDBOX_EXITED || o.code != 0)
		_exit(4);
	if (works("landlock scope")) {
		ASK(&k, "listen", "meeting", "/out/up");
		sandbox_run(scene.sandbox, &k.q, on_done, &listener);
		wait_for_file(in_scene("out/up"), &listener);
	}
	o = RUN("siblings");
	sandbox_free(scene.sandbox);
	_exit(o.how == SANDBOX_EXITED && o.code == 0 ? 0 : 5);
}

static void a_masked_proc_is_enough(void **state)
{
	int code = exit_of(in_masked_proc, NULL);
	struct outcome o;

	(void)state;
	if (code == 77)
		print_message("SKIPPED: only root can mask /proc\n");
	else
		assert_int_equal(code, 0);
	o = RUN("siblings");
	assert_exit(&o, 0);
}

/* More requests than there are descriptors for: they wait. */
static void waits_for_descriptors(void **state)
{
	enum { REQUESTS = 60, SPARE = 20 };
	struct outcome o[REQUESTS] = {{0}};
	struct rlimit old, few;
	int highest = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	close(highest);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few = (struct rlimit){(rlim_t)highest + SPARE, old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	for (size_t i = 0; i < REQUESTS; i++) {
		struct ask k;

		ASK(&k, "exit", "6");
		sandbox_run(scene.sandbox, &k.q, on_done, &o[i]);
	}
	for (size_t i = 0; i < REQUESTS; i++) {
		until(&o[i].done);
		assert_exit(&o[i], 6);
	}
	setrlimit(RLIMIT_NOFILE, &old);
}

/* In a session with a terminal of its own. */
static void at_terminal(void *ud)
{
	struct outcome o = {0};
	struct ask k;
	int fd;

	setsid();
	fd = open(ud, O_RDWR);
	if (fd < 0 || ioctl(fd, TIOCSCTTY, 0) < 0)
		_exit(77);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	uv_loop_init(&scene.loop);
	scene.sandbox = sandbox_new(&scene.loop);
	ASK(&k, "terminal");
	k.q.interactive = true;
	o = run(&k);
	if (o.how != SANDBOX_EXITED || o.code != 0)
		_exit(1);
	_exit(tcgetpgrp(0) == getpgrp() ? 0 : 2);
}

static void lends_the_terminal(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	(void)state;
	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	assert_int_equal(write(master, "typed\n", 6), 6);
	assert_int_equal(exit_of(at_terminal, ptsname(master)), 0);
	close(master);
}

static void own_network_has_a_loopback(void **state)
{
	struct ask k;
	struct outcome o;

	(void)state;
	ASK(&k, "loopback");
	o = run(&k);
	assert_exit(&o, ENETUNREACH);
	k.q.own_network = true;
	o = run(&k);
	assert_exit(&o, 0);
}

static void probes(void **state)
{
	struct sandbox_probe p[SANDBOX_PROBES_MAX];
	size_t n = sandbox_probe(p);

	(void)state;
	assert_true(n > 10 && n <= SANDBOX_PROBES_MAX);
	for (size_t i = 0; i < n; i++) {
		assert_true(p[i].step[0] != '\0');
		assert_true((p[i].err == 0) == (p[i].advice == NULL));
		if (p[i].err)
			print_message("%s: %s; %s\n", p[i].step, strerror(p[i].err), p[i].advice);
	}
}

/* The caller is killed; it must take everything with it.  Its zygote keeps its standard error, whose
 * other end is ours: end of file means that nobody is left. */
static void dies_with_the_caller(enum sandbox_mode mode)
{
	char up[600], lock[600];
	int ends[2];
	pid_t victim;
	char c;
	struct ask k;
	struct outcome o = {0};

	snprintf(up, sizeof up, "%s/up", scene.out);
	snprintf(lock, sizeof lock, "%s/lock", scene.out);
	assert_int_equal(pipe(ends), 0);
	fflush(NULL);
	victim = fork();
	if (victim == 0) {
		uv_loop_t loop;
		struct sandbox *s;

		dup2(ends[1], 2);
		close(ends[0]);
		close(ends[1]);
		uv_loop_init(&loop);
		s = sandbox_new(&loop);
		if (mode == SANDBOX_ON)
			ASK(&k, "family", "/out/lock", "stay", "/out/up");
		else
			ASK(&k, "family", lock, "stay", up);
		k.q.mode = mode;
		if (mode == SANDBOX_NONE) {
			k.argv[0] = str_c(scene.probe);
			k.q.nentries = 0;
		}
		sandbox_run(s, &k.q, on_done, &o);
		while (!o.done)
			uv_run(&loop, UV_RUN_ONCE);
		_exit(1);
	}
	close(ends[1]);
	while (access(up, F_OK) < 0) {
		assert_int_equal(waitpid(victim, NULL, WNOHANG), 0);
		usleep(1000);
	}
	unlink(up);
	kill(victim, SIGKILL);
	assert_int_equal(waitpid(victim, NULL, 0), victim);
	while (read(ends[0], &c, 1) > 0)
		;
	close(ends[0]);
	assert_released(lock);
}

static void nothing_outlives_a_killed_caller(void **state)
{
	(void)state;
	dies_with_the_caller(SANDBOX_ON);
}

/* A zygote that is killed costs the running requests, not the next ones. */
static void a_lost_zygote_is_replaced(void **state)
{
	struct sandbox *s = sandbox_new(&scene.loop);
	struct outcome o = {0}, next = {0};
	char children[4096];
	struct ask k;
	FILE *f;
	long pid = 0;

	(void)state;
	ASK(&k, "family", "/out/lock", "stay", "/out/up");
	sandbox_run(s, &k.q, on_done, &o);
	wait_for_file(in_scene("out/up"), &o);
	snprintf(children, sizeof children, "/proc/self/task/%d/children", (int)getpid());
	f = fopen(children, "r");
	assert_non_null(f);
	assert_non_null(fgets(children, sizeof children, f));
	fclose(f);
	for (char *at = children, *end; *at && *at != '\n'; at = end) { /* the youngest */
		long other = strtol(at, &end, 10);

		if (end == at)
			break;
		pid = other;
	}
	assert_true(pid > 1);
	kill((pid_t)pid, SIGKILL);
	until(&o.done);
	assert_refused(&o, "start zygote", EPIPE, "");
	assert_released(in_scene("out/lock"));
	ASK(&k, "exit", "5");
	sandbox_run(s, &k.q, on_done, &next);
	until(&next.done);
	assert_exit(&next, 5);
	sandbox_free(s);
}

static void free_cancels(void **state)
{
	struct sandbox *s = sandbox_new(&scene.loop);
	struct outcome o[3] = {{0}};
	struct ask k;

	(void)state;
	ASK(&k, "family", "/out/lock", "stay", "/out/up");
	for (int i = 0; i < 3; i++)
		sandbox_run(s, &k.q, on_done, &o[i]);
	wait_for_file(in_scene("out/up"), &o[0]);
	sandbox_free(s);
	for (int i = 0; i < 3; i++) {
		assert_true(o[i].done);
		assert_int_equal(o[i].how, SANDBOX_CANCELLED);
	}
	assert_released(in_scene("out/lock"));
	unlink(in_scene("out/up"));
	s = sandbox_new(&scene.loop);
	sandbox_free(s);
}

/* Mode NONE. */

static void ask_none(struct ask *k, const char *const *words)
{
	ask(k, words);
	k->q.mode = SANDBOX_NONE;
	k->q.cwd = S("/work");
	k->argv[0] = str_c(scene.probe);
	k->entries[0] = bind_entry(scene.in, "/work/in");
	k->entries[1] = (struct sandbox_entry){SANDBOX_WRITABLE, false, str_c(scene.out), S("/work/sub/out")};
	k->entries[2] = (struct sandbox_entry){SANDBOX_COPY, false, str_c(in_scene("in/a")), S("/work/sub/copy")};
	k->entries[3] = (struct sandbox_entry){SANDBOX_DIR, false, S(""), S("/work/sub/out/made")};
	k->entries[4] = bind_entry("/usr", "/usr");
	k->q.nentries = 5;
	os_remove_tree(scene.scratch);
	os_mkdirs(scene.scratch, 0755);
}

#define ASK_NONE(k, ...) ask_none(k, (const char *const[]){__VA_ARGS__, NULL})

static void none_lays_a_directory_out(void **state)
{
	struct ask k;
	struct outcome o;

	(void)state;
	ASK_NONE(&k, "cat", "in/a");
	o = run(&k);
	assert_exit(&o, 0);
	assert_string_equal(o.out, "hello");
	assert_int_equal(rmdir(in_scene("out/made")), 0);
	ASK_NONE(&k, "cat", "sub/copy");
	o = run(&k);
	assert_exit(&o, 0);
	assert_string_equal(o.out, "hello");
	os_remove_tree(in_scene("out/made"));
	ASK_NONE(&k, "write", "sub/out/made/x", "text");
	o = run(&k);
	assert_exit(&o, 0);
	assert_file(in_scene("out/made/x"), "text");
	os_remove_tree(in_scene("out/made"));
	ASK_NONE(&k, "cwd");
	o = run(&k);
	assert_int_equal(strncmp(o.out, scene.scratch, strlen(scene.scratch)), 0);
	os_remove_tree(in_scene("out/made"));
	ASK_NONE(&k, "write", "top", "text");
	k.entries[0] = (struct sandbox_entry){SANDBOX_WRITABLE, false, str_c(scene.out), S("/work")};
	k.q.nentries = 1;
	o = run(&k);
	assert_exit(&o, 0);
	assert_file(in_scene("out/top"), "text");
	unlink(in_scene("out/top"));
	ASK_NONE(&k, "exit", "0");
	k.argv[0] = S("/missing");
	o = run(&k);
	assert_refused(&o, "exec", ENOENT, "/missing");
	os_remove_tree(in_scene("out/made"));
}

static void none_kills_all(void **state)
{
	struct ask k;
	struct outcome o = {0};
	uint64_t id;
	char up[400];

	(void)state;
	snprintf(up, sizeof up, "%s/up", scene.out);
	ASK_NONE(&k, "family", in_scene("out/lock"), "leave");
	o = run(&k);
	assert_exit(&o, 0);
	assert_released(in_scene("out/lock"));
	os_remove_tree(in_scene("out/made"));
	ASK_NONE(&k, "family", in_scene("out/lock"), "stay");
	k.q.timeout_ms = 300;
	o = run(&k);
	assert_int_equal(o.how, SANDBOX_TIMEOUT);
	assert_released(in_scene("out/lock"));
	os_remove_tree(in_scene("out/made"));
	ASK_NONE(&k, "family", in_scene("out/lock"), "stay", up);
	o = (struct outcome){0};
	id = sandbox_run(scene.sandbox, &k.q, on_done, &o);
	wait_for_file(up, &o);
	sandbox_cancel(scene.sandbox, id);
	until(&o.done);
	assert_int_equal(o.how, SANDBOX_CANCELLED);
	assert_released(in_scene("out/lock"));
	os_remove_tree(in_scene("out/made"));
	dies_with_the_caller(SANDBOX_NONE);
}

static int set_scene(void **state)
{
	(void)state;
	snprintf(scene.dir, sizeof scene.dir, "%s", fresh_dir());
	snprintf(scene.probe, sizeof scene.probe, "%s/probe", scene.dir);
	snprintf(scene.in, sizeof scene.in, "%s/in", scene.dir);
	snprintf(scene.out, sizeof scene.out, "%s/out", scene.dir);
	snprintf(scene.scratch, sizeof scene.scratch, "%s/scratch", scene.dir);
	os_mkdirs(scene.in, 0755);
	os_mkdirs(scene.out, 0755);
	os_mkdirs(scene.scratch, 0755);
	write_file(in_scene("in/a"), "hello", 0644);
	if (os_copy_file(probe_source(), scene.probe, 0755) != 0)
		return -1;
	uv_loop_init(&scene.loop);
	scene.sandbox = sandbox_new(&scene.loop);
	return 0;
}

static int strike_scene(void **state)
{
	(void)state;
	sandbox_free(scene.sandbox);
	uv_run(&scene.loop, UV_RUN_DEFAULT);
	os_remove_tree(scene.dir);
	return uv_loop_close(&scene.loop);
}

static const struct CMUnitTest confined[] = {
	cmocka_unit_test(tells_exit_codes),
	cmocka_unit_test(tells_signals),
	cmocka_unit_test(gives_exactly_the_environment),
	cmocka_unit_test(starts_in_the_directory),
	cmocka_unit_test(keeps_the_outputs),
	cmocka_unit_test(refuses_by_name),
	cmocka_unit_test(composes_the_root),
	cmocka_unit_test(links_do_not_lead_out),
	cmocka_unit_test(collects_what_is_written),
	cmocka_unit_test(time_runs_out_for_all),
	cmocka_unit_test(the_end_is_the_end_of_all),
	cmocka_unit_test(cancels),
	cmocka_unit_test(others_may_hold_its_pipes),
	cmocka_unit_test(runs_many_at_once),
	cmocka_unit_test(takes_thousands_of_entries),
	cmocka_unit_test(takes_many_binds),
	cmocka_unit_test(attacks_fail),
	cmocka_unit_test(no_user_namespace_again),
	cmocka_unit_test(the_host_is_hidden),
	cmocka_unit_test(no_privilege),
	cmocka_unit_test(sockets_of_the_host_are_out_of_reach),
	cmocka_unit_test(actions_do_not_meet),
	cmocka_unit_test(own_network_has_a_loopback),
	cmocka_unit_test(a_masked_proc_is_enough),
	cmocka_unit_test(waits_for_descriptors),
	cmocka_unit_test(lends_the_terminal),
	cmocka_unit_test(probes),
	cmocka_unit_test(nothing_outlives_a_killed_caller),
	cmocka_unit_test(a_lost_zygote_is_replaced),
	cmocka_unit_test(free_cancels),
};

static const struct CMUnitTest unconfined[] = {
	cmocka_unit_test(none_lays_a_directory_out),
	cmocka_unit_test(none_kills_all),
};

/* Namespaces can be had here; else says loudly what is not tested. */
static bool can_confine(void)
{
	struct sandbox_probe p[SANDBOX_PROBES_MAX];
	size_t n = sandbox_probe(p);

	for (size_t i = 0; i < n; i++)
		if (strcmp(p[i].step, "enter root") == 0 && p[i].err == 0)
			return true;
	for (size_t i = 0; i < n; i++)
		if (p[i].err)
			print_error("SKIPPED: no sandbox for uid %d: %s: %s; %s\n", (int)getuid(), p[i].step,
					strerror(p[i].err), p[i].advice);
	return false;
}

static int test_all(void)
{
	int failed = 0;

	if (can_confine())
		failed += cmocka_run_group_tests(confined, set_scene, strike_scene);
	return failed + cmocka_run_group_tests(unconfined, set_scene, strike_scene);
}

enum { NOBODY = 65534 };

static void become_nobody(void *ud)
{
	char *argv[] = {(char[]){"sandbox_test"}, NULL};

	(void)ud;
	if (setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
		_exit(98);
	execv("/proc/self/exe", argv);
	_exit(97);
}

/* Root's whole run again for a user without any privilege, with a probe that he can read. */
static int test_as_nobody(void)
{
	char dir[256], probe[300];
	int status;
	pid_t pid;

	snprintf(dir, sizeof dir, "%s", fresh_dir());
	snprintf(probe, sizeof probe, "%s/probe", dir);
	if (chmod(dir, 0755) < 0 || os_copy_file(PROBE, probe, 0755) != 0)
		return 1;
	setenv("STRAYLIGHT_TEST_PROBE", probe, 1);
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		become_nobody(NULL);
	if (waitpid(pid, &status, 0) != pid)
		status = -1;
	os_remove_tree(dir);
	return status != 0;
}

int main(int argc, char **argv)
{
	int failed;

	sandbox_zygote_hook(argc, argv);
	failed = test_all();
	if (geteuid() == 0)
		failed += test_as_nobody();
	return failed != 0;
}
