{-  http_archive: what a URL gives, by its hash.  -}
let A = ./Analysis.dhall

let L = ./List.dhall

let Target = ./Target.dhall

let Toolchain = ./Toolchain.dhall

let Arg = A.Arg

let Piece = A.Piece

let none = [] : List Text

let ArchiveType =
      {-  Archive  tar or zip, compressed in any way: the output is a directory
          File     the output is the file, as it came
          -}
      < Archive | File >

let HttpArchive =
      {-  sha256        64 hexadecimal digits; or another hash as Nix writes it ("sha512-…=")
          mirrors       URLs that are asked after the first; file, http and https
          strip_prefix  the directory of the archive that becomes the output; None is its only topmost
                        one, if it has no more than that
          patches       applied in order, with the names in them `patch_strip` directories shorter
          executable    of a File
          -}
      { common : Target.Common
      , url : Text
      , sha256 : Text
      , mirrors : List Text
      , strip_prefix : Optional Text
      , patches : List Text
      , patch_strip : Natural
      , type : ArchiveType
      , executable : Bool
      , toolchain : Optional Toolchain.Toolchain
      }

let http_archive =
      \(name : Text) ->
      \(url : Text) ->
      \(sha256 : Text) ->
        { common = Target.common name
        , url
        , sha256
        , mirrors = none
        , strip_prefix = None Text
        , patches = none
        , patch_strip = 1
        , type = ArchiveType.Archive
        , executable = False
        , toolchain = None Toolchain.Toolchain
        , analyze =
            \(self : HttpArchive) ->
            \(context : Target.Context) ->
              let name = self.common.name

              let fetch =
                    \(output : Text) ->
                      A.Act.Fetch
                        { output
                        , urls = [ self.url ] # self.mirrors
                        , hash = self.sha256
                        , unpack =
                            merge { Archive = True, File = False } self.type
                        , strip = self.strip_prefix
                        , executable = self.executable
                        }

              let -- $1 is what came, $2 the output; the rest are patches.
                  text =
                    ''
                    set -eu
                    cp -R "$1/." "$2"
                    chmod -R u+w "$2"
                    work=$(pwd)
                    cd "$2"
                    shift 2
                    for patch in "$@"; do
                    	patch -p${Natural/show self.patch_strip} -i "$work/$patch"
                    done
                    ''

              let patched =
                    [ fetch "${name}.orig"
                    , A.Act.Write
                        { output = "${name}.sh"
                        , content = A.word text
                        , executable = False
                        }
                    , A.Act.Step
                        (     A.step
                          //  { category = A.Category.Custom "patch"
                              , identifier = name
                              , command =
                                    [ A.tool "foreign" "sh"
                                    , Arg.Word [ Piece.Output "${name}.sh" ]
                                    , Arg.Word [ Piece.Output "${name}.orig" ]
                                    , Arg.Word [ Piece.Output name ]
                                    ]
                                  # L.map
                                      Text
                                      Arg
                                      ( \(p : Text) ->
                                          Arg.Word [ Piece.Source p ]
                                      )
                                      self.patches
                              , directories = [ name ]
                              }
                        )
                    ]

              in      A.analysis
                  //  { actions =
                          if    L.null Text self.patches
                          then  [ fetch name ]
                          else  patched
                      , outputs = [ name ]
                      , toolchains = Toolchain.override "foreign" self.toolchain
                      }
        }

in  { types = { ArchiveType, HttpArchive }, http_archive }
