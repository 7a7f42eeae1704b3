#include "../test.h"
#include "analysis.h"
#include "record.h"

/* ---- a package with every alternative ---- */

static const str texts[] = {{"-O2", 3}, {"", 0}, {"t\xc3\xa4xt\0x", 7}};
static const str paths[] = {{"a.c", 3}, {"sub/b.c", 7}};

static sym labels[3]; /* //lib:a, //lib:b, //p:gen: in order of their texts */

static const struct piece *pieces(void)
{
	static struct piece p[7];

	p[0] = (struct piece){.kind = PIECE_TEXT, .text = S("-c")};
	p[1] = (struct piece){.kind = PIECE_SOURCE, .text = S("a.c")};
	p[2] = (struct piece){.kind = PIECE_SOURCE, .text = S(":gen"), .label = labels[2]};
	p[3] = (struct piece){.kind = PIECE_OUTPUT, .text = S("a.o")};
	p[4] = (struct piece){.kind = PIECE_TOOL, .toolchain = intern_c("cxx"), .text = S("cc")};
	p[5] = (struct piece){.kind = PIECE_PACKAGE};
	p[6] = (struct piece){.kind = PIECE_OUTPUTS};
	return p;
}

static struct provided provided(bool transitive)
{
	return (struct provided){.name = intern_c("headers"), .deps = labels, .ndeps = 2, .transitive = transitive};
}

static const struct arg *args(void)
{
	static struct arg plain[2], a[5];

	plain[0] = (struct arg){.kind = ARG_WORD, .word = {pieces(), 1}};
	plain[1] = (struct arg){.kind = ARG_FLAGS, .toolchain = intern_c("cxx"), .category = S("compile")};
	a[0] = (struct arg){.kind = ARG_WORD, .word = {pieces(), 7}};
	a[1] = plain[1];
	a[2] = (struct arg){.kind = ARG_PROVIDED, .provided = provided(true), .flag = S("-I"), .prefix = S("")};
	a[3] = (struct arg){.kind = ARG_PROVIDED, .provided = provided(false), .prefix = S("-I")};
	a[4] = (struct arg){
		.kind = ARG_WHEN, .file = pieces()[1], .suffixes = texts, .nsuffixes = 3, .args = plain, .nargs = 2};
	return a;
}

static const struct input *inputs(void)
{
	static struct input in[4];

	in[0] = (struct input){.kind = INPUT_SOURCE, .text = S("a.c")};
	in[1] = (struct input){.kind = INPUT_SOURCE, .text = S("//lib:a"), .label = labels[0]};
	in[2] = (struct input){.kind = INPUT_OUTPUT, .text = S("a.o")};
	in[3] = (struct input){.kind = INPUT_PROVIDED, .provided = provided(true)};
	return in;
}

static const struct step *steps(void)
{
	static struct env_word env[2];
	static struct coeffect coeffects[5];
	static sym words[2];
	static struct step s[9];

	env[0] = (struct env_word){S("LANG"), {pieces(), 1}};
	env[1] = (struct env_word){S("EMPTY"), {NULL, 0}};
	words[0] = intern_c("cxx");
	words[1] = intern_c("userland");
	for (unsigned i = 0; i < SL_COUNT(coeffects); i++)
		coeffects[i].resource = (enum resource)i;
	coeffects[RESOURCE_AUTH].detail = S("token");
	coeffects[RESOURCE_FILESYSTEM].detail = S("");
	s[8] = (struct step){
		.category = CATEGORY_COMPILE, .identifier = S("a"), .command = args(), .ncommand = 5, .env = env, .nenv = 2,
		.inputs = inputs(), .ninputs = 4, .headers = inputs(), .nheaders = 2, .outputs = paths, .noutputs = 2,
		.directories = texts, .ndirectories = 1, .toolchains = words, .ntoolchains = 2, .coeffects = coeffects,
		.ncoeffects = 5, .out_file = S("out"), .depfile = S("a.d"), .timeout_s = UINT32_MAX,
	};
	for (unsigned i = 0; i < 8; i++)
		s[i] = (struct step){.category = (enum category)i, .identifier = S("")};
	s[CATEGORY_CUSTOM].custom = S("lint");
	return s;
}

