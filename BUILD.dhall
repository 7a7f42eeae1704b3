{-  straylight, built by straylight.  The lists follow src/LAYER/CMakeLists.txt.  -}
let S = env:STRAYLIGHT_PRELUDE

let map = S.List.map

let none = [] : List Text

let below =
      \(dir : Text) -> map Text Text (\(file : Text) -> "${dir}/${file}")

let -- BLAKE3's C sources, as Debian's librust-blake3-dev has them.
    blake3 =
      S.Flag.SystemInclude "/usr/share/cargo/registry/blake3-1.3.1/c"

let warnings =
        [ S.Flag.Warnings S.Flags.Warnings.All ]
      # map
          Text
          S.Flag
          S.Flag.W
          [ "pedantic"
          , "shadow"
          , "strict-prototypes"
          , "missing-prototypes"
          , "undef"
          , "write-strings"
          , "vla"
          , "format=2"
          ]
      # [ S.Flag.Wno "format-nonliteral", S.Flag.Wno "missing-field-initializers" ]

let settings =
      { c_std = Some S.CStd.C17
      , flags = warnings # [ blake3 ]
      , copts = [ "-fvisibility=hidden" ]
      }

let -- Static libraries: each shared one costs every start a part of a millisecond.
    archives =
      { uv = [ "-l:libuv_a.a", "-lpthread", "-ldl" ]
      , crypto = [ "-l:libcrypto.a", "-lpthread", "-ldl" ]
      , -- One word: libcrypto has to follow libssl, wherever else it stands.
        ssl =
        [ "-Wl,--start-group,-l:libssl.a,-l:libcrypto.a,--end-group"
        , "-lpthread"
        , "-ldl"
        ]
      , nghttp2 = [ "-l:libnghttp2.a" ]
      , z = [ "-l:libz.a" ]
      , zstd = [ "-l:libzstd.a" ]
      , gmp = [ "-l:libgmp.a" ]
      , lmdb = [ "-l:liblmdb.a", "-lpthread" ]
      , jansson = [ "-l:libjansson.a" ]
      , yaml = [ "-l:libyaml.a" ]
      , sodium = [ "-l:libsodium.a", "-lpthread" ]
      , m = [ "-lm" ]
      , protobuf_c = [ "-l:libprotobuf-c.a" ]
      }

let -- The messages of remote execution, without ".proto".
    protos =
      [ "build/bazel/semver/semver"
      , "google/bytestream/bytestream"
      , "google/longrunning/operations"
      , "google/protobuf/any"
      , "google/protobuf/duration"
      , "google/protobuf/empty"
      , "google/protobuf/timestamp"
      , "google/protobuf/wrappers"
      , "google/rpc/error_details"
      , "google/rpc/status"
      , "remote_execution"
      ]

let ending =
      \(end : Text) -> map Text Text (\(name : Text) -> "${name}${end}")

let layer =
      \(name : Text) ->
      \(srcs : List Text) ->
      \(headers : List Text) ->
      \(deps : List Text) ->
            S.cxx_library name (below "src/${name}" srcs) none deps
        //  settings
        //  { exported_deps = [ ":include" ]
            , private_hdrs = below "src/${name}" headers
            , local_includes = [ "src/${name}" ]
            , local_defines = [ "_GNU_SOURCE" ]
            }

let test_headers =
      below
        "tests/unit"
        [ "dhall/semantics.h"
        , "dhall/syntax.h"
        , "dice/world.h"
        , "store/store_test.h"
        , "test.h"
        ]

let -- tests/unit/LAYER/NAME_test.c
    test =
      \(name : Text) ->
      \(layer : Text) ->
      \(headers : List Text) ->
            S.cxx_test
              "${layer}_${name}_test"
              [ "tests/unit/${layer}/${name}_test.c" ]
              [ ":${layer}" ]
        //  settings
        //  { private_hdrs = below "src/${layer}" headers # test_headers
            , includes = [ "src/${layer}", "tests/unit" ]
            , defines = [ "_GNU_SOURCE" ]
            , linkopts = [ "-lcmocka" ]
            }

