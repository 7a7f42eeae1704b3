/* What one action costs in the sandbox, beside a plain posix_spawn of the same program and, where it
 * is installed, bwrap with the same view.  Contenders run in turns; medians. */
#include <straylight/sandbox.h>

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

enum { ENTRIES_MAX = 500, ROUNDS = 101, AT_ONCE = 2, SERIES = 400 };

static struct {
	uv_loop_t loop;
	struct sandbox *sandbox;
	char dir[64], file[80];
	bool bwrap;
} bench;

static const struct row {
	const char *name;
	enum sandbox_entry_kind kind;
	size_t n;
} ROWS[] = {
	{"no entries", SANDBOX_BIND, 0},
	{"10 binds", SANDBOX_BIND, 10},
	{"500 binds", SANDBOX_BIND, 500},
	{"500 copies", SANDBOX_COPY, 500},
};

extern char **environ;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static double ms_since(int64_t begin)
{
	return (double)(os_now_ns() - begin) / 1e6;
}

static void on_done(void *ud, const struct sandbox_result *r)
{
	if (r->how != SANDBOX_EXITED || r->code != 0) {
		fprintf(stderr, "refused: %s '%.*s'\n", r->step ? r->step : "-", STR_ARG(r->path));
		exit(1);
	}
	++*(size_t *)ud;
}

/* `total` actions, `at_once` at any time. */
static void run_sandboxed(const struct row *row, size_t total, size_t at_once)
{
	static char targets[ENTRIES_MAX][32];
	struct sandbox_entry entries[ENTRIES_MAX + 1] = {{SANDBOX_BIND, false, str_c(PROBE), S("/probe")}};
	const str argv[] = {S("/probe"), S("exit"), S("0")};
	struct sandbox_request q = {.argv = argv, .argc = SL_COUNT(argv), .cwd = S("/"), .entries = entries,
		.nentries = row->n + 1};
	size_t started = 0, done = 0;

	for (size_t i = 0; i < row->n; i++) {
		snprintf(targets[i], sizeof targets[i], "/in/%zu/file", i / 50 * 1000 + i);
		entries[i + 1] = (struct sandbox_entry){row->kind, false, str_c(bench.file), str_c(targets[i])};
	}
	while (done < total) {
		while (started < total && started - done < at_once) {
			sandbox_run(bench.sandbox, &q, on_done, &done);
			started++;
		}
		uv_run(&bench.loop, UV_RUN_ONCE);
	}
}

static void spawn_and_wait(const char *const *argv)
{
	pid_t pid;
	int status;

	if (posix_spawnp(&pid, argv[0], NULL, NULL, (char **)(uintptr_t)argv, environ) != 0 || waitpid(pid, &status, 0) != pid)
		die(argv[0]);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		die(argv[0]);
}

static void run_plain(void)
{
	static const char *const argv[] = {PROBE, "exit", "0", NULL};

	spawn_and_wait(argv);
}

/* bwrap has no copies; a read-only bind of the file stands for one. */
static void run_bwrap(const struct row *row)
{
	static const char *argv[16 + 3 * ENTRIES_MAX];
	static char targets[ENTRIES_MAX][32];
	static const char *const fixed[] = {"bwrap", "--unshare-all", "--new-session", "--die-with-parent", "--proc",
		"/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--ro-bind", PROBE, "/probe"};
	size_t n = 0;

	for (size_t i = 0; i < SL_COUNT(fixed); i++)
		argv[n++] = fixed[i];
	for (size_t i = 0; i < row->n; i++) {
		snprintf(targets[i], sizeof targets[i], "/in/%zu/file", i / 50 * 1000 + i);
		argv[n++] = "--ro-bind";
		argv[n++] = bench.file;
		argv[n++] = targets[i];
	}
	argv[n++] = "/probe";
	argv[n++] = "exit";
	argv[n++] = "0";
	argv[n] = NULL;
	spawn_and_wait(argv);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof *v, by_value);
	return v[n / 2];
}

static void tell(const char *name, const char *unit, double value, const char *peer, double peer_value)
{
	printf("{\"bench\":\"sandbox\",\"case\":\"%s\",\"value\":%.4g,\"unit\":\"%s\",\"peer\":\"%s\","
	       "\"peer_value\":%.4g,\"ratio\":%.3g}\n",
			name, value, unit, peer, peer_value, value / peer_value);
	fflush(stdout);
}

static void bench_row(const struct row *row)
{
	double own[ROUNDS], plain[ROUNDS], bwrap[ROUNDS];
	double m;

	for (size_t i = 0; i < ROUNDS; i++) {
		int64_t t = os_now_ns();

		run_sandboxed(row, 1, 1);
		own[i] = ms_since(t);
		t = os_now_ns();
		run_plain();
		plain[i] = ms_since(t);
		t = os_now_ns();
		if (bench.bwrap)
			run_bwrap(row);
		bwrap[i] = ms_since(t);
	}
	m = median(own, ROUNDS);
	tell(row->name, "ms", m, "posix_spawn", median(plain, ROUNDS));
	if (bench.bwrap)
		tell(row->name, "ms", m, "bwrap", median(bwrap, ROUNDS));
}

static double series(const struct row *row, size_t at_once)
{
	int64_t t = os_now_ns();

	run_sandboxed(row, SERIES, at_once);
	return SERIES / (ms_since(t) / 1e3);
}

static void bench_rate(void)
{
	double one[5], more[5];

	for (size_t i = 0; i < SL_COUNT(one); i++) {
		one[i] = series(&ROWS[1], 1);
		more[i] = series(&ROWS[1], AT_ONCE);
	}
	tell("10 binds, 2 at once", "actions/s", median(more, SL_COUNT(more)), "1 at once",
			median(one, SL_COUNT(one)));
}

static bool has_bwrap(void)
{
	return system("bwrap --unshare-all --ro-bind / / true 2>/dev/null") == 0;
}

int main(int argc, char **argv)
{
	sandbox_zygote_hook(argc, argv);
	snprintf(bench.dir, sizeof bench.dir, "/tmp/straylight-bench-XXXXXX");
	if (!mkdtemp(bench.dir))
		die("mkdtemp");
	snprintf(bench.file, sizeof bench.file, "%s/file", bench.dir);
	if (os_copy_file("/proc/self/exe", bench.file, 0644) != 0 || truncate(bench.file, 4096) < 0)
		die(bench.file);
	bench.bwrap = has_bwrap();
	uv_loop_init(&bench.loop);
	bench.sandbox = sandbox_new(&bench.loop);
	run_sandboxed(&ROWS[0], 1, 1);
	for (size_t i = 0; i < SL_COUNT(ROWS); i++)
		bench_row(&ROWS[i]);
	bench_rate();
	sandbox_free(bench.sandbox);
	uv_run(&bench.loop, UV_RUN_DEFAULT);
	os_remove_tree(bench.dir);
	return 0;
}