static const struct act *acts(void)
{
	static struct tree_item items[2], sources[1];
	static struct act a[8];

	items[0] = (struct tree_item){S("bin/x"), inputs()[0]};
	items[1] = (struct tree_item){S(""), inputs()[1]};
	a[ACT_STEP] = (struct act){.kind = ACT_STEP, .step = steps()[8]};
	a[ACT_WRITE] = (struct act){
		.kind = ACT_WRITE, .output = S("w"), .content = {pieces(), 3}, .executable = true};
	a[ACT_COPY] = (struct act){.kind = ACT_COPY, .output = S("c"), .from = inputs()[2]};
	a[ACT_SYMLINK] = (struct act){.kind = ACT_SYMLINK, .output = S("l"), .target = S("../x")};
	a[ACT_TREE] = (struct act){.kind = ACT_TREE, .output = S("t"), .items = items, .nitems = 2};
	a[ACT_ARTIFACT] = (struct act){.kind = ACT_ARTIFACT, .output = S("f"), .target = S("00/0")};
	sources[0] = (struct tree_item){.from = inputs()[1]};
	a[ACT_SOURCES] = (struct act){.kind = ACT_SOURCES, .output = S("s"), .items = sources, .nitems = 1};
	a[ACT_FETCH] = (struct act){.kind = ACT_FETCH, .output = S("h"), .target = S("sha256-"), .urls = texts, .nurls = 2,
		.unpack = true, .strip = S("top"), .executable = true};
	return a;
}

static const struct toolchain_choice *toolchains(void)
{
	static const struct named_text tools[] = {{{"cc", 2}, {"/usr/bin/cc", 11}}};
	static const struct flag_list flags[] = {{{"compile", 7}, texts, 3}, {{"link", 4}, NULL, 0}};
	static struct bytes bytes[4];
	static struct toolchain_choice t[2];

	bytes[0] = (struct bytes){
		.kind = BYTES_HOST, .compilers = texts, .ncompilers = 1, .languages = texts, .nlanguages = 2,
		.packages = texts, .npackages = 3, .programs = paths, .nprograms = 2};
	bytes[1] = (struct bytes){.kind = BYTES_TREE, .where = S("00/0")};
	bytes[2] = (struct bytes){.kind = BYTES_NIX, .where = S("nixpkgs#gcc")};
	bytes[3] = (struct bytes){.kind = BYTES_PINNED, .where = S("00/1"), .compilers = texts, .ncompilers = 2,
		.programs = paths, .nprograms = 1};
	t[0] = (struct toolchain_choice){intern_c("cxx"), {S("gcc"), bytes, 4, tools, flags, tools, 1, 2, 1}};
	t[1] = (struct toolchain_choice){intern_c("none"), {.name = S("")}};
	return t;
}

static struct package whole(uint32_t file)
{
	static struct provide provides[2];
	static struct word words[2];
	static struct target t[4];

	labels[0] = intern_c("//lib:a");
	labels[1] = intern_c("//lib:b");
	labels[2] = intern_c("//p:gen");
	words[0] = (struct word){pieces(), 2};
	words[1] = (struct word){NULL, 0};
	provides[0] = (struct provide){intern_c("headers"), words, labels, 2, 2};
	provides[1] = (struct provide){intern_c(""), NULL, NULL, 0, 0};
	t[0] = (struct target){
		.name = S("all-of-it"), .field = S("field"), .span = {file, 3, 1 << 20}, .visibility = VISIBLE_TARGETS,
		.visible_to = texts, .nvisible_to = 2, .labels = texts, .nlabels = 3, .sources = paths, .nsources = 2,
		.needs = labels, .nneeds = 3,
		.analysis = {
			.acts = acts(), .nacts = 8, .tests = steps(), .ntests = 8, .provides = provides, .nprovides = 2,
			.outputs = paths, .noutputs = 2, .exports = inputs(), .nexports = 3, .forwards = labels, .nforwards = 1,
			.suite = labels, .nsuite = 2, .deps = labels, .ndeps = 3, .toolchains = toolchains(), .ntoolchains = 2,
			.executable = S("bin/x"),
		},
	};
	t[1] = (struct target){
		.name = S("b"), .field = S(""), .visibility = VISIBLE_PUBLIC, .analysis.executable = S("")};
	t[2] = (struct target){.name = S("c"), .field = S("c"), .visibility = VISIBLE_PRIVATE, .span = {file, 0, 0}};
	t[3] = (struct target){.name = S("d"), .field = S("d"), .visibility = VISIBLE_PACKAGE};
	return (struct package){.targets = t, .ntargets = 4};
}

