#include "re_int.h"

/* What an execution's stream carries.
 *	Operation { name = 1; Any metadata = 2; done = 3; Status error = 4; Any response = 5; }
 *	ExecuteOperationMetadata { stage = 1; partial_execution_metadata = 5 { worker = 1; } }
 *	ExecuteResponse { ActionResult result = 1; cached_result = 2; Status status = 3; message = 5; } */

#define WORKER_MAX 200u

static str any_value(str any)
{
	struct wire w = wire_over(any);
	str value = {NULL, 0};
	struct wire_field f;

	while (wire_next(&w, &f))
		if (f.number == 2 && f.type == WIRE_BYTES)
			value = f.bytes;
	return value;
}

static str text(const struct wire_field *f)
{
	return f->type == WIRE_BYTES ? f->bytes : (str){NULL, 0};
}

static bool flag(const struct wire_field *f)
{
	return f->type == WIRE_VARINT && f->n != 0;
}

bool operation_read(str bytes, struct operation *out)
{
	struct wire w = wire_over(bytes);
	struct wire_field f;

	*out = (struct operation){.done = false};
	while (wire_next(&w, &f)) {
		switch (f.number) {
		case 1: out->name = text(&f); break;
		case 2: out->metadata = any_value(text(&f)); break;
		case 3: out->done = flag(&f); break;
		case 4:
			out->error = text(&f);
			out->has_error = true;
			break;
		case 5: out->response = any_value(text(&f)); break;
		default: break;
		}
	}
	return !w.bad;
}

static str worker_of(str partial)
{
	struct wire w = wire_over(partial);
	str worker = {NULL, 0};
	struct wire_field f;

	while (wire_next(&w, &f))
		if (f.number == 1)
			worker = str_upto(text(&f), WORKER_MAX);
	return worker;
}

bool operation_read_metadata(str bytes, struct operation_metadata *out)
{
	struct wire w = wire_over(bytes);
	struct wire_field f;

	*out = (struct operation_metadata){.has_stage = false};
	while (wire_next(&w, &f)) {
		if (f.number == 1 && f.type == WIRE_VARINT) {
			out->has_stage = true;
			out->stage = f.n;
		}
		if (f.number == 5)
			out->worker = worker_of(text(&f));
	}
	return !w.bad;
}

bool operation_read_response(str bytes, struct operation_response *out)
{
	struct wire w = wire_over(bytes);
	struct wire_field f;

	*out = (struct operation_response){.cached = false};
	while (wire_next(&w, &f)) {
		switch (f.number) {
		case 1:
			out->result = text(&f);
			out->has_result = true;
			break;
		case 2: out->cached = flag(&f); break;
		case 3:
			out->status = text(&f);
			out->has_status = true;
			break;
		case 5: out->message = text(&f); break;
		default: break;
		}
	}
	return !w.bad;
}
