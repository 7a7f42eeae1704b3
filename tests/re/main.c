/* main.c: the test server as a program, for scripts.
 *
 *	re_server [--NAME=VALUE …]
 * Prints "grpc://127.0.0.1:PORT" when it listens, and runs until it gets SIGTERM or SIGINT, or, with --control, until
 * its standard input ends.  With --control each line there is a command, answered by one line:
 *	faults RULES | forget HASH/SIZE | forget-all | forget-results | count WHAT | put TEXT */
#include "server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum kind { TEXT, NUMBER, FLAG };

static struct re_options options;
static unsigned seed, split;
static bool control;
static const char *hpack;

static const struct {
	const char *name;
	enum kind kind;
	void *out;
	const char *help;
} table[] = {
	{"port", NUMBER, &options.port, "any free one is the default"},
	{"like", TEXT, &options.like, "straylight, casd, buildgrid, nativelink"},
	{"faults", TEXT, &options.faults, "RPC[#N[-M|+]][%P]:FAULT[=V][@N|<N][,FAULT…][;…]"},
	{"seed", NUMBER, &seed, "of what is random in faults"},
	{"store", TEXT, &options.store, "a directory for blobs and results; memory is the default"},
	{"instance", TEXT, &options.instance, "its name"},
	{"token", TEXT, &options.token, "what the authorization header must be"},
	{"read-only", FLAG, &options.read_only, "UpdateActionResult is refused"},
	{"no-execution", FLAG, &options.no_execution, "a cache alone"},
	{"bwrap", FLAG, &options.bwrap, "actions see nothing but their input root"},
	{"jobs", NUMBER, &options.jobs, "actions that run at once"},
	{"hpack", TEXT, &hpack, "nghttp2, plain, literal, never"},
	{"header-split", NUMBER, &split, "bytes of a HEADERS or CONTINUATION frame"},
	{"max-streams", NUMBER, &options.max_streams, "SETTINGS_MAX_CONCURRENT_STREAMS"},
	{"window", NUMBER, &options.window, "SETTINGS_INITIAL_WINDOW_SIZE"},
	{"max-age-ms", NUMBER, &options.max_age_ms, "connections get GOAWAY after this time"},
	{"verbose", FLAG, &options.verbose, "a line per call on standard error"},
	{"control", FLAG, &control, "commands on standard input"},
};

static bool set(str name, const char *value, size_t i)
{
	char *end;

	if (!str_eq(name, str_c(table[i].name)) || (table[i].kind == FLAG) != !value)
		return false;
	if (table[i].kind == TEXT)
		*(const char **)table[i].out = value;
	else if (table[i].kind == FLAG)
		*(bool *)table[i].out = true;
	else {
		errno = 0;
		*(unsigned *)table[i].out = (unsigned)strtoul(value, &end, 10);
		return *value && !*end && errno == 0;
	}
	return true;
}

static bool take(const char *argument)
{
	str name, value;
	bool valued;

	if (strncmp(argument, "--", 2) != 0)
		return false;
	valued = str_cut(str_c(argument + 2), '=', &name, &value);
	for (size_t i = 0; i < SL_COUNT(table); i++)
		if (set(name, valued ? value.p : NULL, i))
			return true;
	return false;
}

static int usage(void)
{
	fprintf(stderr, "usage: re_server [--NAME=VALUE …]\n");
	for (size_t i = 0; i < SL_COUNT(table); i++)
		fprintf(stderr, "  --%s%s  %s\n", table[i].name, table[i].kind == FLAG ? "" : "=", table[i].help);
	return 2;
}

static void command(struct re_server *server, str line)
{
	str word = line, rest = S("");
	struct digest d;
	char text[DIGEST_TEXT_MAX], *why;

	str_cut(line, ' ', &word, &rest);
	if (str_eq(word, S("faults"))) {
		why = re_server_faults(server, rest.p);
		printf("%s\n", why ? why : "ok");
		mem_free(why);
	} else if (str_eq(word, S("forget")) && digest_parse(rest, &d))
		printf("%s\n", re_server_forget(server, DIGEST_SHA256, &d) ? "ok" : "absent");
	else if (str_eq(word, S("count")))
		printf("%llu\n", (unsigned long long)re_server_count(server, rest.p));
	else if (str_eq(word, S("put"))) {
		d = re_server_put(server, DIGEST_SHA256, rest);
		printf("%s\n", digest_text(&d, text));
	} else if (str_eq(word, S("forget-all"))) {
		re_server_forget_all(server);
		printf("ok\n");
	} else if (str_eq(word, S("forget-results"))) {
		re_server_forget_results(server);
		printf("ok\n");
	} else
		printf("what?\n");
	fflush(stdout);
}

static void obey(struct re_server *server)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	while ((n = getline(&line, &cap, stdin)) > 0) {
		line[n - (line[n - 1] == '\n')] = '\0';
		command(server, str_c(line));
	}
	free(line);
}

int main(int argc, char **argv)
{
	struct re_server *server;
	sigset_t ends;
	char *why;
	int signal;

	for (int i = 1; i < argc; i++)
		if (!take(argv[i]))
			return usage();
	options.seed = seed;
	options.header_split = split;
	if (hpack && !re_server_hpack(str_c(hpack), &options.hpack))
		return usage();
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	if (!control)
		pthread_sigmask(SIG_BLOCK, &ends, NULL);
	server = re_server_start(&options, &why);
	if (!server) {
		fprintf(stderr, "re_server: %s\n", why);
		mem_free(why);
		return 2;
	}
	printf("grpc://127.0.0.1:%u\n", re_server_port(server));
	fflush(stdout);
	if (control)
		obey(server);
	else
		sigwait(&ends, &signal);
	re_server_stop(server);
	return 0;
}
