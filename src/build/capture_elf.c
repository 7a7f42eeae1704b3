#include "capture_int.h"

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#define HEADERS_MAX 128
#define DYNAMIC_MAX 4096 /* entries */
#define TEXT_MAX 4096
#define SCRIPT_MAX 4096  /* bytes of a linker script */

static const char *const system_dirs[] = {"/usr/lib", "/usr/lib64", "/usr/lib32", "/usr/local/lib"};

struct elf {
	int fd;
	struct found *found;
	str path, dir;
	Elf64_Ehdr head;
	Elf64_Phdr parts[HEADERS_MAX];
	uint64_t strings; /* file offset of the dynamic string table */
	VEC(uint64_t) needed;
	uint64_t rpath, runpath; /* offsets in the strings; 0: none */
};

static bool read_at(int fd, void *out, size_t n, uint64_t at)
{
	return at <= INT64_MAX && pread(fd, out, n, (off_t)at) == (ssize_t)n;
}

static str text_at(struct elf *e, uint64_t at)
{
	char text[TEXT_MAX];
	ssize_t n = at <= INT64_MAX ? pread(e->fd, text, sizeof text, (off_t)at) : -1;
	const char *end = n > 0 ? memchr(text, '\0', (size_t)n) : NULL;

	return end ? str_dup(&e->found->arena, str_of(text, (size_t)(end - text))) : (str){NULL, 0};
}

/* Where the bytes of a virtual address are in the file; 0 when they are not. */
static uint64_t offset_of(const struct elf *e, uint64_t address)
{
	for (unsigned i = 0; i < e->head.e_phnum; i++) {
		const Elf64_Phdr *p = &e->parts[i];

		if (p->p_type == PT_LOAD && address >= p->p_vaddr && address - p->p_vaddr < p->p_filesz)
			return address - p->p_vaddr + p->p_offset;
	}
	return 0;
}

static bool read_headers(struct elf *e)
{
	if (!read_at(e->fd, &e->head, sizeof e->head, 0) || memcmp(e->head.e_ident, ELFMAG, SELFMAG) != 0 ||
			e->head.e_ident[EI_CLASS] != ELFCLASS64 || e->head.e_ident[EI_DATA] != ELFDATA2LSB)
		return false;
	return e->head.e_phnum <= HEADERS_MAX && e->head.e_phentsize == sizeof *e->parts &&
			read_at(e->fd, e->parts, e->head.e_phnum * sizeof *e->parts, e->head.e_phoff);
}

static void read_dynamic(struct elf *e, const Elf64_Phdr *p)
{
	uint64_t n = p->p_filesz / sizeof(Elf64_Dyn);
	Elf64_Dyn d;

	for (uint64_t i = 0; i < n && i < DYNAMIC_MAX; i++) {
		if (!read_at(e->fd, &d, sizeof d, p->p_offset + i * sizeof d) || d.d_tag == DT_NULL)
			break;
		switch (d.d_tag) {
		case DT_NEEDED: vec_push(&e->needed, d.d_un.d_val); break;
		case DT_STRTAB: e->strings = offset_of(e, d.d_un.d_ptr); break;
		case DT_RPATH: e->rpath = d.d_un.d_val; break;
		case DT_RUNPATH: e->runpath = d.d_un.d_val; break;
		}
	}
}

/* ---- libraries ---- */

/* Of this machine's kind: a cross compiler's libraries do not run here. */
static bool is_native(const Elf64_Ehdr *h)
{
#if defined(__x86_64__)
	return h->e_machine == EM_X86_64;
#elif defined(__aarch64__)
	return h->e_machine == EM_AARCH64;
#elif defined(__riscv)
	return h->e_machine == EM_RISCV;
#else
	return true;
#endif
}