/* ---- the same value, written independently of the walk that is tested ---- */

static void same_text(str got, str want)
{
	assert_str(got, want);
	assert_int_equal(got.p != NULL, want.p != NULL);
}

static void same_texts(const str *got, uint32_t n, const str *want, uint32_t m)
{
	assert_int_equal(n, m);
	for (uint32_t i = 0; i < n; i++)
		assert_str(got[i], want[i]);
}

static void same_syms(const sym *got, uint32_t n, const sym *want, uint32_t m)
{
	assert_int_equal(n, m);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(got[i], want[i]);
}

#define EACH(got, want, list, n, same)                                  \
	do {                                                            \
		assert_int_equal((got)->n, (want)->n);                  \
		for (uint32_t i_ = 0; i_ < (want)->n; i_++)             \
			same(&(got)->list[i_], &(want)->list[i_]);      \
	} while (0)
#define TEXTS(got, want, list, n) same_texts((got)->list, (got)->n, (want)->list, (want)->n)
#define SYMS(got, want, list, n) same_syms((got)->list, (got)->n, (want)->list, (want)->n)

static void same_piece(const struct piece *got, const struct piece *want)
{
	assert_int_equal(got->kind, want->kind);
	assert_int_equal(got->label, want->label);
	assert_int_equal(got->toolchain, want->toolchain);
	assert_str(got->text, want->text);
}

static void same_word(const struct word *got, const struct word *want)
{
	EACH(got, want, pieces, n, same_piece);
}

static void same_provided(const struct provided *got, const struct provided *want)
{
	assert_int_equal(got->name, want->name);
	assert_int_equal(got->transitive, want->transitive);
	SYMS(got, want, deps, ndeps);
}

static void same_arg(const struct arg *got, const struct arg *want)
{
	assert_int_equal(got->kind, want->kind);
	switch (want->kind) {
	case ARG_WORD: same_word(&got->word, &want->word); break;
	case ARG_FLAGS:
		assert_int_equal(got->toolchain, want->toolchain);
		assert_str(got->category, want->category);
		break;
	case ARG_PROVIDED:
		same_provided(&got->provided, &want->provided);
		same_text(got->flag, want->flag);
		assert_str(got->prefix, want->prefix);
		break;
	case ARG_WHEN:
		same_piece(&got->file, &want->file);
		TEXTS(got, want, suffixes, nsuffixes);
		EACH(got, want, args, nargs, same_arg);
		break;
	}
}

static void same_input(const struct input *got, const struct input *want)
{
	assert_int_equal(got->kind, want->kind);
	assert_int_equal(got->label, want->label);
	assert_str(got->text, want->text);
	same_provided(&got->provided, &want->provided);
}

static void same_env(const struct env_word *got, const struct env_word *want)
{
	assert_str(got->name, want->name);
	same_word(&got->value, &want->value);
}

static void same_coeffect(const struct coeffect *got, const struct coeffect *want)
{
	assert_int_equal(got->resource, want->resource);
	same_text(got->detail, want->detail);
}

