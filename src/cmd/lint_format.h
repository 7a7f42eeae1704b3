/* lint_format.h: the forms that findings are printed in. */
#ifndef STRAYLIGHT_CMD_LINT_FORMAT_H
#define STRAYLIGHT_CMD_LINT_FORMAT_H

#include <straylight/lint.h>

struct lint_view { /* of a report at a level */
	const struct lint_report *report;
	enum lint_level level;
	size_t passed, errors, warnings, notes, allowed;
	bool color;
};

/* The path below the workspace's root, when it is there. */
str lint_shown(const struct lint_view *, str file);
/* At the level; LINT_NOTE for what a suppression covers. */
enum lint_severity lint_shown_severity(const struct lint_view *, const struct lint_finding *);

/* For people: as diagnostics, then what was counted. */
void lint_text(const struct lint_view *, struct buf *out);
/* One object: level, targets with whether they pass, findings. */
void lint_json(const struct lint_view *, struct buf *out);
/* SARIF 2.1.0 (OASIS), as GitHub's code scanning and others read it. */
void lint_sarif(const struct lint_view *, struct buf *out);
/* Workflow commands of GitHub Actions, a line for each finding, then what was counted. */
void lint_github(const struct lint_view *, struct buf *out);
/* "N of M targets pass LEVEL (P %)", with a newline. */
void lint_sum(const struct lint_view *, struct buf *out);

#endif