static bool is_library(struct found *f, str path)
{
	str real = found_physical(f, path);
	Elf64_Ehdr h;
	int fd = real.p ? open(real.p, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	bool ok = fd >= 0 && read_at(fd, &h, sizeof h, 0) && memcmp(h.e_ident, ELFMAG, SELFMAG) == 0 &&
			h.e_ident[EI_CLASS] == ELFCLASS64 && is_native(&h);

	if (fd >= 0)
		close(fd);
	return ok;
}

static bool add_from(struct found *f, str dir, str name)
{
	str path = str_c(os_join(&f->arena, dir, name));

	return is_library(f, path) && found_add(f, path);
}

/* "$ORIGIN/../lib:/opt/lib" */
static bool add_by_list(struct elf *e, uint64_t list, str name)
{
	static const str origins[] = {{"$ORIGIN", 7}, {"${ORIGIN}", 9}};
	str rest = text_at(e, e->strings + list), dir;
	bool more = list != 0 && rest.n != 0;

	while (more) {
		more = str_cut(rest, ':', &dir, &rest);
		for (size_t i = 0; i < SL_COUNT(origins); i++)
			if (str_starts(dir, origins[i]))
				dir = str_fmt(&e->found->arena, "%.*s%.*s", STR_ARG(e->dir),
						STR_ARG(str_from(dir, origins[i].n)));
		if (dir.n && dir.p[0] == '/' && add_from(e->found, dir, name))
			return true;
	}
	return false;
}

/* Where the loader of this machine looks without a configuration: the sandbox has none. */
static str multiarch_dir(void)
{
#if defined(__x86_64__)
	return S("/usr/lib/x86_64-linux-gnu");
#elif defined(__aarch64__)
	return S("/usr/lib/aarch64-linux-gnu");
#elif defined(__riscv)
	return S("/usr/lib/riscv64-linux-gnu");
#else
	return S("/usr/lib");
#endif
}

/* Directories of /etc/ld.so.conf.d hold for the host only, so a link leads there from where the loader
 * looks. */
static bool add_configured(struct found *f, str name)
{
	struct blob *b;
	str *files, line, rest;
	size_t n;

	if (os_list(&f->arena, "/etc/ld.so.conf.d", &files, &n) < 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		bool more = os_read(os_join(&f->arena, S("/etc/ld.so.conf.d"), files[i]), 1 << 16, &b) == 0, got = false;

		for (rest = blob_str(b); more && !got;) {
			more = str_cut(rest, '\n', &line, &rest);
			line = str_trim(line);
			got = line.n && line.p[0] == '/' && add_from(f, line, name);
			if (got)
				vec_push(&f->links, ((struct found_link){
					str_c(os_join(&f->arena, multiarch_dir(), name)),
					found_physical(f, str_c(os_join(&f->arena, line, name)))}));
		}
		blob_unref(b);
		if (got)
			return true;
	}
	return false;
}

static void add_library(struct elf *e, str name)
{
	struct found *f = e->found;

	if (memchr(name.p, '/', name.n)) {
		found_add(f, name);
		return;
	}
	if ((!e->runpath && add_by_list(e, e->rpath, name)) || add_by_list(e, e->runpath, name) ||
			add_from(f, multiarch_dir(), name))
		return;
	for (size_t i = 0; i < SL_COUNT(system_dirs); i++)
		if (add_from(f, str_c(system_dirs[i]), name))
			return;
	if (!add_configured(f, name))
		diag_hint(f->diags, diag_warning(f->diags, DIAG_TOOLCHAIN_LIBRARY, NO_SPAN,
				"'%.*s' needs '%.*s', which is not installed", STR_ARG(e->path), STR_ARG(name)),
				"what needs it will not start in the sandbox; install the package that has it");
}

static bool scan_elf(struct found *f, int fd, str path)
{
	struct elf e = {.fd = fd, .found = f, .path = path};

	if (!read_headers(&e))
		return false;
	if (!is_native(&e.head))
		return true;
	for (size_t i = path.n; i-- > 0 && !e.dir.n;)
		if (path.p[i] == '/')
			e.dir = str_upto(path, i);
	for (unsigned i = 0; i < e.head.e_phnum; i++) {
		if (e.parts[i].p_type == PT_INTERP)
			found_add(f, text_at(&e, e.parts[i].p_offset));
		else if (e.parts[i].p_type == PT_DYNAMIC)
			read_dynamic(&e, &e.parts[i]);
	}
	for (size_t i = 0; i < e.needed.n && e.strings; i++) {
		str name = text_at(&e, e.strings + e.needed.p[i]);

		if (name.n)
			add_library(&e, name);
	}
	vec_free(&e.needed);
	return true;
}

/* ---- scripts ---- */

/* "#!/bin/sh -e", "#!/usr/bin/env perl" */
static void scan_interpreter(struct found *f, str text)
{
	str line, word, rest;

	str_cut(text, '\n', &line, &rest);
	line = str_trim(str_from(line, 2));
	str_cut(line, ' ', &word, &rest);
	found_add(f, word);
	if (str_ends(word, S("/env"))) {
		str_cut(str_trim(rest), ' ', &word, &rest);
		if (word.n && word.p[0] != '-' && !memchr(word.p, '/', word.n))
			found_add(f, str_fmt(&f->arena, "/usr/bin/%.*s", STR_ARG(word)));
	}
}

static bool ends_word(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '(' || c == ')' || c == ',';
}

/* "GROUP ( /lib/x86_64-linux-gnu/libc.so.6 libgcc_s.so.1 -lgcc )": libraries that a linker script names. */
static void scan_linker_script(struct found *f, str path, str text)
{
	str dirs[2] = {{path.p, path.n}, multiarch_dir()}, word;

	if (str_find_str(text, S("GROUP")) == text.n && str_find_str(text, S("INPUT")) == text.n)
		return;
	while (dirs[0].n && dirs[0].p[dirs[0].n - 1] != '/')
		dirs[0].n--;
	for (size_t i = 0, start = 0; i <= text.n; i++) {
		if (i < text.n && !ends_word(text.p[i]))
			continue;
		word = str_of(text.p + start, i - start);
		start = i + 1;
		if (str_find_str(word, S(".so")) == word.n && !str_ends(word, S(".a")))
			continue;
		if (word.p[0] != '/')
			word = found_in(f, dirs, 2, word);
		if (word.p)
			found_add(f, word);
	}
}

static void scan_text(struct found *f, int fd, str path, bool script)
{
	char text[SCRIPT_MAX];
	ssize_t n = pread(fd, text, sizeof text, 0);

	if (n <= 0)
		return;
	if (n > 2 && text[0] == '#' && text[1] == '!')
		scan_interpreter(f, str_of(text, (size_t)n));
	else if (script && (size_t)n < sizeof text && !memchr(text, '\0', (size_t)n))
		scan_linker_script(f, path, str_dup(&f->arena, str_of(text, (size_t)n)));
}

void found_close(struct found *f)
{
	for (size_t i = 0; i < f->files.n; i++) {
		struct found_file file = f->files.p[i];
		bool script = str_ends(file.path, S(".so")) || str_ends(file.path, S(".a"));
		int fd;

		if (!file.executable && !script && str_find_str(file.path, S(".so.")) == file.path.n)
			continue;
		fd = open(file.path.p, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		if (fd < 0)
			continue; /* the store will say why */
		if (!scan_elf(f, fd, file.path))
			scan_text(f, fd, file.path, script);
		close(fd);
	}
}