static void same_step(const struct step *got, const struct step *want)
{
	assert_int_equal(got->category, want->category);
	same_text(got->custom, want->custom);
	assert_str(got->identifier, want->identifier);
	EACH(got, want, command, ncommand, same_arg);
	EACH(got, want, env, nenv, same_env);
	EACH(got, want, inputs, ninputs, same_input);
	EACH(got, want, headers, nheaders, same_input);
	TEXTS(got, want, outputs, noutputs);
	TEXTS(got, want, directories, ndirectories);
	SYMS(got, want, toolchains, ntoolchains);
	EACH(got, want, coeffects, ncoeffects, same_coeffect);
	same_text(got->out_file, want->out_file);
	same_text(got->depfile, want->depfile);
	assert_int_equal(got->timeout_s, want->timeout_s);
}

static void same_item(const struct tree_item *got, const struct tree_item *want)
{
	assert_str(got->path, want->path);
	same_input(&got->from, &want->from);
}

static void same_act(const struct act *got, const struct act *want)
{
	assert_int_equal(got->kind, want->kind);
	same_step(&got->step, &want->step);
	assert_str(got->output, want->output);
	same_word(&got->content, &want->content);
	assert_int_equal(got->executable, want->executable);
	same_input(&got->from, &want->from);
	assert_str(got->target, want->target);
	EACH(got, want, items, nitems, same_item);
	TEXTS(got, want, urls, nurls);
	assert_int_equal(got->unpack, want->unpack);
	same_text(got->strip, want->strip);
}

static void same_provide(const struct provide *got, const struct provide *want)
{
	assert_int_equal(got->name, want->name);
	EACH(got, want, words, nwords, same_word);
	SYMS(got, want, from, nfrom);
}

static void same_named(const struct named_text *got, const struct named_text *want)
{
	assert_str(got->name, want->name);
	assert_str(got->value, want->value);
}

static void same_flags(const struct flag_list *got, const struct flag_list *want)
{
	assert_str(got->category, want->category);
	TEXTS(got, want, flags, n);
}

static void same_bytes(const struct bytes *got, const struct bytes *want)
{
	assert_int_equal(got->kind, want->kind);
	assert_str(got->where, want->where);
	TEXTS(got, want, compilers, ncompilers);
	TEXTS(got, want, languages, nlanguages);
	TEXTS(got, want, packages, npackages);
	TEXTS(got, want, programs, nprograms);
}

static void same_choice(const struct toolchain_choice *got, const struct toolchain_choice *want)
{
	assert_int_equal(got->word, want->word);
	assert_str(got->rendered.name, want->rendered.name);
	EACH(&got->rendered, &want->rendered, bytes, nbytes, same_bytes);
	EACH(&got->rendered, &want->rendered, tools, ntools, same_named);
	EACH(&got->rendered, &want->rendered, flags, nflags, same_flags);
	EACH(&got->rendered, &want->rendered, env, nenv, same_named);
}

static void same_analysis(const struct analysis *got, const struct analysis *want)
{
	EACH(got, want, acts, nacts, same_act);
	EACH(got, want, tests, ntests, same_step);
	EACH(got, want, provides, nprovides, same_provide);
	TEXTS(got, want, outputs, noutputs);
	EACH(got, want, exports, nexports, same_input);
	SYMS(got, want, forwards, nforwards);
	SYMS(got, want, suite, nsuite);
	SYMS(got, want, deps, ndeps);
	EACH(got, want, toolchains, ntoolchains, same_choice);
	same_text(got->executable, want->executable);
}

static void same_target(const struct target *got, const struct target *want)
{
	assert_str(got->name, want->name);
	assert_str(got->field, want->field);
	assert_int_equal(got->span.file, want->span.file);
	assert_int_equal(got->span.lo, want->span.lo);
	assert_int_equal(got->span.hi, want->span.hi);
	assert_int_equal(got->visibility, want->visibility);
	TEXTS(got, want, visible_to, nvisible_to);
	TEXTS(got, want, labels, nlabels);
	TEXTS(got, want, sources, nsources);
	SYMS(got, want, needs, nneeds);
	same_analysis(&got->analysis, &want->analysis);
}

