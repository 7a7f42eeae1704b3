#include "lint_int.h"

#include "test.h"

/* What a level reports, those above report at least as severely; permissive only notes. */
static void levels(void **state)
{
	(void)state;
	for (unsigned r = 0; r < lint_rule_count; r++) {
		assert_int_equal(strlen(lint_rules[r].severities), LINT_LEVELS);
		assert_true(lint_severity(r, LINT_PERMISSIVE) <= LINT_NOTE);
		for (unsigned l = 1; l < LINT_LEVELS; l++)
			assert_true(lint_severity(r, (enum lint_level)l) >= lint_severity(r, (enum lint_level)(l - 1)));
		assert_true(lint_severity(r, LINT_PURE_DICE) != LINT_SILENT);
	}
	assert_int_equal(lint_severity(LINT_HOST, LINT_PURE_DICE), LINT_WARNING);
	assert_int_equal(lint_level_of(S("dice-required")), LINT_DICE_REQUIRED);
	assert_int_equal(lint_level_of(S("dice")), LINT_LEVELS);
}

static const char *const fetching[] = {
	"wget -q x", "cd a && curl -O x", "A=1 B=$(curl x)", "x=\"$(curl -s x | sed s/a/b/)\"", "if true; then curl x; fi", "env -i A=1 curl x",
	"timeout 10 /usr/bin/curl x", "git -C dir clone x", "sh -c 'curl x'", "bash -ec \"cd a; wget x\"", "sudo -E apt-get -y install x",
	"python3 -m pip install x", "npm ci", "go mod download", "exec 3<>/dev/tcp/a/80", "for i in a b; do curl $i; done", "{ curl x; }",
	"find . | xargs -n 1 curl", "`curl x`", "busybox wget x", "a \\\n  && curl x", "! curl x", "cargo fetch", "pip3 download x", "\"curl\" x",
	"$(((((((((((((((((((((((((((((curl",
};
static const char *const harmless[] = {
	"echo curl", "# curl x", "make # then curl x", "./configure --with-curl=curl", "cp curl $out/bin", "command -v curl", "echo 'a; curl x'",
	"git log", "git --version", "pip install --no-index dist/*.whl", "npm ci --offline", "go build ./...", "cargo build", "curl --version",
	"mkdir -p $out/share/curl", "echo ${curl}", "rm -rf curl wget", "[ -x \"$(command -v curl)\" ]", "CURL=curl make", "echo \"a | curl b\"",
	"'", "\"", "\\", "$(", "`", "sh -c", "env", "a\\", "",
};

static void texts(void **state)
{
	(void)state;
	assert_true(lint_uses_network(S("set -e; curl -O x")));
	assert_true(lint_uses_network(S("(git clone a)")));
	assert_false(lint_uses_network(S("libcurl curl-config gitclone")));
	assert_false(lint_uses_network(S("")));
	for (size_t i = 0; i < SL_COUNT(fetching); i++)
		if (!lint_uses_network(str_c(fetching[i])))
			fail_msg("it fetches: %s", fetching[i]);
	for (size_t i = 0; i < SL_COUNT(harmless); i++)
		if (lint_uses_network(str_c(harmless[i])))
			fail_msg("it fetches nothing: %s", harmless[i]);
	assert_true(lint_names_drv(S("/x/hello.drv!out")));
	assert_false(lint_names_drv(S("hello.drvs .drv")));
	assert_true(lint_names_store(S("-I/nix/store/a/include")));
	assert_true(lint_is_shell(S("/usr/bin/bash")) && lint_is_shell(S("sh")));
	assert_false(lint_is_shell(S("fish/")) || lint_is_shell(S("shasum")));
}

/* A finding is noted once, and belongs to the innermost target around it. */
static void findings(void **state)
{
	struct lint_file f = {.path = S("/w/a.nix")};

	(void)state;
	lint_target(&f, S("outer"), 0, 100);
	lint_target(&f, S("inner"), 10, 20);
	lint_find(&f, LINT_ENV, LINT_NO_TARGET, f.path, 12, 13, "'%s'", "A");
	lint_find(&f, LINT_ENV, LINT_NO_TARGET, f.path, 12, 13, "'%s'", "A");
	lint_find(&f, LINT_ENV, LINT_NO_TARGET, f.path, 12, 13, "'%s'", "B");
	lint_find(&f, LINT_ENV, LINT_NO_TARGET, S("/w/b.nix"), 12, 13, "elsewhere");
	lint_find(&f, LINT_ENV, LINT_NO_TARGET, f.path, 30, 31, "outside");
	lint_attach(&f);
	assert_int_equal(f.findings.n, 4);
	assert_int_equal(f.findings.p[0].target, 1);
	assert_int_equal(f.findings.p[2].target, LINT_NO_TARGET);
	assert_int_equal(f.findings.p[3].target, 0);
	lint_file_clear(&f);
}

static void recorded(void **state)
{
	struct lint_file f = {.path = S("/w/BUILD.dhall")}, got = {.path = S("/v/BUILD.dhall")};
	struct buf out = {0};

	(void)state;
	lint_target(&f, S("//:a"), 1, 5);
	lint_find(&f, LINT_FLAG, 0, f.path, 2, 3, "text");
	f.findings.p[0].allowed = S("why");
	vec_push(&f.allows, ((struct lint_allow){.rules = 2, .lo = 1, .to = 7, .reason = S("because"), .used = true}));
	vec_push(&f.imports, S("/elsewhere/x.dhall"));
	lint_record(&f, S("/w"), &out);
	assert_true(lint_recall(buf_view(&out), S("/v"), &got));
	assert_str_c(got.findings.p[0].file, "/v/BUILD.dhall");
	assert_str_c(got.findings.p[0].allowed, "why");
	assert_str_c(got.imports.p[0], "/elsewhere/x.dhall");
	assert_str_c(got.allows.p[0].reason, "because");
	assert_true(got.allows.p[0].used && got.allows.p[0].to == 7);
	lint_file_clear(&got);
	got = (struct lint_file){.path = S("/v/BUILD.dhall")};
	assert_false(lint_recall(str_upto(buf_view(&out), out.n - 1), S("/v"), &got));
	lint_file_clear(&got);
	lint_file_clear(&f);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels),
		cmocka_unit_test(texts),
		cmocka_unit_test(findings),
		cmocka_unit_test(recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