let headers =
      { base =
          none
      , store =
          [ "nar_int.h"
          , "store_int.h"
          ]
      , dice =
          [ "dice_int.h"
          ]
      , dhall =
          [ "builtin.def"
          , "check.h"
          , "children.h"
          , "decode.h"
          , "edits.h"
          , "env.h"
          , "ide.h"
          , "lex.h"
          , "nix.h"
          , "notes.h"
          , "num.h"
          , "parse.h"
          , "print.h"
          , "scope.h"
          , "session.h"
          , "spell.h"
          , "stack.h"
          , "term.h"
          , "types.h"
          , "unit.h"
          , "value.h"
          , "young.h"
          ]
      , nix =
          [ "attrs.h"
          , "builtin.def"
          , "builtin.h"
          , "drv_int.h"
          , "files.h"
          , "lex.h"
          , "machine.h"
          , "regex.h"
          , "regex_int.h"
          , "scope.h"
          , "seen.h"
          , "syntax.h"
          , "toml.h"
          , "value.h"
          ]
      , re =
          [ "re_int.h"
          ]
      , net =
          [ "curl.h"
          , "endpoint.h"
          , "frame.h"
          , "grpc_int.h"
          , "net_int.h"
          , "out.h"
          , "status.h"
          , "tls.h"
          ]
      , build =
          [ "action.h"
          , "analysis.h"
          , "away.h"
          , "away_int.h"
          , "build_int.h"
          , "capture.h"
          , "capture_int.h"
          , "commands.h"
          , "commands_int.h"
          , "compat.h"
          , "configure.h"
          , "convert_attrs.def"
          , "convert_int.h"
          , "convert_package.h"
          , "convert_shell.h"
          , "depfile.h"
          , "derivation.h"
          , "dhalltext.h"
          , "drv_job.h"
          , "drv_keys.h"
          , "drv_source.h"
          , "drv_start.h"
          , "execute.h"
          , "fetch_known.h"
          , "files.h"
          , "git.h"
          , "identity.h"
          , "journal.h"
          , "kept.h"
          , "keys_int.h"
          , "label.h"
          , "lint.def"
          , "lint_int.h"
          , "lint_judge.h"
          , "lint_reading.h"
          , "materialize.h"
          , "memo.h"
          , "migrate_int.h"
          , "migrate_run.h"
          , "migrate_typing.h"
          , "narrow.h"
          , "nix_doors.h"
          , "nix_memo.h"
          , "nix_witness.h"
          , "nix_world.h"
          , "obtain.h"
          , "prelude.def"
          , "program.h"
          , "provide.h"
          , "reads.h"
          , "record.h"
          , "remote.h"
          , "reshape.h"
          , "scan.h"
          , "shellflat.h"
          , "shellwords.h"
          , "shellwords_int.h"
          , "start_form.h"
          , "state.h"
          , "step_int.h"
          , "step_nix.h"
          , "substitute_int.h"
          , "symbolic.h"
          , "symbolic_int.h"
          , "target.h"
          , "toolchain.h"
          , "toolchain_nix.h"
          , "trace_int.h"
          , "trace_tool.h"
          , "unpack.h"
          , "unpack_library.h"
          , "wrap_int.h"
          , "zygote.h"
          ]
      , cmd =
          [ "caches.h"
          , "cas.h"
          , "cmd.h"
          , "described.h"
          , "dhall_edit.h"
          , "dhall_nix.h"
          , "dhall_repl.h"
          , "dhall_work.h"
          , "editor.h"
          , "events.h"
          , "export.h"
          , "graph.h"
          , "junit.h"
          , "lint_format.h"
          , "lsp.h"
          , "man.h"
          , "named.h"
          , "options.h"
          , "page.h"
          , "re_here.h"
          , "re_probe.h"
          , "server.h"
          , "size.h"
          , "ui.h"
          , "version.h"
          , "watch.h"
          ]
      }

