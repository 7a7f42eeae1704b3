-- phases by name, by shell, and shell that Nix could misread
let D = ./prelude/Derivation.dhall

let P = D.Phase

in      D.mkDerivation "phases" (D.Input.Src "./src")
    //  { phases = Some
          [ P.Unpack
          , P.Patch
          , P.Configure
          , P.Build
          , P.Check
          , P.Custom "generatePhase"
          , P.Custom "for i in \$outputs; do mkdir \"\${!i}\"; done"
          , P.Custom ""
          , P.Install
          , P.Fixup
          , P.InstallCheck
          ]
        , unpackPhase = Some "tar xf \"\$src\"\ncd */\n"
        , configurePhase = Some "./configure --prefix=\$out --libdir='\${lib}' \\\n  --with-x"
        , buildPhase = Some
            ''
            runHook preBuild
              echo ''''two quotes'''' "$$" ''${PATH}
            	make -j$NIX_BUILD_CORES
            runHook postBuild
            ''
        , installPhase = Some ""
        , fixupPhase = Some "\n\n"
        , attrs = toMap
            { generatePhase = D.builtins.toNix "\"echo \${zlib.dev} > generated\""
            , preBuild = D.builtins.toNix "''\n  ulimit -s unlimited\n''"
            }
        , doCheck = True
        , dontStrip = True
        }
