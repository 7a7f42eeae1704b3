#include "services.h"

#define RE "build.bazel.remote.execution.v2."

const struct method methods[] = {
	{RE "Capabilities", "GetCapabilities", false, get_capabilities, NULL},
	{RE "ContentAddressableStorage", "FindMissingBlobs", false, find_missing_blobs, NULL},
	{RE "ContentAddressableStorage", "BatchUpdateBlobs", false, batch_update_blobs, NULL},
	{RE "ContentAddressableStorage", "BatchReadBlobs", false, batch_read_blobs, NULL},
	{RE "ContentAddressableStorage", "GetTree", false, get_tree, NULL},
	{RE "ActionCache", "GetActionResult", false, get_action_result, NULL},
	{RE "ActionCache", "UpdateActionResult", false, update_action_result, NULL},
	{RE "Execution", "Execute", false, execute, NULL},
	{RE "Execution", "WaitExecution", false, wait_execution, NULL},
	{"google.bytestream.ByteStream", "Read", false, bytestream_read, NULL},
	{"google.bytestream.ByteStream", "Write", true, bytestream_write, bytestream_write_end},
	{"google.bytestream.ByteStream", "QueryWriteStatus", false, query_write_status, NULL},
	{"google.longrunning.Operations", "GetOperation", false, get_operation, NULL},
	{"google.longrunning.Operations", "CancelOperation", false, cancel_operation, NULL},
	{"google.longrunning.Operations", "DeleteOperation", false, delete_operation, NULL},
	{"google.longrunning.Operations", "ListOperations", false, list_operations, NULL},
};

const size_t nmethods = SL_COUNT(methods);

_Static_assert(SL_COUNT(methods) <= SL_COUNT(((struct server *)0)->counts), "each method has its count");

size_t method_index(const struct method *m)
{
	return (size_t)(m - methods);
}
