"""What a Remote Execution server answers to the basic calls, as facts that can be compared.

facts.py ENDPOINT [INSTANCE]    prints one "NAME: ANSWER" per line
Everything goes through grpcio and messages compiled from proto/ by Google's own compiler (tests/re/python puts both on
the path), so nothing of straylight's client or of protobuf-c is trusted here.
"""
import hashlib
import os
import sys
import uuid

import grpc
import remote_execution_pb2 as re_pb
import remote_execution_pb2_grpc as re_grpc
from google.bytestream import bytestream_pb2 as bs_pb
from google.bytestream import bytestream_pb2_grpc as bs_grpc
from google.longrunning import operations_pb2 as op_pb
from google.longrunning import operations_pb2_grpc as op_grpc
from google.rpc import error_details_pb2 as details_pb
from google.rpc import status_pb2 as status_pb

TIMEOUT = 20


def digest(data):
    return re_pb.Digest(hash=hashlib.sha256(data).hexdigest(), size_bytes=len(data))


class Remote:
    def __init__(self, endpoint, instance="", options=()):
        limits = [("grpc.max_receive_message_length", 64 << 20), ("grpc.use_local_subchannel_pool", 1),
                  ("grpc.enable_retries", 0)]
        self.channel = grpc.insecure_channel(endpoint.replace("grpc://", ""), options=limits + list(options))
        self.instance = instance
        self.cas = re_grpc.ContentAddressableStorageStub(self.channel)
        self.ac = re_grpc.ActionCacheStub(self.channel)
        self.capabilities = re_grpc.CapabilitiesStub(self.channel)
        self.execution = re_grpc.ExecutionStub(self.channel)
        self.bytestream = bs_grpc.ByteStreamStub(self.channel)
        self.operations = op_grpc.OperationsStub(self.channel)

    def named(self, name):
        return "/".join(part for part in (self.instance, name) if part)

    def put(self, *blobs):
        requests = [re_pb.BatchUpdateBlobsRequest.Request(digest=digest(b), data=b) for b in blobs]
        answer = self.cas.BatchUpdateBlobs(
            re_pb.BatchUpdateBlobsRequest(instance_name=self.instance, requests=requests), timeout=TIMEOUT)
        return [r.status.code for r in answer.responses]

    def missing(self, *digests):
        request = re_pb.FindMissingBlobsRequest(instance_name=self.instance, blob_digests=digests)
        return list(self.cas.FindMissingBlobs(request, timeout=TIMEOUT).missing_blob_digests)

    def read(self, d, offset=0, limit=0, kind="blobs"):
        name = self.named("%s/%s/%d" % (kind, d.hash, d.size_bytes))
        request = bs_pb.ReadRequest(resource_name=name, read_offset=offset, read_limit=limit)
        return [m.data for m in self.bytestream.Read(request, timeout=TIMEOUT)]

    def write(self, d, parts, name=None, start=0, finish=True, kind="blobs"):
        name = name or self.named("uploads/%s/%s/%s/%d" % (uuid.uuid4(), kind, d.hash, d.size_bytes))

        def requests():
            at = start
            for i, part in enumerate(parts):
                last = finish and i == len(parts) - 1
                yield bs_pb.WriteRequest(resource_name=name if i == 0 else "", write_offset=at, data=part,
                                         finish_write=last)
                at += len(part)

        return self.bytestream.Write(requests(), timeout=TIMEOUT).committed_size

    def action(self, script, outputs=(), inputs=(), env=(), timeout=0, uploads=True, do_not_cache=False, argv=None):
        """An action below an input root of files and directories ("a/b" is "b" in "a")."""
        tree, blobs = build_tree(dict(inputs))
        command = re_pb.Command(arguments=argv or ["/bin/sh", "-c", script], output_paths=sorted(outputs))
        for name, value in sorted(dict(env, PATH="/usr/bin:/bin").items()):
            command.environment_variables.add(name=name, value=value)
        action = re_pb.Action(command_digest=digest(command.SerializeToString()), input_root_digest=digest(tree),
                              do_not_cache=do_not_cache)
        if timeout:
            action.timeout.seconds = timeout
        action_bytes = action.SerializeToString()
        if uploads:
            self.put(tree, command.SerializeToString(), action_bytes, *blobs)
        return digest(action_bytes)

    def execute(self, action, **kw):
        """(operations, the ExecuteResponse or None)"""
        request = re_pb.ExecuteRequest(instance_name=self.instance, action_digest=action, **kw)
        seen = list(self.execution.Execute(request, timeout=TIMEOUT))
        return seen, response_of(seen[-1]) if seen else None


