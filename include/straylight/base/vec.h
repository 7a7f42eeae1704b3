/* vec.h: arrays that grow.
 *
 *	VEC(struct step *) todo = {0};
 *	vec_push(&todo, step);
 *	for (size_t i = 0; i < todo.n; i++) … todo.p[i] …
 *	vec_free(&todo);
 *
 * Elements move when it grows: keep indices, not pointers, across a push. */
#ifndef STRAYLIGHT_BASE_VEC_H
#define STRAYLIGHT_BASE_VEC_H

#include <straylight/base/mem.h>

#define VEC(T)                                                                                     \
	struct {                                                                                   \
		T *p;                                                                              \
		size_t n, cap;                                                                     \
	}

void *vec_grow_(void *p, size_t *cap, size_t need, size_t size);

#define vec_reserve(v, need)                                                                       \
	((v)->cap < (need)                                                                         \
			? (void)((v)->p = vec_grow_((v)->p, &(v)->cap, (need), sizeof *(v)->p))    \
			: (void)0)
#define vec_push(v, x) (vec_reserve((v), (v)->n + 1), (void)((v)->p[(v)->n++] = (x)))
#define vec_pop(v) ((v)->p[--(v)->n])
#define vec_last(v) ((v)->p[(v)->n - 1])
#define vec_free(v) (mem_free((v)->p), (v)->p = NULL, (v)->n = (v)->cap = 0)

#endif