/* ---- tests ---- */

static void there_and_back(void **state)
{
	struct package p = whole(7), *got;
	struct buf bytes = {0}, again = {0};

	(void)state;
	record_package(&p, &bytes);
	got = record_read_package(buf_view(&bytes), S("p/q"), 7);
	assert_non_null(got);
	EACH(got, &p, targets, ntargets, same_target);
	assert_str_c(got->path, "p/q");
	assert_int_equal(got->file, 7);
	assert_str_c(sym_str(got->targets[0].label), "//p/q:all-of-it");
	assert_str_c(got->targets[3].package, "p/q");
	assert_ptr_equal(package_target(got, S("c")), &got->targets[2]);
	record_package(got, &again);
	assert_str(buf_view(&again), buf_view(&bytes));
	package_free(got);
	buf_free(&bytes);
	buf_free(&again);
}

static void no_targets(void **state)
{
	struct package none = {0}, *got;
	struct buf bytes = {0};

	(void)state;
	record_package(&none, &bytes);
	got = record_read_package(buf_view(&bytes), (str){NULL, 0}, 1);
	assert_non_null(got);
	assert_int_equal(got->ntargets, 0);
	package_free(got);
	buf_free(&bytes);
}

static void read_refused(str bytes)
{
	struct package *p = record_read_package(bytes, S("p"), 1);

	if (p)
		fail_msg("%zu bytes were taken", bytes.n);
}

/* Every beginning, and anything behind the end. */
static void not_whole(void **state)
{
	struct package p = whole(7);
	struct buf bytes = {0};

	(void)state;
	record_package(&p, &bytes);
	for (size_t n = 0; n < bytes.n; n++)
		read_refused(str_upto(buf_view(&bytes), n));
	buf_c(&bytes, 0);
	read_refused(buf_view(&bytes));
	buf_free(&bytes);
}

/* It is the same when it is written and read again. */
static void is_stable(const struct package *p)
{
	struct buf bytes = {0}, again = {0};
	struct package *got;

	record_package(p, &bytes);
	got = record_read_package(buf_view(&bytes), p->path, p->file);
	assert_non_null(got);
	record_package(got, &again);
	assert_str(buf_view(&again), buf_view(&bytes));
	package_free(got);
	buf_free(&bytes);
	buf_free(&again);
}

/* Whatever one bit becomes: it is refused, or it is another whole value. */
static void other_bytes(void **state)
{
	struct package p = whole(7);
	struct buf bytes = {0};
	size_t taken = 0;

	(void)state;
	record_package(&p, &bytes);
	for (size_t at = 0; at < bytes.n; at++)
		for (unsigned bit = 0; bit < 8; bit++) {
			struct package *got;

			bytes.p[at] ^= (char)(1u << bit);
			got = record_read_package(buf_view(&bytes), S("p"), 7);
			if (got) {
				is_stable(got);
				taken++;
			}
			package_free(got);
			bytes.p[at] ^= (char)(1u << bit);
		}
	assert_true(taken > 0 && taken < bytes.n * 8);
	buf_free(&bytes);
}

static void target_refused(void (*spoil)(struct target *))
{
	struct package p = whole(7);
	struct target t[2];
	struct buf bytes = {0};

	t[0] = p.targets[0];
	t[1] = p.targets[1];
	p.targets = t;
	p.ntargets = 2;
	spoil(t);
	record_package(&p, &bytes);
	read_refused(buf_view(&bytes));
	buf_free(&bytes);
}

static void names_out_of_order(struct target *t)
{
	t[0].name = S("c");
}

static void names_twice(struct target *t)
{
	t[0].name = t[1].name;
}

static void name_is_none(struct target *t)
{
	t[0].name = S("a/b");
}

static void needs_out_of_order(struct target *t)
{
	static sym turned[3];

	turned[0] = labels[1];
	turned[1] = labels[0];
	turned[2] = labels[2];
	t[0].needs = turned;
	t[0].analysis = (struct analysis){0};
}

