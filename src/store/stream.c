#include "store_int.h"

#include <errno.h>
#include <unistd.h>

struct store_write {
	struct store *store;
	struct hasher *hasher;
	int64_t size;
	int fd, err;
	char temp[TEMP_NAME];
};

int store_write_begin(struct store *s, struct store_write **out)
{
	struct store_write *w = mem_make(struct store_write);

	w->store = s;
	w->fd = store_temp(s, w->temp);
	if (w->fd < 0) {
		int err = w->fd;

		mem_free(w);
		*out = NULL;
		return err;
	}
	w->hasher = hasher_new(s->fn);
	*out = w;
	return 0;
}

int store_write_add(struct store_write *w, const void *bytes, size_t n)
{
	if (w->err == 0)
		w->err = os_write_all(w->fd, bytes, n);
	if (w->err == 0) {
		hasher_add(w->hasher, bytes, n);
		w->size += (int64_t)n;
	}
	return w->err;
}

int64_t store_write_size(const struct store_write *w)
{
	return w->size;
}

int store_write_end(struct store_write *w, const struct digest *d)
{
	struct digest got;
	int err = w->err;

	hasher_end(w->hasher, &got);
	if (err == 0 && !digest_eq(&got, d))
		err = -EBADMSG;
	err = store_place_blob(w->store, w->fd, err, w->temp, d, SEEN_PLAIN);
	mem_free(w);
	return err;
}

void store_write_drop(struct store_write *w)
{
	struct digest got;

	if (!w)
		return;
	hasher_end(w->hasher, &got);
	close(w->fd);
	unlinkat(w->store->tmp, w->temp, 0);
	mem_free(w);
}
