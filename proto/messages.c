/* messages.c: what protoc-c made of all .proto files, as one unit: a rule for sources takes one file by a label. */
#include <build/bazel/semver/semver.pb-c.c>
#include <google/bytestream/bytestream.pb-c.c>
#include <google/longrunning/operations.pb-c.c>
#include <google/protobuf/any.pb-c.c>
#include <google/protobuf/duration.pb-c.c>
#include <google/protobuf/empty.pb-c.c>
#include <google/protobuf/timestamp.pb-c.c>
#include <google/protobuf/wrappers.pb-c.c>
#include <google/rpc/error_details.pb-c.c>
#include <google/rpc/status.pb-c.c>
#include <remote_execution.pb-c.c>
