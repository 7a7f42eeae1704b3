/* The nix commands that need no expression: trees as NAR. */
#include "cmd.h"

#include <straylight/nar.h>
#include <straylight/nixhash.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define PART ((size_t)256 << 10)

static const char *path_of(struct call *c)
{
	return str_dup(&c->arena, c->arguments.args[0]).p;
}

/* ---- nix hash ---- */

struct hash_args {
	bool base16, base32, base64, sri, flat;
	int type; /* ORDER of hash_types */
};

static const enum nix_algo hash_types[] = {NIX_SHA256, NIX_SHA512, NIX_SHA1, NIX_MD5};

struct hashing {
	struct nix_hasher *hasher;
	uint64_t size;
};

static bool add(void *ud, str bytes)
{
	struct hashing *h = ud;

	nix_hasher_add(h->hasher, bytes.p, bytes.n);
	h->size += bytes.n;
	return true;
}

/* Everything that can be read from a descriptor goes to the function; 0 or -errno. */
static int read_all(int fd, bool (*to)(void *ud, str bytes), void *ud)
{
	char *part = mem_alloc(PART);
	ssize_t n;
	int err = 0;

	while (err == 0 && (n = read(fd, part, PART)) != 0) {
		if (n < 0)
			err = errno == EINTR ? 0 : -errno;
		else if (!to(ud, str_of(part, (size_t)n)))
			break;
	}
	mem_free(part);
	return err;
}

static bool hash_flat(const char *path, struct hashing *h, struct diags *diags)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err = fd < 0 ? -errno : read_all(fd, add, h);

	if (fd >= 0)
		close(fd);
	if (err < 0)
		os_error(diags, DIAG_NAR_FILE, err, "reading", str_c(path));
	return err == 0;
}

static enum nix_base base_of(const struct hash_args *a)
{
	return a->base16 ? NIX_BASE16 : a->base32 ? NIX_BASE32 : a->base64 ? NIX_BASE64 : NIX_SRI;
}

static void print_hash(struct call *c, const char *path, const struct nix_hash *hash, uint64_t size)
{
	const struct hash_args *a = c->options;
	str text = nix_hash_str(&c->arena, hash, base_of(a), false);
	struct json j = json_to(&c->out);

	if (!c->common.json) {
		buf_fmt(&c->out, "%.*s\n", STR_ARG(text));
		return;
	}
	json_object(&j);
	json_key(&j, "path");
	json_c(&j, path);
	json_member_str(&j, "hash", text);
	json_key(&j, a->flat ? "size" : "narSize");
	json_int(&j, (int64_t)size);
	json_end(&j, '}');
	buf_c(&c->out, '\n');
}

static int run_hash(struct call *c)
{
	const struct hash_args *a = c->options;
	const char *path = path_of(c);
	struct hashing h = {0};
	struct nix_hash hash;
	struct stat st;
	bool ok;

	if (a->base16 + a->base32 + a->base64 + a->sri > 1) {
		call_usage(c, "only one of --base16, --base32, --base64 and --sri can be given");
		return 0;
	}
	if (lstat(path, &st)) {
		os_error(&c->diags, DIAG_USAGE, errno, "reading", str_c(path));
		return 0;
	}
	h.hasher = nix_hasher_new(hash_types[a->type]);
	ok = a->flat ? hash_flat(path, &h, &c->diags) : nar_dump(path, add, &h, &c->diags);
	nix_hasher_end(h.hasher, &hash);
	if (ok)
		print_hash(c, path, &hash, h.size);
	return 0;
}

static const struct option hash_options[] = {
	CHOICE(struct hash_args, type, 0, "type", "sha256|sha512|sha1|md5", "the hash function (default: sha256)"),
	FLAG(struct hash_args, sri, 0, "sri", "print it as SRI, as in sha256-… (the default)"),
	FLAG(struct hash_args, base32, 0, "base32", "print it in base 32, as in store paths"),
	FLAG(struct hash_args, base16, 0, "base16", "print it in base 16"),
	FLAG(struct hash_args, base64, 0, "base64", "print it in base 64"),
	FLAG(struct hash_args, flat, 0, "flat", "of the bytes of a file instead of its NAR"),
};

const struct command cmd_nix_hash = {
	.name = "nix hash",
	.usage = "PATH",
	.summary = "print the NAR hash of a file or folder",
	.about = "Prints the hash of the NAR of what is at PATH: the hash by which Nix knows a tree. A NAR holds names, "
		 "contents, links and whether a file can be executed; no times, no owners.",
	.section = SECTION_LANGUAGE,
	.min = 1,
	.max = 1,
	.options = hash_options,
	.noptions = SL_COUNT(hash_options),
	.size = sizeof(struct hash_args),
	.run = run_hash,
};

/* ---- nix dump ---- */

static bool write_out(void *ud, str bytes)
{
	int *err = ud;

	*err = os_write_all(STDOUT_FILENO, bytes.p, bytes.n);
	return *err == 0;
}

static int run_dump(struct call *c)
{
	int err = 0;

	if (!nar_dump(path_of(c), write_out, &err, &c->diags) && err < 0)
		os_error(&c->diags, DIAG_IO, err, "writing to", S("standard output"));
	return 0;
}

const struct command cmd_nix_dump = {
	.name = "nix dump",
	.usage = "PATH",
	.summary = "write a file or folder to standard output as NAR",
	.about = "Writes the NAR of what is at PATH: one stream of bytes that holds names, contents, links and whether a file can be "
		 "executed. `straylight nix restore` is its inverse.",
	.section = SECTION_LANGUAGE,
	.min = 1,
	.max = 1,
	.run = run_dump,
};

/* ---- nix restore ---- */

static bool feed(void *ud, str bytes)
{
	return nar_reader_feed(ud, bytes);
}

static int run_restore(struct call *c)
{
	struct nar_visitor *v = nar_restorer_new(path_of(c), &c->diags);
	struct nar_reader *r = nar_reader_new(v, S("(stdin)"), &c->diags);
	int err = read_all(STDIN_FILENO, feed, r);

	if (err < 0)
		os_error(&c->diags, DIAG_IO, err, "reading", S("standard input"));
	nar_restorer_end(v, nar_reader_end(r) && err == 0);
	return 0;
}

const struct command cmd_nix_restore = {
	.name = "nix restore",
	.usage = "PATH",
	.summary = "make files from the NAR on standard input",
	.about = "Reads a NAR and makes what it holds at PATH, which must not exist. An archive that is not exactly as Nix "
		 "would write it is refused, and then nothing is left at PATH.",
	.section = SECTION_LANGUAGE,
	.min = 1,
	.max = 1,
	.run = run_restore,
};
