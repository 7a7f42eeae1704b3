/* re.c: what the client of Remote Execution costs beside frames.c, which sends the same from messages built before.
 *
 *	bench_re grpc://HOST:PORT small COUNT SIZE    new blobs, up and down again
 *	bench_re grpc://HOST:PORT large SIZE          one new blob, up and down again; and the memory that it took
 *
 * The store lies below $TMPDIR; blobs are made and stored before the clock starts. */
#include <straylight/re.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

static struct re_client *client;
static uv_loop_t loop;

static void die(const char *what, str text)
{
	fprintf(stderr, "bench_re: %s: %.*s\n", what, STR_ARG(text));
	exit(1);
}

static void on_done(void *ud, const struct re_status *s)
{
	if (s->code != GRPC_OK)
		die(grpc_code_name(s->code), s->text);
	*(bool *)ud = true;
}

static void on_caps(void *ud, const struct re_status *s, const struct re_caps *caps)
{
	(void)caps;
	on_done(ud, s);
}

static void wait_for(bool *done)
{
	while (!*done)
		uv_run(&loop, UV_RUN_ONCE);
}

static void fill(char *p, size_t n, uint64_t *seed)
{
	for (size_t i = 0; i < n; i++) {
		*seed = *seed * 6364136223846793005u + 1442695040888963407u;
		p[i] = (char)(*seed >> 56);
	}
}

/* A line of /proc/self/status, in KiB: VmRSS now, VmHWM at the most.  (ru_maxrss counts what ran before exec, too.) */
static long memory_kb(const char *name)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	long kb = 0;

	while (f && fgets(line, sizeof line, f))
		if (str_starts(str_c(line), str_c(name)))
			kb = strtol(line + strlen(name) + 1, NULL, 10);
	if (f)
		fclose(f);
	return kb;
}

/* Made in pieces, so that the blob is never in memory. */
static struct digest make_blob(struct store *s, size_t size, uint64_t *seed)
{
	static char part[1 << 20];
	struct hasher *h = hasher_new(DIGEST_SHA256);
	uint64_t again = *seed;
	struct store_write *w;
	struct digest d;

	for (size_t at = 0, n; at < size; at += n) {
		n = size - at < sizeof part ? size - at : sizeof part;
		fill(part, n, seed);
		hasher_add(h, part, n);
	}
	hasher_end(h, &d);
	if (store_write_begin(s, &w) < 0)
		die("store", S("cannot write"));
	for (size_t at = 0, n; at < size; at += n) {
		n = size - at < sizeof part ? size - at : sizeof part;
		fill(part, n, &again);
		store_write_add(w, part, n);
	}
	if (store_write_end(w, &d) < 0)
		die("store", S("cannot write"));
	return d;
}

static struct re_client *connect_to(const char *endpoint, struct store *s, struct diags *diags)
{
	struct re_config config = {.channel.endpoint = str_c(endpoint), .no_compression = true};
	bool done = false;

	client = re_open(&loop, &config, s, diags);
	if (!client)
		die("endpoint", str_c(endpoint));
	re_capabilities(client, on_caps, &done);
	wait_for(&done);
	return client;
}

static void close_client(void)
{
	re_close(client);
	uv_run(&loop, UV_RUN_DEFAULT);
}

static double processor_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double timed(const struct digest *d, size_t n, bool up)
{
	int64_t start = os_now_ns();
	bool done = false;

	if (up)
		re_upload(client, &(struct re_need){.blobs = d, .nblobs = n}, on_done, &done);
	else
		re_fetch(client, d, n, on_done, &done);
	wait_for(&done);
	return (double)(os_now_ns() - start) / 1e9;
}

int main(int argc, char **argv)
{
	size_t count = argc > 4 ? strtoul(argv[3], NULL, 10) : 1, size = argc > 3 ? strtoul(argv[argc - 1], NULL, 10) : 0;
	uint64_t seed = (uint64_t)os_wall_ns();
	const char *tmp = getenv("TMPDIR");
	char dirs[2][256];
	struct digest *d = mem_array(struct digest, count);
	struct store *stores[2];
	struct diags diags = {0};
	double seconds[2], processor[2];
	uint64_t asks = 0;
	long before, after;

	for (int i = 0; i < 2; i++)
		snprintf(dirs[i], sizeof dirs[i], "%s/bench-re-XXXXXX", tmp ? tmp : "/tmp");
	if (argc < 4 || !mkdtemp(dirs[0]) || !mkdtemp(dirs[1]))
		die("usage", S("bench_re grpc://HOST:PORT small COUNT SIZE | large SIZE"));
	uv_loop_init(&loop);
	for (int i = 0; i < 2; i++)
		stores[i] = store_open(str_c(dirs[i]), DIGEST_SHA256, &diags);
	for (size_t i = 0; i < count; i++)
		d[i] = make_blob(stores[0], size, &seed);
	before = memory_kb("VmRSS");
	for (int i = 0; i < 2; i++) {
		connect_to(argv[1], stores[i], &diags);
		processor[i] = processor_s();
		seconds[i] = timed(d, count, i == 0);
		processor[i] = processor_s() - processor[i];
		asks += re_stats(client).find_calls;
		close_client();
	}
	after = memory_kb("VmHWM");
	printf("up %.4f s, %.1f MB/s, %.4f s of processor; down %.4f s, %.1f MB/s, %.4f s; memory above baseline %ld KiB; "
			"FindMissingBlobs %llu\n", seconds[0], (double)count * (double)size / seconds[0] / 1e6, processor[0], seconds[1],
			(double)count * (double)size / seconds[1] / 1e6, processor[1], after - before, (unsigned long long)asks);
	for (int i = 0; i < 2; i++) {
		store_close(stores[i]);
		os_remove_tree(dirs[i]);
	}
	mem_free(d);
	return 0;
}