def response_of(operation):
    response = re_pb.ExecuteResponse()
    return response if operation.response.Unpack(response) else None


def build_tree(files):
    """The root Directory's bytes, and the blobs below it."""
    blobs, here, below = [], re_pb.Directory(), {}
    for path, content in sorted(files.items()):
        if "/" in path:
            top, rest = path.split("/", 1)
            below.setdefault(top, {})[rest] = content
        else:
            here.files.add(name=path, digest=digest(content))
            blobs.append(content)
    for name, inside in sorted(below.items()):
        tree, more = build_tree(inside)
        here.directories.add(name=name, digest=digest(tree))
        blobs += [tree] + more
    return here.SerializeToString(), blobs


def code(call, *args, **kw):
    """The status's name where the call fails, else None."""
    try:
        call(*args, **kw)
    except grpc.RpcError as e:
        return e.code().name
    return None


def attempt(call):
    try:
        return call()
    except grpc.RpcError as e:
        return e.code().name


def facts(remote):
    """(name, answer) of each basic call."""
    salt = os.urandom(8).hex().encode()
    blob, other = b"content " + salt, b"other " + salt
    absent = digest(b"absent " + salt)
    wrong_hash = re_pb.Digest(hash=digest(b"x" + salt).hash, size_bytes=len(blob))

    caps = remote.capabilities.GetCapabilities(re_pb.GetCapabilitiesRequest(instance_name=remote.instance), timeout=TIMEOUT)
    yield "api", "%d.%d to %d.%d" % (caps.low_api_version.major, caps.low_api_version.minor,
                                     caps.high_api_version.major, caps.high_api_version.minor)
    yield "digest functions", sorted(caps.cache_capabilities.digest_functions)
    yield "max batch", caps.cache_capabilities.max_batch_total_size_bytes
    yield "compressors", list(caps.cache_capabilities.supported_compressors)
    wrong = Remote.__new__(Remote)
    wrong.__dict__.update(remote.__dict__, instance="no-such-instance")
    yield "wrong instance", attempt(lambda: len(wrong.missing(absent)))

    yield "batch upload", remote.put(blob, other)
    yield "batch upload, wrong hash", attempt(lambda: [r.status.code for r in remote.cas.BatchUpdateBlobs(
        re_pb.BatchUpdateBlobsRequest(instance_name=remote.instance, requests=[
            re_pb.BatchUpdateBlobsRequest.Request(digest=wrong_hash, data=blob)]), timeout=TIMEOUT).responses])
    yield "missing", [d == absent for d in remote.missing(digest(blob), absent, digest(b""))]
    read = remote.cas.BatchReadBlobs(re_pb.BatchReadBlobsRequest(
        instance_name=remote.instance, digests=[digest(blob), absent]), timeout=TIMEOUT)
    yield "batch read", sorted((r.status.code, r.data == blob) for r in read.responses)

    large = (b"0123456789abcdef" * 65536 + salt) * 3
    yield "write", remote.write(digest(large), [large[:1 << 20], large[1 << 20:]]) == len(large)
    yield "write, wrong hash", attempt(lambda: remote.write(wrong_hash, [blob]))
    yield "write, short", attempt(lambda: remote.write(absent, [b"abs"]))
    yield "write, long", attempt(lambda: remote.write(absent, [b"absent " + salt + b"more"]))
    yield "read", b"".join(remote.read(digest(large))) == large
    yield "read chunk", max(len(p) for p in remote.read(digest(large)))
    yield "read absent", attempt(lambda: remote.read(absent))
    yield "read, offset and limit", attempt(lambda: b"".join(remote.read(digest(large), 5, 7)) == large[5:12])
    yield "read past the end", attempt(lambda: remote.read(digest(blob), len(blob) + 1))
    yield "read empty", attempt(lambda: len(remote.read(digest(b""))))
    yield "query write status", attempt(lambda: remote.bytestream.QueryWriteStatus(bs_pb.QueryWriteStatusRequest(
        resource_name=remote.named("uploads/%s/blobs/%s/%d" % (uuid.uuid4(), absent.hash, absent.size_bytes))),
        timeout=TIMEOUT).committed_size)

    yield "result, miss", code(remote.ac.GetActionResult, re_pb.GetActionResultRequest(
        instance_name=remote.instance, action_digest=absent), timeout=TIMEOUT)
    action = remote.action("true " + salt.decode())
    result = re_pb.ActionResult(exit_code=0)
    result.output_files.add(path="out", digest=digest(blob))
    remote.ac.UpdateActionResult(re_pb.UpdateActionResultRequest(
        instance_name=remote.instance, action_digest=action, action_result=result), timeout=TIMEOUT)
    got = remote.ac.GetActionResult(re_pb.GetActionResultRequest(
        instance_name=remote.instance, action_digest=action), timeout=TIMEOUT)
    yield "result, hit", [f.path for f in got.output_files]

    tree, blobs = build_tree({"a": blob, "d/b": other, "d/e/c": other})
    remote.put(tree, *blobs)
    yield "tree", sum(len(m.directories) for m in remote.cas.GetTree(
        re_pb.GetTreeRequest(instance_name=remote.instance, root_digest=digest(tree)), timeout=TIMEOUT))
    if caps.execution_capabilities.exec_enabled:
        yield from execution_facts(remote, salt.decode())


