/* nar_int.h: what the writers of NARs share. */
#ifndef NAR_INT_H
#define NAR_INT_H

#include "store_int.h"

#include <straylight/nar.h>

#define NAR_CHUNK ((size_t)256 << 10)
#define NAR_CHUNKS 16 /* in flight between the thread that reads and the one that writes */
#define NAR_BATCH (NAR_CHUNKS / 2) /* who has to wait is woken for this many at once */

/* Where an archive is put together.  When the first chunk is full a thread begins to hand chunks to the
 * function, so that reading and hashing overlap; what is smaller needs none. */
struct nar_out {
	nar_write *write;
	void *ud;
	char *chunks[NAR_CHUNKS]; /* made when first used */
	size_t sizes[NAR_CHUNKS];
	char *at;                 /* in the present chunk; at <= end */
	char *end;
	size_t filled, taken;     /* chunks handed over, chunks written; under the lock once there is a thread */
	bool stopped, closed;     /* the function said no; nothing comes any more */
	bool quit;                /* what the reading side knows of `stopped`: it may as well end */
	bool threaded;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

void nar_out_begin(struct nar_out *, nar_write *, void *ud);
/* Hands over what is left and waits; false when the function said no. */
bool nar_out_end(struct nar_out *);
/* Hands over the present chunk. */
void nar_out_flush(struct nar_out *);
void nar_out_bytes(struct nar_out *, str);

void nar_out_number(struct nar_out *, uint64_t);
void nar_out_pad(struct nar_out *, uint64_t size); /* zeros after that many bytes */
void nar_out_word(struct nar_out *, str);
void nar_out_magic(struct nar_out *);
/* Up to where the bytes of a file stand, `size` included; nar_out_pad and nar_out_close follow them. */
void nar_out_file(struct nar_out *, bool executable, uint64_t size);
void nar_out_link(struct nar_out *, str target); /* the whole node */
void nar_out_dir(struct nar_out *);
void nar_out_entry(struct nar_out *, str name);  /* a node and nar_out_close follow */
void nar_out_close(struct nar_out *);

#endif
