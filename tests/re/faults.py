"""The test server's faults, options and extras, as an independent client (grpcio) sees them.

faults.py RE_SERVER    prints "ok NAME" per test; ends with 1 at the first that fails
"""
import subprocess
import sys
import time

import blake3
import grpc
import zstandard

from facts import (Remote, attempt, build_tree, bs_pb, code, details_pb, digest, re_pb, response_of, status_pb, uuid)

BLOB = b"what is stored " * 1000


class Server:
    """A re_server with --control, and a client of it."""

    def __init__(self, binary, *options):
        self.process = subprocess.Popen([binary, "--control", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.endpoint = self.process.stdout.readline().strip()
        self.remote = Remote(self.endpoint)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def faults(self, rules):
        answer = self.ask("faults " + rules)
        assert answer == "ok", answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remote.channel.close()
        self.process.stdin.close()
        assert self.process.wait(20) == 0, "the server ended with %d" % self.process.returncode


def same(got, want):
    assert got == want, "got %r, want %r" % (got, want)


def outcome(call):
    """None, or the status's name."""
    return code(call)


def read(server):
    return b"".join(server.remote.read(digest(BLOB)))


# ---- statuses ----

def statuses(server):
    for name in ("UNAVAILABLE", "INTERNAL", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "UNAUTHENTICATED"):
        server.faults("FindMissingBlobs:%s" % name.lower().replace("_", "-"))
        same(outcome(lambda: server.remote.missing(digest(BLOB))), name)
    server.faults("")
    same(outcome(lambda: server.remote.missing(digest(BLOB))), None)


def retry_info(server):
    server.faults("FindMissingBlobs#1:resource-exhausted=1500")
    try:
        server.remote.missing(digest(BLOB))
    except grpc.RpcError as e:
        status = status_pb.Status.FromString(dict(e.trailing_metadata())["grpc-status-details-bin"])
        same(status.code, 8)
        info = details_pb.RetryInfo()
        assert status.details[0].Unpack(info)
        same(info.retry_delay.ToMilliseconds(), 1500)
    same(outcome(lambda: server.remote.missing(digest(BLOB))), None)


def counting(server):
    server.faults("FindMissingBlobs#2-3:unavailable;GetCapabilities#2+:internal")
    same([outcome(lambda: server.remote.missing(digest(BLOB))) for _ in range(4)], [None, "UNAVAILABLE", "UNAVAILABLE", None])
    ask = lambda: server.remote.capabilities.GetCapabilities(re_pb.GetCapabilitiesRequest(), timeout=5)
    same([outcome(ask) for _ in range(3)], [None, "INTERNAL", "INTERNAL"])
    server.faults("FindMissingBlobs%50:unavailable")
    seen = [outcome(lambda: server.remote.missing(digest(BLOB))) for _ in range(40)]
    assert 5 < seen.count(None) < 35, seen


def wrong_rules(server):
    for rules in ("Read", "Read:no-such", "Read#x:stall", "Read:stall=1", "Read:delay=x", "Read:close<x"):
        assert server.ask("faults " + rules) != "ok", rules


# ---- time ----

def delay(server):
    server.faults("FindMissingBlobs:delay=300")
    start = time.monotonic()
    server.remote.missing(digest(BLOB))
    assert time.monotonic() - start >= 0.3
    server.faults("Read:delay=300@")
    start = time.monotonic()
    same(read(server), BLOB)
    assert time.monotonic() - start >= 0.3


def stall(server):
    for rules in ("Read:stall", "Read:stall@", "Read:stall@0", "FindMissingBlobs:stall"):
        server.faults(rules)
        call = (lambda: server.remote.missing(digest(BLOB))) if "Find" in rules else (lambda: read(server))
        start, kept = time.monotonic(), Remote.missing.__globals__["TIMEOUT"]
        Remote.missing.__globals__["TIMEOUT"] = 0.5
        try:
            same(outcome(call), "DEADLINE_EXCEEDED")
        finally:
            Remote.missing.__globals__["TIMEOUT"] = kept
        assert time.monotonic() - start < 5


# ---- the stream and the connection ----

def broken_streams(server):
    for rules, want in (("Read:truncate@", ("UNKNOWN", "INTERNAL")), ("Read:rst=2@", ("INTERNAL",)), ("Read:rst=8@", ("CANCELLED",)),
                        ("Read:rst=7", ("UNAVAILABLE",)), ("Read:close@", ("UNAVAILABLE",)), ("Read:close=1@", ("UNAVAILABLE",)),
                        ("Read:close", ("UNAVAILABLE",)), ("Read:halfclose@", ("UNAVAILABLE",)),
                        ("Read:nostatus", ("UNKNOWN", "INTERNAL", None)), ("Read:http=503", ("UNAVAILABLE", "UNKNOWN")),
                        ("Read:unavailable@", ("UNAVAILABLE",)), ("Read:internal@0", ("INTERNAL",)),
                        ("Read:none", (None,))):
        server.faults(rules)
        got = outcome(lambda: read(server))
        assert got in want, "%s: got %s, want one of %s" % (rules, got, want)
        server.faults("")
        same(read(server), BLOB)


def broken_uploads(server):
    data = BLOB * 200
    for rules, want in (("Write:rst=2<100000", ("INTERNAL",)), ("Write:close<100000", ("UNAVAILABLE",)),
                        ("Write:unavailable<100000", ("UNAVAILABLE",)), ("Write:internal", ("INTERNAL",))):
        server.ask("forget-all")
        server.faults(rules)
        got = outcome(lambda: server.remote.write(digest(data), [data[i:i + 65536] for i in range(0, len(data), 65536)]))
        assert got in want, "%s: got %s, want one of %s" % (rules, got, want)
        server.faults("")
        same(server.remote.missing(digest(data)), [digest(data)])
    same(server.remote.write(digest(data), [data]), len(data))


def goaways(server):
    for rules in ("Read#1:goaway@", "Read#1:drain", "Read#1:drain@"):
        server.faults(rules)
        before = int(server.ask("count connections"))
        for _ in range(3):
            same(read(server), BLOB)
            time.sleep(0.15)
        assert int(server.ask("count connections")) > before, rules
    server.faults("Read#1:refuse")
    assert outcome(lambda: read(server)) in (None, "UNAVAILABLE")
    same(read(server), BLOB)


def unusual_frames(server):
    for rules in ("Read:split", "Read:split=1", "Read:split=4000", "Read:settings@", "Read:settings", "Read:ping=3@", "*:ping,split=100"):
        server.faults(rules)
        same(read(server), BLOB)
        same(server.remote.missing(digest(BLOB)), [])


# ---- messages ----

def broken_messages(server):
    for fault in ("garbage", "cut", "flag", "length", "length=100", "twice"):
        server.faults("FindMissingBlobs:%s" % fault)
        try:
            server.remote.missing(digest(BLOB), digest(b"absent"))
        except (grpc.RpcError, AttributeError):  # grpcio gives None for what is no message
            continue
        raise AssertionError(fault)
    server.faults("FindMissingBlobs:oversize=70000000")
    same(outcome(lambda: server.remote.missing(digest(BLOB))), "RESOURCE_EXHAUSTED")
    server.faults("FindMissingBlobs:oversize=1000")
    same(server.remote.missing(digest(BLOB)), [])


def wrong_answers(server):
    server.faults("*:flip")
    assert read(server) != BLOB and len(read(server)) == len(BLOB)
    batch = re_pb.BatchReadBlobsRequest(digests=[digest(BLOB), digest(b"")])
    assert server.remote.cas.BatchReadBlobs(batch, timeout=5).responses[0].data != BLOB
    server.faults("*:reverse")
    same(server.remote.cas.BatchReadBlobs(batch, timeout=5).responses[1].digest, digest(BLOB))
    same(server.remote.missing(digest(b"a"), digest(b"b")), [digest(b"b"), digest(b"a")])
    server.faults("*:partial")
    same(len(server.remote.cas.BatchReadBlobs(batch, timeout=5).responses), 1)
    server.faults("FindMissingBlobs:lie")
    same(server.remote.missing(digest(b"a")), [])


def forgetting(server):
    server.faults("FindMissingBlobs#1:forget")
    same(server.remote.missing(digest(BLOB)), [])
    same(server.remote.missing(digest(BLOB)), [digest(BLOB)])
    same(outcome(lambda: read(server)), "NOT_FOUND")
    server.faults("BatchUpdateBlobs#1:forget;Write#1:forget")
    same(server.remote.put(BLOB), [0])
    same(server.remote.missing(digest(BLOB)), [digest(BLOB)])
    same(server.remote.write(digest(BLOB), [BLOB]), len(BLOB))
    same(server.remote.missing(digest(BLOB)), [digest(BLOB)])
    server.faults("")
    server.remote.put(BLOB)


# ---- operations ----

def operations(server):
    remote = server.remote
    action = remote.action("echo hi > out", ["out"])
    for rules, check in (("Execute:cancelled-op", lambda seen, r: seen[-1].done and seen[-1].error.code == 1),
                         ("Execute:killed", lambda seen, r: r.status.code == 13),
                         ("Execute:empty-op", lambda seen, r: seen[-1].done and r is None),
                         ("Execute:drop", lambda seen, r: not seen[-1].done)):
        server.faults(rules)
        seen, response = remote.execute(action, skip_cache_lookup=True)
        assert check(seen, response), rules
    server.faults("")
    time.sleep(0.3)
    waited = list(remote.execution.WaitExecution(re_pb.WaitExecutionRequest(name=seen[-1].name), timeout=5))
    same(response_of(waited[-1]).result.exit_code, 0)
    server.faults("Execute:drop,lose")
    seen, _ = remote.execute(action, skip_cache_lookup=True)
    same(outcome(lambda: list(remote.execution.WaitExecution(re_pb.WaitExecutionRequest(name=seen[-1].name), timeout=5))), "NOT_FOUND")
    server.faults("Execute:never")
    call = remote.execution.Execute(re_pb.ExecuteRequest(action_digest=action, skip_cache_lookup=True), timeout=1)
    same(outcome(lambda: list(call)), "DEADLINE_EXCEEDED")
    server.faults("")


def lost_inputs(server):
    action = server.remote.action("cat in > out", ["out"], {"in": b"an input"})
    server.faults("Execute#1:forget")
    try:
        server.remote.execute(action)
        raise AssertionError("the inputs were forgotten")
    except grpc.RpcError as e:
        same(e.code().name, "FAILED_PRECONDITION")
        status = status_pb.Status.FromString(dict(e.trailing_metadata())["grpc-status-details-bin"])
        failure = details_pb.PreconditionFailure()
        assert status.details[0].Unpack(failure)
        want = "blobs/%s/8" % digest(b"an input").hash
        assert want in [v.subject for v in failure.violations if v.type == "MISSING"]
    server.remote.action("cat in > out", ["out"], {"in": b"an input"})
    same(server.remote.execute(action)[1].result.exit_code, 0)


def lost_outputs(server):
    action = server.remote.action("echo this is lost > out", ["out"])
    ask = lambda: server.remote.ac.GetActionResult(re_pb.GetActionResultRequest(action_digest=action), timeout=5)
    server.remote.execute(action)
    server.faults("GetActionResult#1:forget")
    found = ask().output_files[0].digest
    same(outcome(lambda: server.remote.read(found)), "NOT_FOUND")
    same(outcome(ask), "NOT_FOUND")
    server.faults("")


# ---- what installable servers lack ----

def compression(server):
    d, data = digest(BLOB), zstandard.ZstdCompressor().compress(BLOB)
    same(server.remote.write(d, [data[:50], data[50:]], kind="compressed-blobs/zstd"), -1)
    server.ask("forget-all")
    same(server.remote.write(d, [data[:50], data[50:]], kind="compressed-blobs/zstd"), len(data))
    packed = b"".join(server.remote.read(d, kind="compressed-blobs/zstd"))
    same(zstandard.ZstdDecompressor().decompressobj().decompress(packed), BLOB)
    packed = b"".join(server.remote.read(d, offset=10, kind="compressed-blobs/zstd"))
    same(zstandard.ZstdDecompressor().decompressobj().decompress(packed), BLOB[10:])
    server.ask("forget-all")
    same(outcome(lambda: server.remote.write(d, [b"no zstd"], kind="compressed-blobs/zstd")), "INVALID_ARGUMENT")
    batch = re_pb.BatchUpdateBlobsRequest()
    batch.requests.add(digest=d, data=data, compressor=re_pb.Compressor.ZSTD)
    same(server.remote.cas.BatchUpdateBlobs(batch, timeout=5).responses[0].status.code, 0)
    got = server.remote.cas.BatchReadBlobs(re_pb.BatchReadBlobsRequest(
        digests=[d], acceptable_compressors=[re_pb.Compressor.ZSTD]), timeout=5).responses[0]
    same(got.compressor, re_pb.Compressor.ZSTD)
    same(zstandard.ZstdDecompressor().decompressobj().decompress(got.data), BLOB)


def resumed_upload(server):
    data = BLOB + b"and more"
    d = digest(data)
    name = "uploads/%s/blobs/%s/%d" % (uuid.uuid4(), d.hash, d.size_bytes)
    status = lambda: server.remote.bytestream.QueryWriteStatus(bs_pb.QueryWriteStatusRequest(resource_name=name), timeout=5)
    same(outcome(lambda: server.remote.write(d, [data[:5000]], name=name, finish=False)), "INVALID_ARGUMENT")
    same((status().committed_size, status().complete), (5000, False))
    same(outcome(lambda: server.remote.write(d, [data[6000:]], name=name, start=6000)), "INVALID_ARGUMENT")
    same(server.remote.write(d, [data[5000:]], name=name, start=5000), len(data))
    same((status().committed_size, status().complete), (len(data), True))


def blake3_blobs(server):
    data = b"hashed otherwise"
    d = re_pb.Digest(hash=blake3.blake3(data).hexdigest(), size_bytes=len(data))
    same(server.remote.write(d, [data], kind="blobs/blake3"), len(data))
    same(server.remote.read(d, kind="blobs/blake3"), [data])
    request = re_pb.FindMissingBlobsRequest(blob_digests=[d], digest_function=re_pb.DigestFunction.BLAKE3)
    same(len(server.remote.cas.FindMissingBlobs(request, timeout=5).missing_blob_digests), 0)
    same(server.remote.missing(d), [d])


def gzip_messages(server):
    """Both ways; what went over the wire is smaller than what was said."""
    server.faults("*:gzip")
    zipped = Remote(server.endpoint, options=[("grpc.default_compression_algorithm", 2)])
    same(read(server), BLOB)
    same(zipped.put(BLOB + b"!"), [0])
    same(b"".join(zipped.read(digest(BLOB + b"!"))), BLOB + b"!")
    zipped.channel.close()


def many_calls(server):
    """1,000 at once, most of them held back: the connection is one."""
    server.faults("FindMissingBlobs:delay=300")
    before = int(server.ask("count connections"))
    request = re_pb.FindMissingBlobsRequest(blob_digests=[digest(BLOB)])
    calls = [server.remote.cas.FindMissingBlobs.future(request, timeout=30) for _ in range(1000)]
    assert all(c.result() is not None for c in calls)
    same(int(server.ask("count connections")), before)


TESTS = [statuses, retry_info, counting, wrong_rules, delay, stall, broken_streams, broken_uploads, goaways, unusual_frames,
         broken_messages, wrong_answers, forgetting, operations, lost_inputs, lost_outputs, compression, resumed_upload,
         blake3_blobs, gzip_messages, many_calls]


# ---- options ----

def with_options(binary, *options):
    with Server(binary, *options) as server:
        server.remote.put(BLOB)
        same(read(server), BLOB)
        for _ in range(3):
            same(server.remote.missing(digest(BLOB), digest(b"absent")), [digest(b"absent")])
        server.faults("FindMissingBlobs:resource-exhausted=5")
        same(outcome(lambda: server.remote.missing(digest(BLOB))), "RESOURCE_EXHAUSTED")


def old_connections(binary):
    with Server(binary, "--max-age-ms=100") as server:
        server.remote.put(BLOB)
        for _ in range(20):
            same(read(server), BLOB)
            time.sleep(0.05)
        assert int(server.ask("count connections")) > 2


def tokens(binary):
    with Server(binary, "--token=Bearer abc") as server:
        request = re_pb.GetCapabilitiesRequest()
        same(outcome(lambda: server.remote.capabilities.GetCapabilities(request, timeout=5)), "UNAUTHENTICATED")
        server.remote.capabilities.GetCapabilities(request, timeout=5, metadata=[("authorization", "Bearer abc")])


def main():
    binary = sys.argv[1]
    for test in TESTS:
        with Server(binary) as server:
            server.remote.put(BLOB)
            test(server)
        print("ok", test.__name__, flush=True)
    for options in (["--hpack=plain"], ["--hpack=literal"], ["--hpack=never"], ["--header-split=1"],
                    ["--hpack=plain", "--header-split=3"], ["--window=1"], ["--max-streams=1"]):
        with_options(binary, *options)
        print("ok", *options, flush=True)
    old_connections(binary)
    print("ok old_connections", flush=True)
    tokens(binary)
    print("ok tokens", flush=True)


if __name__ == "__main__":
    main()
