#include "disk.h"
#include "lint_int.h"

#include <straylight/hostpath.h>

static void put(struct disk *d, str file, str attr, const str *folders, size_t n)
{
	hostpath_put(d->store, file, &(struct hostpath){.attr = attr, .folders = folders, .n = n});
}

static void kept_by_attribute(void **state)
{
	static const str one[] = {{"/usr", 4}}, two[] = {{"/usr", 4}, {"/bin", 4}};
	struct disk d = disk_new();
	const struct hostpath *h;
	size_t n;

	(void)state;
	(void)hostpath_get(d.store, S("/f.nix"), &d.arena, &n);
	assert_int_equal(n, 0);
	put(&d, S("/f.nix"), S("b"), one, 1);
	put(&d, S("/f.nix"), S("a"), two, 2);
	put(&d, S("/f.nix"), S("b"), two, 2);
	put(&d, S("/g.nix"), S("c"), one, 1);
	h = hostpath_get(d.store, S("/f.nix"), &d.arena, &n);
	assert_int_equal(n, 2);
	assert_str_c(h[0].attr, "a");
	assert_int_equal(h[1].n, 2);
	assert_str_c(h[1].folders[1], "/bin");
	put(&d, S("/f.nix"), S("a"), NULL, 0);
	h = hostpath_get(d.store, S("/f.nix"), &d.arena, &n);
	assert_int_equal(n, 1);
	assert_str_c(h[0].attr, "b");
	disk_free(&d);
}

/* Lint reports it: at the target of that name, or at the beginning of the file. */
static void reported(void **state)
{
	static const str folders[] = {{"/usr", 4}, {"/bin", 4}};
	struct disk d = disk_new();
	struct lint_file f = {.path = S("/w/a.nix")};

	(void)state;
	put(&d, f.path, S("x"), folders, 2);
	put(&d, f.path, S(""), folders, 1);
	hostpath_put(d.store, f.path, &(struct hostpath){.attr = S("y"), .nix = true});
	lint_target(&f, S("//p:other"), 3, 9);
	lint_target(&f, S("//p:y"), 10, 20);
	lint_hosts(d.store, &f);
	lint_hosts_find(&f);
	assert_int_equal(f.findings.n, 3);
	assert_int_equal(lint_rules[f.findings.p[0].rule].code, DIAG_LINT_HOST_PATH);
	assert_str_c(f.findings.p[0].text, "it was built with /usr of the host in sight");
	assert_int_equal(f.findings.p[0].target, LINT_NO_TARGET);
	assert_str_c(f.findings.p[1].text, "'x' was built with /usr, /bin of the host in sight");
	assert_str_c(f.findings.p[2].text, "'y' was built by the host's Nix");
	assert_int_equal(f.findings.p[2].target, 1);
	assert_int_equal(f.findings.p[2].lo, 10);
	lint_file_clear(&f);
	disk_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(kept_by_attribute), cmocka_unit_test(reported)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