in  { include =
            S.cxx_library
              "include"
              none
              ( below
                  "include/straylight"
                  [ "base.h"
                  , "base/blob.h"
                  , "base/buf.h"
                  , "base/cbor.h"
                  , "base/diag.def"
                  , "base/diag.h"
                  , "base/digest.h"
                  , "base/intern.h"
                  , "base/json.h"
                  , "base/library.h"
                  , "base/map.h"
                  , "base/mem.h"
                  , "base/os.h"
                  , "base/pool.h"
                  , "base/source.h"
                  , "base/stack.h"
                  , "base/str.h"
                  , "base/utf8.h"
                  , "base/vec.h"
                  , "build.h"
                  , "closure.h"
                  , "convert.h"
                  , "data.h"
                  , "derivation.h"
                  , "dhall.h"
                  , "dhall_ide.h"
                  , "dhall_marks.h"
                  , "dhall_site.h"
                  , "dice.h"
                  , "doors.h"
                  , "drv.h"
                  , "drvbuild.h"
                  , "fetch.h"
                  , "grpc.h"
                  , "hostpath.h"
                  , "instantiate.h"
                  , "lint.h"
                  , "migrate.h"
                  , "nar.h"
                  , "narinfo.h"
                  , "net.h"
                  , "nix.h"
                  , "nix_marks.h"
                  , "nixhash.h"
                  , "nixkey.h"
                  , "nixstore.h"
                  , "prelude.h"
                  , "re.h"
                  , "sandbox.h"
                  , "store.h"
                  , "storepath.h"
                  , "substitute.h"
                  , "trace.h"
                  , "valid.h"
                  , "wire.h"
                  , "wrap.h"
                  ]
              )
              none
        //  { includes = [ "include" ] }
    , blake3 =
            S.cxx_library
              "blake3"
              ( below
                  "src/base"
                  [ "blake3/blake3.c"
                  , "blake3/dispatch.c"
                  , "blake3/portable.c"
                  , "blake3/neon.c"
                  , "blake3/sse2.S"
                  , "blake3/sse41.S"
                  , "blake3/avx2.S"
                  , "blake3/avx512.S"
                  ]
              )
              none
              none
        //  { flags = [ blake3, S.Flag.Warnings S.Flags.Warnings.None, S.Flag.OptLevel S.Flags.OptLevel.O3 ] }
    , proto_sources =
        S.genrule
          "proto_sources"
          ( below
              "proto"
              (   ending ".proto" protos
                # [ "google/protobuf/descriptor.proto"
                  , "protobuf-c/protobuf-c.proto"
                  ]
              )
          )
          (ending ".pb-c.h" protos # ending ".pb-c.c" protos)
          [ S.Command.Run
              S.Run::{
              , tool = S.program "userland" "protoc-c"
              , arguments =
                    [ [ S.Analysis.Piece.Text "--c_out="
                      , S.Analysis.Piece.Outputs
                      ]
                    , S.word "-Iproto"
                    ]
                  # map Text S.Analysis.Word S.word (ending ".proto" protos)
              }
          ]
    , proto =
            S.cxx_library
              "proto"
              [ "proto/messages.c" ]
              none
              [ ":proto_sources" ]
        //  { exported_deps = [ ":proto_sources" ]
            , c_std = Some S.CStd.C17
            , flags = [ S.Flag.Warnings S.Flags.Warnings.None ]
            , linkopts = archives.protobuf_c
            }
    , base =
            layer
              "base"
              [ "mem.c"
              , "str.c"
              , "buf.c"
              , "vec.c"
              , "map.c"
              , "intern.c"
              , "blob.c"
              , "source.c"
              , "diag.c"
              , "digest.c"
              , "cbor.c"
              , "json.c"
              , "utf8.c"
              , "os.c"
              , "pool.c"
              , "stack.c"
              , "library.c"
              ]
              headers.base
              [ ":blake3" ]
        //  { linkopts = archives.crypto # archives.uv # archives.m
            }
    , store =
            layer
              "store"
              [ "wire.c"
              , "seen.c"
              , "store.c"
              , "cas.c"
              , "put.c"
              , "stream.c"
              , "tree.c"
              , "builder.c"
              , "directory.c"
              , "import.c"
              , "materialize.c"
              , "result.c"
              , "gc.c"
              , "nar_read.c"
              , "nar_out.c"
              , "nar_dump.c"
              , "nar_entry.c"
              , "nar_restore.c"
              , "nar_import.c"
              ]
              headers.store
              [ ":base" ]
    , dice =
            layer
              "dice"
              [ "graph.c"
              , "txn.c"
              , "step.c"
              , "ask.c"
              , "job.c"
              , "wave.c"
              , "cycle.c"
              , "why.c"
              ]
              headers.dice
              [ ":base" ]
        //  { linkopts = archives.uv
            }
    , dhall =
            layer
              "dhall"
              [ "num.c"
              , "scope.c"
              , "lex.c"
              , "expect.c"
              , "parse.c"
              , "operand.c"
              , "fields.c"
              , "literal.c"
              , "text.c"
              , "path.c"
              , "encode.c"
              , "decode.c"
              , "decode_record.c"
              , "decode_import.c"
              , "decode_time.c"
              , "items.c"
              , "spell.c"
              , "notes.c"
              , "print.c"
              , "print_notes.c"
              , "print_expression.c"
              , "print_record.c"
              , "print_text.c"
              , "children.c"
              , "session.c"
              , "limit.c"
              , "shape.c"
              , "eval.c"
              , "scalar.c"
              , "operator.c"
              , "builtin.c"
              , "fold.c"
              , "val_text.c"
              , "list.c"
              , "record.c"
              , "equal.c"
              , "quote.c"
              , "hash.c"
              , "universe.c"
              , "check.c"
              , "check_record.c"
              , "check_union.c"
              , "point.c"
              , "diff.c"
              , "unit.c"
              , "bind.c"
              , "types.c"
              , "resolve.c"
              , "remote.c"
              , "read.c"
              , "data.c"
              , "data_write.c"
              , "data_cbor.c"
              , "data_json.c"
              , "data_yaml.c"
              , "data_term.c"
              , "nix.c"
              , "nix_name.c"
              , "nix_builtin.c"
              , "format.c"
              , "edits.c"
              , "lint.c"
              , "freeze.c"
              , "schemas.c"
              , "tags.c"
              , "package.c"
              , "words.c"
              , "marks.c"
              , "site.c"
              , "ide.c"
              , "ide_check.c"
              , "ide_walk.c"
              , "ide_look.c"
              , "ide_seen.c"
              , "ide_find.c"
              , "ide_names.c"
              , "ide_repair.c"
              , "ide_mend.c"
              , "ide_complete.c"
              , "ide_outline.c"
              ]
              headers.dhall
              [ ":base" ]
        //  { linkopts = archives.gmp # archives.yaml # archives.m
            }
    , nix =
            layer
              "nix"
              [ "nixhash.c"
              , "nixhash_text.c"
              , "storepath.c"
              , "drv_parse.c"
              , "drv_print.c"
              , "drv.c"
              , "drv_hash.c"
              , "drv_check.c"
              , "drv_json.c"
              , "nixkey.c"
              , "narinfo.c"
              , "attrs.c"
              , "files.c"
              , "lex.c"
              , "parse.c"
              , "parse_text.c"
              , "parse_attrs.c"
              , "parse_function.c"
              , "scope.c"
              , "eval.c"
              , "call.c"
              , "set.c"
              , "operator.c"
              , "text.c"
              , "want.c"
              , "error.c"
              , "path.c"
              , "place.c"
              , "print.c"
              , "json.c"
              , "json_read.c"
              , "xml.c"
              , "toml.c"
              , "toml_value.c"
              , "regex.c"
              , "regex_run.c"
              , "profile.c"
              , "session.c"
              , "derivations.c"
              , "marks.c"
              , "unbound.c"
              , "builtin.c"
              , "builtin_type.c"
              , "builtin_number.c"
              , "builtin_list.c"
              , "builtin_attrs.c"
              , "builtin_string.c"
              , "builtin_context.c"
              , "builtin_data.c"
              , "builtin_regex.c"
              , "builtin_path.c"
              , "builtin_drv.c"
              , "builtin_fetch.c"
              ]
              headers.nix
              [ ":base", ":store" ]
        //  { linkopts = archives.crypto # archives.sodium
            }
    , net =
            layer
              "net"
              [ "curl.c"
              , "net.c"
              , "download.c"
              , "endpoint.c"
              , "frame.c"
              , "status.c"
              , "tls.c"
              , "session.c"
              , "conn.c"
              , "out.c"
              , "call.c"
              , "channel.c"
              ]
              headers.net
              [ ":base", ":store" ]
        //  { linkopts = archives.nghttp2 # archives.ssl # archives.z # archives.uv
            }
    , re =
            layer
              "re"
              [ "client.c"
              , "status.c"
              , "rpc.c"
              , "caps.c"
              , "known.c"
              , "find.c"
              , "missing.c"
              , "upload.c"
              , "way.c"
              , "send.c"
              , "batch.c"
              , "write.c"
              , "chunks.c"
              , "fetch.c"
              , "read.c"
              , "tree.c"
              , "result.c"
              , "take.c"
              , "ac.c"
              , "action.c"
              , "operation.c"
              , "execute.c"
              ]
              headers.re
              [ ":base", ":store", ":net", ":proto" ]
        //  { linkopts = archives.zstd # archives.uv
            }
    , build =
            layer
              "build"
              [ "sandbox.c"
              , "sandbox_probe.c"
              , "zygote.c"
              , "zygote_root.c"
              , "zygote_init.c"
              , "program.c"
              , "prelude.c"
              , "prelude_data.S"
              , "doors.c"
              , "nix_doors.c"
              , "nix_fetch.c"
              , "nix_realise.c"
              , "nix_witness.c"
              , "nix_memo.c"
              , "instantiate.c"
              , "hostpath.c"
              , "git.c"
              , "nixstore.c"
              , "fetch.c"
              , "fetch_known.c"
              , "fetch_tree.c"
              , "unpack.c"
              , "unpack_library.c"
              , "substitute.c"
              , "substitute_offer.c"
              , "substitute_nar.c"
              , "label.c"
              , "analysis.c"
              , "configure.c"
              , "provided.c"
              , "toolchain.c"
              , "action.c"
              , "identity.c"
              , "depfile.c"
              , "state.c"
              , "files.c"
              , "narrow.c"
              , "journal.c"
              , "plan.c"
              , "reads.c"
              , "collect.c"
              , "mishap.c"
              , "provide.c"
              , "kept.c"
              , "execute.c"
              , "materialize.c"
              , "obtain.c"
              , "toolchain_key.c"
              , "toolchain_nix.c"
              , "capture.c"
              , "capture_find.c"
              , "capture_elf.c"
              , "capture_dpkg.c"
              , "capture_depends.c"
              , "capture_ask.c"
              , "capture_record.c"
              , "capture_obtain.c"
              , "record.c"
              , "memo.c"
              , "witness.c"
              , "recall.c"
              , "load.c"
              , "keys.c"
              , "package.c"
              , "act.c"
              , "act_fetch.c"
              , "step.c"
              , "step_away.c"
              , "step_race.c"
              , "nix_world.c"
              , "compat.c"
              , "compat_memo.c"
              , "drv_keys.c"
              , "step_nix.c"
              , "step_nix_host.c"
              , "wrap.c"
              , "wrap_nix.c"
              , "wrap_try.c"
              , "wrap_text.c"
              , "away.c"
              , "away_errand.c"
              , "away_fetch.c"
              , "away_put.c"
              , "build.c"
              , "remote.c"
              , "get.c"
              , "noop.c"
              , "query.c"
              , "find.c"
              , "clean.c"
              , "shell.c"
              , "closure.c"
              , "lint.c"
              , "lint_file.c"
              , "lint_text.c"
              , "lint_network.c"
              , "lint_allow.c"
              , "lint_source.c"
              , "lint_dhall.c"
              , "lint_value.c"
              , "lint_derivation.c"
              , "lint_step.c"
              , "lint_nix.c"
              , "lint_setting.c"
              , "lint_argument.c"
              , "lint_host.c"
              , "lint_symbolic.c"
              , "lint_record.c"
              , "symbolic.c"
              , "symbolic_file.c"
              , "symbolic_data.S"
              , "convert.c"
              , "convert_command.c"
              , "convert_data.S"
              , "convert_deps.c"
              , "convert_fetch.c"
              , "convert_input.c"
              , "convert_language.c"
              , "convert_operand.c"
              , "convert_package.c"
              , "convert_path.c"
              , "convert_phase.c"
              , "convert_rule.c"
              , "convert_setting.c"
              , "convert_shell.c"
              , "convert_source.c"
              , "convert_text.c"
              , "convert_trace.c"
              , "convert_word.c"
              , "trace.c"
              , "trace_record.c"
              , "trace_tool.c"
              , "trace_graph.c"
              , "trace_include.c"
              , "trace_propose.c"
              , "derivation.c"
              , "derivation_write.c"
              , "derivation_input.c"
              , "derivation_part.c"
              , "derivation_mk.c"
              , "derivation_raw.c"
              , "derivation_constrained.c"
              , "derivation_script.c"
              , "shellword.c"
              , "shellwords.c"
              , "shellflat.c"
              , "commands.c"
              , "commands_files.c"
              , "commands_print.c"
              , "dhalltext.c"
              , "reshape.c"
              , "migrate.c"
              , "migrate_write.c"
              , "migrate_report.c"
              , "migrate_compare.c"
              , "migrate_dhall.c"
              , "migrate_target.c"
              , "migrate_rule.c"
              , "migrate_wrap.c"
              , "migrate_place.c"
              , "migrate_package.c"
              , "migrate_bytes.c"
              , "migrate_seen.c"
              , "migrate_value.c"
              , "migrate_input.c"
              , "migrate_settings.c"
              , "migrate_phase.c"
              , "migrate_env.c"
              , "migrate_typed.c"
              , "migrate_script.c"
              , "migrate_flag.c"
              , "migrate_toolchain.c"
              , "migrate_nix.c"
              , "migrate_diff.c"
              , "valid.c"
              , "scan.c"
              , "drv_source.c"
              , "drv_start.c"
              , "drv_attrs.c"
              , "drv_graph.c"
              , "drv_root.c"
              , "drv_sandbox.c"
              , "drv_remote.c"
              , "drv_fetch.c"
              , "drv_check.c"
              , "drv_open.c"
              , "drv_substitute.c"
              , "drv_build.c"
              , "drv_export.c"
              , "launch_data.S"
              ]
              headers.build
              [ ":base", ":store", ":dice", ":dhall", ":nix", ":net", ":re" ]
        //  { linkopts = archives.uv # archives.lmdb
            , local_includes =
              [ "src/build", "prelude", "straylight-out/launch" ]
            , compile_data =
                below
                  "prelude"
                  [ "Action.dhall"
                  , "Analysis.dhall"
                  , "Builder.dhall"
                  , "Derivation.dhall"
                  , "Flags.dhall"
                  , "List.dhall"
                  , "Target.dhall"
                  , "Toolchain.dhall"
                  , "Triple.dhall"
                  , "Workspace.dhall"
                  , "archive.dhall"
                  , "cxx.dhall"
                  , "foreign.dhall"
                  , "general.dhall"
                  , "package.dhall"
                  , "package_script.dhall"
                  , "rust.dhall"
                  , "script.dhall"
                  ]
                # [ ":launch"
                  , "src/build/convert_deps.dhall"
                  , "src/build/evaluated.nix"
                  , "src/build/symbolic.nix"
                  ]
            }
    , cmd =
            layer
              "cmd"
              [ "call.c"
              , "options.c"
              , "help.c"
              , "man.c"
              , "page.c"
              , "page_data.S"
              , "version.c"
              , "ui.c"
              , "watch.c"
              , "init.c"
              , "build.c"
              , "events.c"
              , "export.c"
              , "run.c"
              , "test.c"
              , "shell.c"
              , "junit.c"
              , "query.c"
              , "graph.c"
              , "why.c"
              , "toolchain.c"
              , "clean.c"
              , "gc.c"
              , "size.c"
              , "completions.c"
              , "doctor.c"
              , "get.c"
              , "server.c"
              , "described.c"
              , "re_check.c"
              , "re_probe.c"
              , "re_show.c"
              , "re_run.c"
              , "re_here.c"
              , "cas.c"
              , "cas_get.c"
              , "dhall.c"
              , "dhall_work.c"
              , "dhall_data.c"
              , "dhall_nix.c"
              , "dhall_resolve.c"
              , "dhall_edit.c"
              , "dhall_source.c"
              , "dhall_package.c"
              , "dhall_repl.c"
              , "dhall_complete.c"
              , "editor.c"
              , "lsp.c"
              , "lsp_frame.c"
              , "lsp_position.c"
              , "lsp_doc.c"
              , "lsp_check.c"
              , "lsp_language.c"
              , "lsp_complete.c"
              , "lsp_edit.c"
              , "dhall_lsp.c"
              , "wrap.c"
              , "convert.c"
              , "lint.c"
              , "lint_text.c"
              , "lint_json.c"
              , "lint_sarif.c"
              , "lint_github.c"
              , "migrate.c"
              , "trace.c"
              , "drv.c"
              , "drv_build.c"
              , "nix_nar.c"
              , "nix.c"
              , "nix_realise.c"
              , "named.c"
              , "caches.c"
              ]
              headers.cmd
              [ ":build" ]
        //  { linkopts = archives.uv
            , local_includes = [ "src/cmd", "docs/errors" ]
            , compile_data =
                below
                  "docs/errors"
                  [ "E0001.md"
                  , "E0002.md"
                  , "E0003.md"
                  , "E0004.md"
                  , "E0005.md"
                  , "E0101.md"
                  , "E0102.md"
                  , "E0103.md"
                  , "E0104.md"
                  , "E0105.md"
                  , "E0106.md"
                  , "E0107.md"
                  , "E0108.md"
                  , "E0109.md"
                  , "E0201.md"
                  , "E0202.md"
                  , "E0203.md"
                  , "E0204.md"
                  , "E0205.md"
                  , "E0206.md"
                  , "E0207.md"
                  , "E0208.md"
                  , "E0209.md"
                  , "E0210.md"
                  , "E0211.md"
                  , "E0212.md"
                  , "E0301.md"
                  , "E0302.md"
                  , "E0303.md"
                  , "E0304.md"
                  , "E0305.md"
                  , "E0306.md"
                  , "E0307.md"
                  , "E0308.md"
                  , "E0309.md"
                  , "E0310.md"
                  , "E0311.md"
                  , "E0312.md"
                  , "E0313.md"
                  , "E0314.md"
                  , "E0315.md"
                  , "E0316.md"
                  , "E0317.md"
                  , "E0318.md"
                  , "E0319.md"
                  , "E0320.md"
                  , "E0321.md"
                  , "E0322.md"
                  , "E0323.md"
                  , "E0324.md"
                  , "E0325.md"
                  , "E0326.md"
                  , "E0327.md"
                  , "E0328.md"
                  , "E0329.md"
                  , "E0330.md"
                  , "E0331.md"
                  , "E0401.md"
                  , "E0402.md"
                  , "E0403.md"
                  , "E0404.md"
                  , "E0501.md"
                  , "E0502.md"
                  , "E0503.md"
                  , "E0504.md"
                  , "E0601.md"
                  , "E0602.md"
                  , "E0603.md"
                  , "E0604.md"
                  , "E0605.md"
                  , "E0606.md"
                  , "E0607.md"
                  , "E0608.md"
                  , "E0609.md"
                  , "E0610.md"
                  , "E0611.md"
                  , "E0612.md"
                  , "E0613.md"
                  , "E0701.md"
                  , "E0702.md"
                  , "E0703.md"
                  , "E0704.md"
                  , "E0705.md"
                  , "E0706.md"
                  , "E0707.md"
                  , "E0708.md"
                  , "E0709.md"
                  , "E0710.md"
                  , "E0711.md"
                  , "E0712.md"
                  , "E0713.md"
                  , "E0714.md"
                  , "E0801.md"
                  , "E0802.md"
                  , "E0803.md"
                  , "E0804.md"
                  , "E0805.md"
                  , "E0806.md"
                  , "E0807.md"
                  , "E0808.md"
                  , "E0809.md"
                  , "E0810.md"
                  , "E0811.md"
                  , "E0901.md"
                  , "E0902.md"
                  , "E0903.md"
                  , "E0904.md"
                  , "E0905.md"
                  , "E0906.md"
                  , "E1001.md"
                  , "E1002.md"
                  , "E1003.md"
                  , "E1004.md"
                  , "E1005.md"
                  , "E1006.md"
                  , "E1007.md"
                  , "E1008.md"
                  , "E1101.md"
                  , "E1102.md"
                  , "E1103.md"
                  , "E1104.md"
                  , "E1105.md"
                  , "E1106.md"
                  , "E1107.md"
                  , "E1108.md"
                  , "E1109.md"
                  , "E1110.md"
                  , "E1111.md"
                  , "E1120.md"
                  , "E1121.md"
                  , "E1122.md"
                  , "E1123.md"
                  , "E1124.md"
                  , "E1125.md"
                  , "E1126.md"
                  , "E1127.md"
                  , "E1128.md"
                  , "E1129.md"
                  , "E1130.md"
                  , "E1131.md"
                  , "E1132.md"
                  , "E1133.md"
                  , "E1134.md"
                  , "E1135.md"
                  , "E1136.md"
                  , "E1137.md"
                  , "E1138.md"
                  , "E1139.md"
                  , "E1140.md"
                  , "E1141.md"
                  , "E1142.md"
                  , "E1143.md"
                  , "E1144.md"
                  , "E1145.md"
                  , "E1146.md"
                  , "E1147.md"
                  , "E1148.md"
                  , "E1149.md"
                  , "E1150.md"
                  , "E1151.md"
                  , "E1152.md"
                  , "E1153.md"
                  , "E1154.md"
                  , "E1155.md"
                  , "E1156.md"
                  , "E1157.md"
                  , "E1158.md"
                  , "E1161.md"
                  , "E1162.md"
                  , "E1163.md"
                  , "E1201.md"
                  , "E1202.md"
                  , "E1203.md"
                  , "E1204.md"
                  , "E1205.md"
                  , "E1206.md"
                  , "E1207.md"
                  , "E1208.md"
                  , "E1209.md"
                  , "E1210.md"
                  , "E1211.md"
                  , "E1212.md"
                  , "E1213.md"
                  , "E1214.md"
                  , "E1215.md"
                  , "E1221.md"
                  , "E1231.md"
                  , "E1232.md"
                  , "E1233.md"
                  , "E1234.md"
                  , "E1235.md"
                  , "E1241.md"
                  , "E1242.md"
                  , "E1243.md"
                  , "E1244.md"
                  , "E1251.md"
                  , "E1252.md"
                  , "E1261.md"
                  , "E1262.md"
                  , "E1271.md"
                  , "E1272.md"
                  , "E1273.md"
                  , "E1274.md"
                  , "E1275.md"
                  , "E1276.md"
                  , "E1277.md"
                  , "E1278.md"
                  , "E1301.md"
                  , "E1302.md"
                  , "E1303.md"
                  , "E1304.md"
                  , "E1401.md"
                  , "E1402.md"
                  , "E1403.md"
                  ]
            }
    , straylight =
            S.cxx_binary "straylight" [ "src/cmd/main.c" ] [ ":cmd" ]
        //  settings
        //  { private_hdrs = below "src/cmd" headers.cmd
            , includes = [ "src/cmd" ]
            , defines = [ "_GNU_SOURCE" ]
            , link_cxx = False
            }
    , base_mem_test = test "mem" "base" headers.base
    , base_str_test = test "str" "base" headers.base
    , base_buf_test = test "buf" "base" headers.base
    , base_vec_test = test "vec" "base" headers.base
    , base_map_test = test "map" "base" headers.base
    , base_intern_test = test "intern" "base" headers.base
    , base_blob_test = test "blob" "base" headers.base
    , base_source_test = test "source" "base" headers.base
    , base_diag_test = test "diag" "base" headers.base
    , base_digest_test = test "digest" "base" headers.base
    , base_cbor_test = test "cbor" "base" headers.base
    , base_json_test = test "json" "base" headers.base
    , base_utf8_test = test "utf8" "base" headers.base
    , base_os_test = test "os" "base" headers.base
    , base_pool_test = test "pool" "base" headers.base
    , store_wire_test = test "wire" "store" headers.store
    , store_cas_test = test "cas" "store" headers.store
    , store_stream_test = test "stream" "store" headers.store
    , store_tree_test = test "tree" "store" headers.store
    , store_result_test = test "result" "store" headers.store
    , store_materialize_test = test "materialize" "store" headers.store
    , store_store_test = test "store" "store" headers.store
    , dice_graph_test = test "graph" "dice" headers.dice
    , dice_txn_test = test "txn" "dice" headers.dice
    , dice_step_test = test "step" "dice" headers.dice
    , dice_job_test = test "job" "dice" headers.dice
    , dice_cycle_test = test "cycle" "dice" headers.dice
    , dice_why_test = test "why" "dice" headers.dice
    , dice_oracle_test = test "oracle" "dice" headers.dice
    , dhall_num_test = test "num" "dhall" headers.dhall
    , dhall_parse_test = test "parse" "dhall" headers.dhall
    , dhall_print_test = test "print" "dhall" headers.dhall
    , dhall_encode_test = test "encode" "dhall" headers.dhall
    , dhall_decode_test = test "decode" "dhall" headers.dhall
    , dhall_eval_test = test "eval" "dhall" headers.dhall
    , dhall_check_test = test "check" "dhall" headers.dhall
    , dhall_unit_test = test "unit" "dhall" headers.dhall
    , dhall_session_test = test "session" "dhall" headers.dhall
    , dhall_data_test = test "data" "dhall" headers.dhall
    , dhall_remote_test = test "remote" "dhall" headers.dhall
    , dhall_read_test = test "read" "dhall" headers.dhall
    , launch =
            S.cxx_binary "launch" [ "src/build/launch.c" ] none
        //  { private_hdrs = [ "src/build/start_form.h" ]
            , copts = [ "-Os" ]
            , flags = [ S.Flag.Static ]
            , linkopts = [ "-Wl,--gc-sections", "-Wl,-s" ]
            , link_cxx = False
            }
    , probe =
            S.cxx_binary "probe" [ "tests/unit/build/probe.c" ] none
        //  { defines = [ "_GNU_SOURCE" ], flags = [ S.Flag.Static ] }
    , build_sandbox_test =
            test "sandbox" "build" headers.build
        //  { defines = [ "_GNU_SOURCE", "PROBE=getenv(\"PROBE\")" ]
            , locations = toMap { PROBE = ":probe" }
            }
    , build_capture_test = test "capture" "build" headers.build
    , net_net_test = test "net" "net" headers.net
    , net_endpoint_test = test "endpoint" "net" headers.net
    , net_frame_test = test "frame" "net" headers.net
    , net_status_test = test "status" "net" headers.net
    , cmd_options_test = test "options" "cmd" headers.cmd
    , cmd_ui_test = test "ui" "cmd" headers.cmd
    , cmd_junit_test = test "junit" "cmd" headers.cmd
    , tests =
        S.test_suite
          "tests"
          [ ":base_mem_test"
          , ":base_str_test"
          , ":base_buf_test"
          , ":base_vec_test"
          , ":base_map_test"
          , ":base_intern_test"
          , ":base_blob_test"
          , ":base_source_test"
          , ":base_diag_test"
          , ":base_digest_test"
          , ":base_cbor_test"
          , ":base_json_test"
          , ":base_utf8_test"
          , ":base_os_test"
          , ":base_pool_test"
          , ":store_wire_test"
          , ":store_cas_test"
          , ":store_stream_test"
          , ":store_tree_test"
          , ":store_result_test"
          , ":store_materialize_test"
          , ":store_store_test"
          , ":dice_graph_test"
          , ":dice_txn_test"
          , ":dice_step_test"
          , ":dice_job_test"
          , ":dice_cycle_test"
          , ":dice_why_test"
          , ":dice_oracle_test"
          , ":dhall_num_test"
          , ":dhall_parse_test"
          , ":dhall_print_test"
          , ":dhall_encode_test"
          , ":dhall_decode_test"
          , ":dhall_eval_test"
          , ":dhall_check_test"
          , ":dhall_unit_test"
          , ":dhall_session_test"
          , ":dhall_data_test"
          , ":dhall_remote_test"
          , ":dhall_read_test"
          , ":build_sandbox_test"
          , ":build_capture_test"
          , ":net_net_test"
          , ":net_endpoint_test"
          , ":net_frame_test"
          , ":net_status_test"
          , ":cmd_options_test"
          , ":cmd_ui_test"
          , ":cmd_junit_test"
          ]
    }
