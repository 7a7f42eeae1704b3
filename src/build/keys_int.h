/* keys_int.h: what the files that answer keys share: keys.c, act.c and step.c. */
#ifndef STRAYLIGHT_BUILD_KEYS_INT_H
#define STRAYLIGHT_BUILD_KEYS_INT_H

#include "build_int.h"

struct build *key_build(struct dice_ctx *);

struct failure *failure_new(void);
/* `return key_fail(ctx, &diags);`  The diagnostics become the failure's. */
enum dice_step key_fail(struct dice_ctx *, struct diags *);

/* The key behind an artifact: a file, or the action that makes it. */
dice_id artifact_id(struct dice_ctx *, const struct artifact *);
/* Its content, once that key is answered.  `t` is who asks; false after a diagnostic. */
bool artifact_content(struct dice_ctx *, dice_id, const struct artifact *, const struct target *t, struct content *out,
		struct diags *) SL_MUST_USE;

/* act.c: acts without a process.  `act` is not a step. */
enum dice_step act_step(struct dice_ctx *, const struct configured *, const struct act *);
/* The value of an act with that content; a DIR keeps a reference of its own. */
enum dice_step act_output(struct dice_ctx *, const struct configured *, const struct act *, const struct content *);
/* act_fetch.c */
enum dice_step fetch_step(struct dice_ctx *, const struct configured *, const struct act *);
/* From a result in the store; NULL when a tree that it names cannot be read. */
struct action_value *action_value_of(struct build *, const struct action_result *, enum build_served);
bool action_value_same(union dice_value was, union dice_value now);
void action_value_release(union dice_value);

/* step.c: one process, from its toolchains to its outputs. */
enum dice_step process_step(struct dice_ctx *, struct configured *, const struct step *, uint32_t act);

/* step_away.c: away_silence. */
void step_silent(void *build, void *job, const struct re_progress *);

/* shell.c: is this the step that build_shell was asked for; the toolchains that it gets, so that there is
 * a shell; and itself with that shell for its command (NULL after a diagnostic). */
bool shell_is(const struct build *, sym label, uint32_t act);
const sym *shell_words(const struct build *, const sym *words, uint32_t *n, struct arena *);
struct action *shell_action(const struct action *, struct arena *, struct diags *) SL_MUST_USE;

#endif
