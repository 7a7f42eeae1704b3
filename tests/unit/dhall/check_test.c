#include "semantics.h"

static const struct {
	const char *text, *type;
} typed[] = {
	{"\\(a : Type) -> \\(x : a) -> [ x ]", "forall (a : Type) -> forall (x : a) -> List a"},
	{"let T = Natural in 1 : T", "Natural"},
	{"\\(f : Type -> Type) -> \\(x : f Natural) -> x", "forall (f : Type -> Type) -> forall (x : f Natural) -> f Natural"},
	{"\\(b : Bool) -> \\(x : if b then Natural else Text) -> x",
			"forall (b : Bool) -> forall (x : if b then Natural else Text) -> if b then Natural else Text"},
	{"{ a = Natural, b = 1 }", "{ a : Type, b : Natural }"},
	{"{ a : Type, b : Kind }", "Sort"},
	{"< A : Natural | B >.A", "forall (A : Natural) -> < A : Natural | B >"},
	{"\\(u : < A : Natural | B >) -> merge { A = Natural/show, B = \"\" } u", "forall (u : < A : Natural | B >) -> Text"},
	{"{ a = 1 } with b.c = True", "{ a : Natural, b : { c : Bool } }"},
	{"assert : 1 + 1 === 2", "2 === 2"},
	{"toMap {=} : List { mapKey : Text, mapValue : Bool }", "List { mapKey : Text, mapValue : Bool }"},
	{"Kind : Sort", "Sort"},
	{"\\(x : { a : Natural, b : Text }) -> x.({ a : Natural })", "forall (x : { a : Natural, b : Text }) -> { a : Natural }"},
};

static void types(void **state)
{
	struct fixture f = {0};

	(void)state;
	fixture_open(&f, NULL);
	for (size_t i = 0; i < SL_COUNT(typed); i++)
		assert_string_equal(fixture_type(&f, typed[i].text), typed[i].type);
	fixture_close(&f);
}

