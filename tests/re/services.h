/* services.h: the handlers of methods.c, and what several of them need. */
#ifndef RE_SERVICES_H
#define RE_SERVICES_H

#include "call.h"

void get_capabilities(struct call *, str);

void find_missing_blobs(struct call *, str);
void batch_update_blobs(struct call *, str);
void batch_read_blobs(struct call *, str);
void get_tree(struct call *, str);

void bytestream_read(struct call *, str);
void bytestream_write(struct call *, str);
void bytestream_write_end(struct call *);
void query_write_status(struct call *, str);
void uploads_clear(struct server *);

void get_action_result(struct call *, str);
void update_action_result(struct call *, str);
/* The result that is cached, unpacked in the arena; NULL: none, or what it names is not there any more. */
Re__ActionResult *result_find(struct server *, struct arena *, enum digest_fn, const struct digest *action);
void result_put(struct server *, enum digest_fn, const struct digest *action, const Re__ActionResult *);
void results_load(struct server *);
void results_forget(struct server *);
void result_forget_blobs(struct server *, enum digest_fn, const Re__ActionResult *);
/* Output directories with a tree whose blobs are all there. */
void result_inline(struct server *, struct arena *, enum digest_fn, Re__ActionResult *, bool out, bool err);

void execute(struct call *, str);
void wait_execution(struct call *, str);
void get_operation(struct call *, str);
void cancel_operation(struct call *, str);
void delete_operation(struct call *, str);
void list_operations(struct call *, str);
void operations_clear(struct server *);

/* A message that is stored as a blob.  NULL: not there, or not one. */
void *stored_message(struct server *, struct arena *, enum digest_fn, const struct digest *,
		const ProtobufCMessageDescriptor *);
/* The content with one byte changed, if that was asked for; else the content. */
str flipped(struct call *, str content);
/* zstd; false: it is none, or its content has more than `max` bytes. */
bool zstd_unpack(str, size_t max, struct buf *out);
void zstd_pack(str, struct buf *out);

#endif