def ended(response):
    return response.status.code, response.result.exit_code


def execution_facts(remote, salt):
    script = "cat in d/in > out; echo said; echo wrong >&2; echo %s >> out" % salt
    action = remote.action(script, ["out"], {"in": b"one\n", "d/in": b"two\n"})
    seen, response = remote.execute(action)
    yield "execute", ended(response)
    yield "execute, output", b"".join(remote.read(response.result.output_files[0].digest)) == b"one\ntwo\n%s\n" % salt.encode()
    yield "execute, stdout", response.result.stdout_raw or b"".join(remote.read(response.result.stdout_digest))
    yield "execute, metadata", any(o.metadata.value for o in seen)
    yield "execute again, cached", remote.execute(action)[1].cached_result

    action = remote.action("echo %s; exit 3" % salt)
    yield "exit 3", ended(remote.execute(action)[1])
    yield "exit 3 again, cached", remote.execute(action)[1].cached_result
    action = remote.action("echo %s" % salt, do_not_cache=True)
    remote.execute(action)
    yield "do_not_cache again, cached", remote.execute(action)[1].cached_result
    yield "environment", remote.execute(remote.action("test $V = %s" % salt, env={"V": salt}))[1].result.exit_code
    response = remote.execute(remote.action("echo %s; sleep 30" % salt, timeout=1))[1]
    yield "timeout", ended(response)
    yield "no such program", attempt(lambda: ended(remote.execute(remote.action("", argv=["/no/such/" + salt]))[1]))
    yield "missing action", attempt(lambda: ended(remote.execute(digest(salt.encode()))[1]))
    action = remote.action("cat in", (), {"in": ("lost " + salt).encode()}, uploads=False)
    kept = Remote.put
    try:
        Remote.put = lambda self, *blobs: kept(self, *[b for b in blobs if not b.startswith(b"lost ")])
        remote.action("cat in", (), {"in": ("lost " + salt).encode()})
    finally:
        Remote.put = kept
    yield "missing input", attempt(lambda: ended(remote.execute(action)[1]))
    response = remote.execute(remote.action("ln -s %s out" % salt, ["out"]))[1]
    yield "output symlink", (response.status.code, [s.target == salt for s in response.result.output_symlinks],
                             len(response.result.output_file_symlinks))
    response = remote.execute(remote.action("mkdir -p out/d; echo %s > out/d/f; ln -s d out/l" % salt, ["out"]))[1]
    tree = re_pb.Tree()
    tree.ParseFromString(b"".join(remote.read(response.result.output_directories[0].tree_digest)))
    yield "output directory", (len(tree.children), [s.name for s in tree.root.symlinks])
    action = remote.action("sleep 20; echo %s" % salt)
    call = remote.execution.Execute(re_pb.ExecuteRequest(instance_name=remote.instance, action_digest=action), timeout=TIMEOUT)
    name = next(iter(call)).name
    yield "cancel", code(remote.operations.CancelOperation, op_pb.CancelOperationRequest(name=name), timeout=TIMEOUT)
    call.cancel()


def main():
    remote = Remote(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "")
    for name, answer in facts(remote):
        print("%s: %s" % (name, answer), flush=True)


if __name__ == "__main__":
    main()
