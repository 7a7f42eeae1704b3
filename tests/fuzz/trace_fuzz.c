#include "trace_tool.h"

#include "fuzz.h"

/* A trace that is accepted is the same when it is written and read again, and its words can be read as any tool's. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct trace t = {0}, got = {0};
	struct buf first = {0}, again = {0};
	struct diags d = {0};

	if (trace_read(str_of((const char *)bytes, n), S("t"), &t, &d)) {
		trace_write(&t, &first);
		must(trace_read(buf_view(&first), S("t"), &got, &d));
		trace_write(&got, &again);
		must(str_eq(buf_view(&first), buf_view(&again)));
		for (size_t i = 0; i < t.processes.n; i++) {
			struct tool_run r = {0};

			(void)!tool_read(&t.processes.p[i], &t.arena, &r);
			tool_free(&r);
		}
	}
	trace_free(&t);
	trace_free(&got);
	buf_free(&first);
	buf_free(&again);
	diags_free(&d);
	return 0;
}
