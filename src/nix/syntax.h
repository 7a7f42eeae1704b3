/* syntax.h: what a Nix text says.
 *
 * Expressions are made by parse.c, finished by scope.c (names become addresses, attribute sets are
 * sorted), and never change afterwards.  They live in the evaluator's arena for ever: a file is parsed
 * once.
 *
 * A place (uint32_t) is a byte in one of all texts laid end to end, so that an attribute can carry one
 * in 4 bytes; 0 is no place.  place_span (files.c) finds the text it is in. */
#ifndef STRAYLIGHT_NIX_SYNTAX_H
#define STRAYLIGHT_NIX_SYNTAX_H

#include "value.h"

enum expr_kind {
	EX_CONST,    /* struct ex_const */
	EX_VAR,      /* struct ex_var */
	EX_WITH_VAR, /* struct ex_var: up leads to the innermost `with` */
	EX_SELECT,   /* struct ex_select */
	EX_HAS,      /* struct ex_select */
	EX_ATTRS,    /* struct ex_attrs */
	EX_LET,      /* struct ex_attrs with a body */
	EX_LIST,     /* struct ex_many */
	EX_LAMBDA,   /* struct ex_lambda */
	EX_CALL,     /* struct ex_call */
	EX_WITH,     /* struct ex_with */
	EX_IF,       /* struct ex_three */
	EX_ASSERT,   /* struct ex_three: condition, body */
	EX_NOT, EX_NEGATE, /* struct ex_three: one operand */
	/* struct ex_three: two operands */
	EX_EQ, EX_NE, EX_LT, EX_LE, EX_GT, EX_GE, EX_AND, EX_OR, EX_IMPLIES, EX_UPDATE, EX_CONCAT,
	EX_ADD, EX_SUB, EX_MUL, EX_DIV,
	EX_TEXT,     /* struct ex_many: an interpolated string; `flag`: a path */
	EX_POS,      /* __curPos */
};

struct expr {
	uint8_t kind; /* enum expr_kind */
	uint8_t flag;
	uint32_t lo, hi; /* places */
	sym name;     /* of the attribute or variable that it is the value of; 0: none */
};

struct ex_const {
	struct expr x;
	struct val v;
};

struct ex_var {
	struct expr x;
	sym name; /* until scope.c has bound it, and for WITH_VAR and messages */
	uint32_t up, slot;
};

struct ex_three {
	struct expr x;
	struct expr *a, *b, *c;
};

struct ex_many {
	struct expr x;
	uint32_t n;
	struct expr *e[];
};

struct ex_call {
	struct expr x;
	uint32_t n;
	struct expr *f;
	struct expr *args[];
};

struct step { /* of an attribute path: a name, or an expression that gives one */
	sym name; /* 0: dynamic */
	uint32_t lo;
	struct expr *dynamic;
};

struct ex_select {
	struct expr x;
	struct expr *from, *fallback; /* fallback: of `or`; may be NULL */
	uint32_t n;
	struct step path[];
};

enum binding_kind {
	BIND_PLAIN,   /* in the set's own scope */
	BIND_OUTER,   /* `inherit x`: in the scope around the set */
	BIND_FROM,    /* `inherit (e) x`: e in the set's own scope */
};

struct binding {
	sym name;
	uint32_t pos;
	struct expr *e;
	enum binding_kind kind;
};

struct dynamic {
	struct expr *name, *e;
	uint32_t pos;
};

struct ex_attrs { /* EX_ATTRS (`flag`: rec) and EX_LET */
	struct expr x;
	struct binding *b; /* sorted by sym when scope.c has passed: binding i is slot i of a rec or let */
	struct dynamic *dynamics;
	struct expr *body; /* of a let */
	uint32_t n, cap, ndynamics, dynamics_cap;
	uint32_t overrides; /* index of __overrides in b, + 1; 0: none */
	uint32_t *table;    /* while it is parsed: by name, once there are many */
	uint32_t mask;
};

struct formal {
	sym name;
	uint32_t pos;
	struct expr *fallback; /* may be NULL */
};

/* Its environment: slot 0 is the argument if that has a name, then the formals as they are sorted. */
struct ex_lambda {
	struct expr x; /* flag: takes a set apart */
	sym arg;       /* 0: none */
	bool ellipsis;
	uint32_t n;
	uint32_t slots;
	struct formal *formals; /* sorted by sym when scope.c has passed */
	struct expr *body;
};

struct ex_with {
	struct expr x;
	struct expr *set, *body;
	uint32_t up; /* from the environment of this `with` to that of the next one outside; 0: none */
};

#define AS(T, e) ((struct T *)(e))

#endif