/* Each code with a text that earns it, and words that the message must have. */
static const struct {
	enum diag_code code;
	const char *text, *words;
} wrong[] = {
	{DIAG_TYPE_MISMATCH, "{ a.b = 1 } : { a : { b : Text } }", "'a.b'"},
	{DIAG_TYPE_MISMATCH, "let x : Text = 1 in x", "x: "},
	{DIAG_UNBOUND_VARIABLE, "x + 1", "'x' is not defined"},
	{DIAG_UNBOUND_VARIABLE, "\\(x : Natural) -> x@1", "'x"},
	{DIAG_NOT_A_FUNCTION, "let f = \\(x : Natural) -> x in f 1 2", "'f' is not a function of so many arguments"},
	{DIAG_NOT_A_FUNCTION, "1 2", "not a function"},
	{DIAG_WRONG_ARGUMENT, "let f = \\(x : Text) -> x in f 1", "argument 1 of 'f'"},
	{DIAG_WRONG_ARGUMENT, "(\\(x : { a : Natural }) -> x) { b = 1 }", "missing field 'a'"},
	{DIAG_NOT_A_TYPE, "\\(x : 1) -> x", "not a type"},
	{DIAG_NOT_A_TYPE, "{ a : 1 }", "a: "},
	{DIAG_SORT_HAS_NO_TYPE, "Sort", "'Sort'"},
	{DIAG_SORT_HAS_NO_TYPE, "{ a = Kind }", "Sort"},
	{DIAG_SORT_HAS_NO_TYPE, "\\(x : Natural) -> Kind", "Sort"},
	{DIAG_IF_CONDITION, "if 1 then 2 else 3", "Bool"},
	{DIAG_IF_BRANCHES, "if True then 1 else if False then 2 else \"a\"", "expected Natural, found Text"},
	{DIAG_WRONG_OPERAND, "\"a\" + \"b\"", "'++'"},
	{DIAG_WRONG_OPERAND, "[ 1 ] # [ True ]", "List Bool"},
	{DIAG_WRONG_INTERPOLATION, "\"${1}\"", "Natural/show"},
	{DIAG_LIST_ITEM, "{ a = [ 1, True ] }", "a[1]: "},
	{DIAG_EMPTY_LIST_TYPE, "[] : Natural", "list"},
	{DIAG_ELEMENT_NOT_A_TERM, "[ Natural ]", "Type"},
	{DIAG_ELEMENT_NOT_A_TERM, "Some Natural", "Optional"},
	{DIAG_NO_FIELD, "{ name = 1 }.nam", "did you mean 'name'?"},
	{DIAG_NO_FIELD, "{ a = 1 }.{ a, b }", "'b'"},
	{DIAG_NOT_A_RECORD, "1.a", ""},
	{DIAG_NOT_A_RECORD, "[ 1 ] // { a = 1 }", "'//'"},
	{DIAG_FIELD_COLLISION, "{ a.b = 1 } /\\ { a.b = 2 }", "a.b: "},
	{DIAG_FIELD_COLLISION, "{ a = 1, a = 2 }", "a: "},
	{DIAG_DUPLICATE_NAME, "{ a : Natural, a : Natural }", "'a'"},
	{DIAG_DUPLICATE_NAME, "< A | A >", "twice"},
	{DIAG_NO_ALTERNATIVE, "< Library | Binary >.Libary", "did you mean 'Library'?"},
	{DIAG_MERGE, "merge { a = 1 } 2", "union"},
	{DIAG_MERGE, "\\(x : <>) -> merge {=} x", "annotation"},
	{DIAG_HANDLER_MISSING, "merge { A = 1 } < A | B : Text >.A", "\\(x : Text) ->"},
	{DIAG_HANDLER_UNUSED, "merge { A = 1, B = 2 } < A >.A", "'B'"},
	{DIAG_HANDLER, "merge { A = 1 } (< A : Natural >.A 2)", "not a function"},
	{DIAG_HANDLER, "merge { A = \\(x : Text) -> x } (< A : Natural >.A 2)", "takes Text"},
	{DIAG_HANDLER, "merge { A = \\(t : Type) -> None t } (< A : Type >.A Natural)", "depends"},
	{DIAG_HANDLER_RESULT, "merge { A = 1, B = \"b\" } < A | B >.A", "'A' gives Natural, 'B' gives Text"},
	{DIAG_HANDLER_RESULT, "merge { A = 1 } < A >.A : Text", "annotated"},
	{DIAG_SHOW_CONSTRUCTOR, "showConstructor 1", "Natural"},
	{DIAG_TO_MAP, "toMap { a = 1, b = True }", "'b' is Bool"},
	{DIAG_TO_MAP, "toMap {=}", "annotation"},
	{DIAG_NOT_A_SCHEMA, "{ a = 1 }::{ b = 1 }", "'default'"},
	{DIAG_COMPLETION, "{ Type = { a : Natural }, default = {=} }::{ b = 1 }", "missing field 'a'"},
	{DIAG_WITH, "{ a = 1 } with a.b = 2", "a record"},
	{DIAG_WITH, "{ a = Some 1 } with a.? = True", "Optional"},
	{DIAG_ASSERT_FAILED, "assert : { a = 1, b = 2 } === { a = 1, b = 3 }", "'b'"},
	{DIAG_ASSERT_NOT_EQUIVALENCE, "assert : Bool", "equivalence"},
	{DIAG_EQUIVALENCE_SIDES, "1 === True", "different types"},
	{DIAG_EQUIVALENCE_SIDES, "Natural === Natural", "not a term"},
};

static void errors(void **state)
{
	struct fixture f = {0};

	(void)state;
	fixture_open(&f, NULL);
	for (size_t i = 0; i < SL_COUNT(wrong); i++) {
		const char *said;
		enum diag_code code;

		assert_null(fixture_check(&f, wrong[i].text));
		code = fixture_code(&f);
		assert_int_equal(f.diags.errors, 1);
		said = fixture_complaints(&f);
		if (code != wrong[i].code)
			fail_msg("%s: %s", wrong[i].text, said);
		if (!strstr(said, wrong[i].words))
			fail_msg("%s: no '%s' in %s", wrong[i].text, wrong[i].words, said);
	}
	assert_string_equal(fixture_eval(&f, "1 + 1"), "2"); /* the session goes on */
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types),
		cmocka_unit_test(errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