static void need_is_no_label(struct target *t)
{
	static sym bad[1];

	bad[0] = intern_c("lib");
	t[0].needs = bad;
	t[0].nneeds = 1;
	t[0].analysis = (struct analysis){0};
}

static void label_not_needed(struct target *t)
{
	t[0].nneeds = 1;
}

static void sources_out_of_order(struct target *t)
{
	static const str turned[] = {{"b", 1}, {"a", 1}};

	t[0].sources = turned;
}

static void span_backwards(struct target *t)
{
	t[0].span.hi = 1;
}

static void when_of_text(struct target *t)
{
	static struct arg when;
	static struct step step;

	when = args()[4];
	when.file = pieces()[0];
	step = (struct step){.command = &when, .ncommand = 1};
	t[0].analysis = (struct analysis){.tests = &step, .ntests = 1};
}

static void alternative_too_high(struct target *t)
{
	t[0].visibility = (enum visibility_kind)(VISIBLE_TARGETS + 1);
}

static void not_a_package(void **state)
{
	static void (*const spoil[])(struct target *) = {
		names_out_of_order, names_twice, name_is_none, needs_out_of_order, need_is_no_label, label_not_needed,
		sources_out_of_order, span_backwards, when_of_text, alternative_too_high,
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(spoil); i++)
		target_refused(spoil[i]);
}

/* A count that the bytes cannot hold asks for no memory. */
static void huge_counts(void **state)
{
	struct buf bytes = {0};
	struct arena a = {0};
	struct settings got;

	(void)state;
	cbor_uint(&bytes, UINT32_MAX);
	read_refused(buf_view(&bytes));
	assert_false(record_read_settings(buf_view(&bytes), &a, &got));
	assert_true(a.held <= 4096);
	cbor_uint(&bytes, UINT64_MAX);
	read_refused(str_from(buf_view(&bytes), 5));
	buf_free(&bytes);
	arena_clear(&a);
}

static void workspace_settings(void **state)
{
	struct settings s = {
		.toolchains = toolchains(), .ntoolchains = 2, .ignored = paths, .nignored = 2, .timeout_s = 3600, .jobs = 4,
		.debug = true, .remote = {.endpoint = S("grpc://h:1"), .instance = S(""), .ca_file = S("ca.pem"),
			.cert_file = S("cert"), .key_file = S("key"), .cache_only = true, .write = true}}, got;
	struct buf bytes = {0};
	struct arena a = {0};

	(void)state;
	memset(s.contexts[0], 1, 32);
	memset(s.contexts[1], 2, 32);
	record_settings(&s, &bytes);
	assert_true(record_read_settings(buf_view(&bytes), &a, &got));
	EACH(&got, &s, toolchains, ntoolchains, same_choice);
	TEXTS(&got, &s, ignored, nignored);
	assert_int_equal(got.timeout_s, 3600);
	assert_int_equal(got.jobs, 4);
	assert_true(got.debug);
	assert_str_c(got.remote.endpoint, "grpc://h:1");
	assert_str_c(got.remote.instance, "");
	assert_str_c(got.remote.ca_file, "ca.pem");
	assert_str_c(got.remote.cert_file, "cert");
	assert_str_c(got.remote.key_file, "key");
	assert_true(got.remote.cache_only && got.remote.write && !got.remote.require);
	assert_memory_equal(got.contexts, s.contexts, sizeof s.contexts);
	for (size_t n = 0; n < bytes.n; n++)
		assert_false(record_read_settings(str_upto(buf_view(&bytes), n), &a, &got));
	buf_c(&bytes, 0);
	assert_false(record_read_settings(buf_view(&bytes), &a, &got));
	buf_free(&bytes);
	arena_clear(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back), cmocka_unit_test(no_targets), cmocka_unit_test(not_whole),
		cmocka_unit_test(other_bytes), cmocka_unit_test(not_a_package), cmocka_unit_test(huge_counts),
		cmocka_unit_test(workspace_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
