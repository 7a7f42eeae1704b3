# nixpkgs as symbols: packages that are only names, and makers of derivations that keep their arguments.
#
# A derivation here is a set with `type = "derivation"` and one of
#   symbol    a package of nixpkgs, by its attribute path
#   maker     with `symbolic`, the arguments, and perhaps `text`, the shell or content beside them
#   fetcher   with `symbolic`, the arguments
# Its outPath is "/symbolic/…", so that a text shows whose path it holds.
#
# names   identifiers that the code mentions: each is a package, unless it is known
# packages  names that are packages where a parameter has a default, too
# follow  callPackage evaluates the files that it is given
# here    where the file stands: what a flake's `self` is
{ names, packages, follow, here }:
let
  inherit (builtins) attrNames attrValues concatLists concatMap concatStringsSep elem elemAt filter foldl' functionArgs
    genList head intersectAttrs isAttrs isFunction isInt isList isPath isString length listToAttrs map mapAttrs
    removeAttrs replaceStrings stringLength substring tail toString;
  fix = f: let x = f x; in x;
  names_set = named (_: null);
  named = f: listToAttrs (map (name: { inherit name; value = f name; }) names);

  # ---- derivations ----

  package = path: named (name: package "${path}.${name}") // {
    type = "derivation";
    symbol = path;
    name = path;
    pname = path;
    version = "0";
    outPath = "/symbolic/${path}";
    drvPath = "/symbolic/${path}.drv";
    out = package path;
    dev = package path;
    lib = package path;
    bin = package path;
    man = package path;
    doc = package path;
    static = package path;
    meta = { };
    passthru = { };
    override = _: package path;
    overrideAttrs = change: changed path change;
    overrideDerivation = change: changed path change;
    withPackages = f: package "${path}.withPackages";
  };

  # A package of nixpkgs with other attributes: what it was is not known.
  changed = path: change: made "override" (apply change { } // { inherit path; });
  apply = change: old:
    if isFunction change then (let once = change old; in if isFunction once then change old old else once) else change;
  over = change: final: old:
    if isFunction change then (let once = change final; in if isFunction once then once old else change old) else change;

  name_of = arguments:
    arguments.name or "${arguments.pname or "made"}${if arguments ? version then "-${toString arguments.version}" else ""}";

  made = maker: arguments: beside maker arguments { };
  beside = maker: arguments: more:
    let
      function = if isFunction arguments then arguments else (_: arguments);
      final = fix (_: function (final // { finalPackage = self; }));
      self = (if follow then final // final.passthru or { } // { passthru = final.passthru or { }; } else { }) // {
        type = "derivation";
        inherit maker;
        symbolic = final;
        name = name_of final;
        outPath = "/symbolic/:${name_of final}";
        drvPath = "/symbolic/:${name_of final}.drv";
        out = self;
        dev = self;
        lib = self;
        bin = self;
        man = self;
        doc = self;
        override = _: self;
        overrideAttrs = change: beside maker (final: let old = function final; in old // over change final old) more;
        overrideDerivation = self.overrideAttrs;
      } // more;
    in self;

  fetch = fetcher: arguments: named (name: package "fetched.${name}") // {
    type = "derivation";
    inherit fetcher;
    symbolic = if isAttrs arguments then arguments else { url = arguments; };
    name = "source";
    outPath = "/symbolic/:fetched";
    out = fetch fetcher arguments;
    meta = { };
    override = change: fetch fetcher (arguments // apply change arguments);
    overrideAttrs = change: fetch fetcher (arguments // apply change arguments);
  } // (if isAttrs arguments then intersectAttrs { url = 0; urls = 0; rev = 0; owner = 0; repo = 0; sha256 = 0; hash = 0; tag = 0; } arguments else { });
  fetchers = listToAttrs (map (name: { inherit name; value = fetch name; }) [
    "fetchurl" "fetchurlBoot" "fetchzip" "fetchTarball" "fetchgit" "fetchgitPrivate" "fetchgitLocal" "fetchFromGitHub"
    "fetchFromGitLab" "fetchFromBitbucket" "fetchFromSourcehut" "fetchFromGitea" "fetchFromCodeberg" "fetchFromSavannah"
    "fetchFromRepoOrCz" "fetchPypi" "fetchCrate" "fetchpatch" "fetchpatch2" "fetchsvn" "fetchhg" "fetchcvs" "fetchbzr"
    "fetchdarcs" "fetchMavenArtifact" "requireFile" "fetchDebianPatch" "fetchCargoVendor" "fetchCargoTarball" "importCargoLock"
  ]);

  # ---- lib ----

  optional = c: x: if c then [ x ] else [ ];
  optionals = c: x: if c then x else [ ];
  optionalString = c: x: if c then x else "";
  strings = separator: concatStringsSep separator;
  out_of = x: if isAttrs x then x.outPath or "" else toString x;
  below = dir: xs: concatStringsSep ":" (map (x: "${out_of x}/${dir}") (filter (x: x != null) xs));
  chars = text: genList (i: substring i 1 text) (stringLength text);
  starts = prefix: text: substring 0 (stringLength prefix) text == prefix;
  ends = suffix: text:
    let n = stringLength text; k = stringLength suffix; in n >= k && substring (n - k) k text == suffix;
  compare = a: b: builtins.compareVersions a b;
  version_of = x: if isAttrs x then x.version or "0" else x;
  feature = yes: no: c: name: "--${if c then yes else no}-${name}";
  upper = text: replaceStrings (chars "abcdefghijklmnopqrstuvwxyz") (chars "ABCDEFGHIJKLMNOPQRSTUVWXYZ") text;
  lower = text: replaceStrings (chars "ABCDEFGHIJKLMNOPQRSTUVWXYZ") (chars "abcdefghijklmnopqrstuvwxyz") text;
  value_text = v: if v == true then "true" else if v == false then "false" else toString v;
  update = a: b:
    a // mapAttrs (name: v: if isAttrs v && isAttrs (a.${name} or null) && !(v ? type) then update a.${name} v else v) b;
  flatten = x: if isList x then concatMap flatten x else [ x ];
  fold = f: zero: list: if list == [ ] then zero else f (head list) (fold f zero (tail list));
  pairs = f: set: map (name: f name set.${name}) (attrNames set);
  at_path = path: default: set:
    if path == [ ] then set else if isAttrs set && set ? ${head path} then at_path (tail path) default set.${head path} else default;
  quote = text: "'${replaceStrings [ "'" ] [ "'\\''" ] (toString text)}'";

  # ---- sources that are chosen ----
  #
  # A chosen source is what builtins.path makes of the files that its filter keeps.  `unchosen` says what could not be asked.
  origin = src: if isAttrs src && src ? origin then src.origin else src;
  chosen = { src, filter ? (_: _: true), name ? "source" }:
    if isAttrs src && !(src ? origin) then src // { unchosen = "a function chooses among files that are fetched"; }
    else
      let keeps = path: type: (if isAttrs src then src.keeps path type else true) && filter path type; in {
        origin = origin src;
        inherit keeps name;
        unchosen = src.unchosen or null;
        outPath = builtins.path { path = origin src; filter = keeps; name = "source"; };
      };
  is_clean = path: type:
    let name = baseNameOf path; in !(
      type == "directory" && elem name [ ".git" ".svn" "CVS" ".hg" ".jj" ".pijul" "_darcs" ]
      || ends "~" name
      || builtins.match "^\\.sw[a-z]$" name != null
      || builtins.match "^\\..*\\.sw[a-z]$" name != null
      || ends ".o" name
      || ends ".so" name
      || type == "symlink" && starts "result" name
      || type == "unknown");

  # A set of files is a path, or has says which paths are in it.
  in_set = set: path:
    if isAttrs set then set.has path
    else let top = toString set; in path == top || starts "${top}/" path;
  some = has: { inherit has; unchosen = null; };
  reason = sets: let all = filter (set: isAttrs set && set.unchosen != null) sets; in if all == [ ] then null else (head all).unchosen;
  joined = f: sets: { has = f sets; unchosen = reason sets; };
  fileset = rec {
    toSource = { root, fileset }:
      chosen { src = root; filter = path: type: type == "directory" || in_set fileset path; }
      // { unchosen = if isAttrs fileset then fileset.unchosen else null; };
    unions = joined (sets: path: builtins.any (set: in_set set path) sets);
    union = a: b: unions [ a b ];
    intersection = a: b: joined (_: path: in_set a path && in_set b path) [ a b ];
    difference = a: b: joined (_: path: in_set a path && !in_set b path) [ a b ];
    fileFilter = f: top:
      some (path: in_set top path && (let name = baseNameOf path; in f { inherit name; type = "regular"; hasExt = e: ends ".${e}" name; }));
    maybeMissing = path: path;
    fromSource = src: some (path: in_set (origin src) path && (if isAttrs src then src.keeps path "regular" else true));
    gitTracked = path: { has = in_set path; unchosen = "git's index says which files it has"; };
    gitTrackedWith = _: gitTracked;
    trace = _: x: x;
    traceVal = x: x;
    toList = _: [ ];
    empty = some (_: false);
  };

  any_name = named (name: name) // { free = true; };
  lib = builtins // rec {
    inherit optional optionals optionalString fix flatten fold;
    inherit (builtins) concatStringsSep mapAttrs;
    foldr = fold;
    foldl = foldl';
    optionalAttrs = c: x: if c then x else { };
    concatStrings = strings "";
    concatMapStrings = f: list: strings "" (map f list);
    concatMapStringsSep = separator: f: list: strings separator (map f list);
    concatImapStrings = f: list: strings "" (genList (i: f (i + 1) (elemAt list i)) (length list));
    concatLines = list: concatMapStrings (line: "${line}\n") list;
    intersperse = separator: list: tail (concatMap (x: [ separator x ]) list);
    genAttrs = keys: f: listToAttrs (map (name: { inherit name; value = f name; }) keys);
    mapAttrsToList = pairs;
    mapAttrs' = f: set: listToAttrs (pairs f set);
    nameValuePair = name: value: { inherit name value; };
    filterAttrs = f: set: listToAttrs (concatMap (name: if f name set.${name} then [{ inherit name; value = set.${name}; }] else [ ]) (attrNames set));
    recursiveUpdate = update;
    attrByPath = at_path;
    getAttrFromPath = path: at_path path null;
    hasAttrByPath = path: set: at_path path null set != null;
    attrVals = keys: set: map (key: set.${key}) keys;
    getAttrs = keys: set: genAttrs keys (key: set.${key});
    zipAttrs = sets: mapAttrs (name: _: concatMap (set: if set ? ${name} then [ set.${name} ] else [ ]) sets) (foldl' (a: b: a // b) { } sets);
    mergeAttrs = a: b: a // b;
    attrsets = lib;
    lists = lib;
    strings = lib // { inherit concatStrings; };
    trivial = lib;
    versions = { major = v: head (splitVersion v); majorMinor = v: concatStringsSep "." [ (head (splitVersion v)) (elemAt (splitVersion v) 1) ]; };
    inherit (builtins) splitVersion;
    singleton = x: [ x ];
    toList = x: if isList x then x else [ x ];
    last = list: elemAt list (length list - 1);
    init = list: genList (elemAt list) (length list - 1);
    range = first: end: genList (i: first + i) (if end < first then 0 else end - first + 1);
    take = n: list: genList (elemAt list) (if n < length list then n else length list);
    drop = n: list: genList (i: elemAt list (i + n)) (if n < length list then length list - n else 0);
    remove = x: filter (y: y != x);
    subtractLists = xs: filter (y: !(elem y xs));
    unique = list: foldl' (seen: x: if elem x seen then seen else seen ++ [ x ]) [ ] list;
    imap1 = f: list: genList (i: f (i + 1) (elemAt list i)) (length list);
    imap0 = f: list: genList (i: f i (elemAt list i)) (length list);
    zipListsWith = f: a: b: genList (i: f (elemAt a i) (elemAt b i)) (if length a < length b then length a else length b);
    reverseList = list: genList (i: elemAt list (length list - 1 - i)) (length list);
    crossLists = f: lists: foldl' (fs: xs: concatMap (f: map f xs) fs) [ f ] lists;
    makeBinPath = below "bin";
    makeLibraryPath = below "lib";
    makeIncludePath = below "include";
    makeSearchPath = below;
    makeSearchPathOutput = _: below;
    getBin = x: x;
    getLib = x: x;
    getDev = x: x;
    getOutput = _: x: x;
    getExe = x: "${out_of x}/bin/${x.meta.mainProgram or x.pname or x.name}";
    getExe' = x: program: "${out_of x}/bin/${program}";
    getName = x: if isAttrs x then x.pname or (builtins.parseDrvName x.name).name else (builtins.parseDrvName x).name;
    getVersion = x: if isAttrs x then x.version or (builtins.parseDrvName x.name).version else (builtins.parseDrvName x).version;
    escapeShellArg = quote;
    escapeShellArgs = list: strings " " (map quote list);
    escape = list: replaceStrings list (map (c: "\\${c}") list);
    hasPrefix = starts;
    hasSuffix = ends;
    hasInfix = part: text: length (builtins.split part text) > 1;
    removePrefix = prefix: text: if starts prefix text then substring (stringLength prefix) (-1) text else text;
    removeSuffix = suffix: text: if ends suffix text then substring 0 (stringLength text - stringLength suffix) text else text;
    splitString = separator: text: filter isString (builtins.split (escape (chars "\\.+*?()[]{}^$|") separator) text);
    stringToCharacters = chars;
    stringAsChars = f: text: concatMapStrings f (chars text);
    toUpper = upper;
    toLower = lower;
    boolToString = c: if c then "true" else "false";
    trim = text: let m = builtins.match "[ \t\n]*(.*[^ \t\n])[ \t\n]*" text; in if m == null then "" else head m;
    fixedWidthString = n: fill: text: if stringLength text >= n then text else fixedWidthString n fill "${fill}${text}";
    replaceChars = replaceStrings;
    versionOlder = a: b: compare a b < 0;
    versionAtLeast = a: b: compare a b >= 0;
    enableFeature = feature "enable" "disable";
    withFeature = feature "with" "without";
    enableFeatureAs = c: name: v: if c then "--enable-${name}=${v}" else "--disable-${name}";
    withFeatureAs = c: name: v: if c then "--with-${name}=${v}" else "--without-${name}";
    cmakeBool = name: c: "-D${name}:BOOL=${if c then "TRUE" else "FALSE"}";
    cmakeFeature = name: v: "-D${name}:STRING=${v}";
    cmakeOptionType = type: name: v: "-D${name}:${upper type}=${v}";
    mesonBool = name: c: "-D${name}=${if c then "true" else "false"}";
    mesonEnable = name: c: "-D${name}=${if c then "enabled" else "disabled"}";
    mesonOption = name: v: "-D${name}=${v}";
    cleanSource = src: cleanSourceWith { inherit src; filter = is_clean; };
    cleanSourceWith = arguments: if follow then chosen arguments else arguments.src;
    sourceByRegex = src: regexes: cleanSourceWith {
      inherit src;
      filter = path: _:
        let name = removePrefix "${toString (origin src)}/" path; in builtins.any (regex: builtins.match regex name != null) regexes;
    };
    sourceFilesBySuffices = src: suffixes: cleanSourceWith {
      inherit src;
      filter = path: type: type == "directory" || builtins.any (suffix: ends suffix path) suffixes;
    };
    cleanSourceFilter = is_clean;
    inherit fileset;
    sources = lib;
    fakeSha256 = "0000000000000000000000000000000000000000000000000000000000000000";
    fakeHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    importJSON = path: builtins.fromJSON (builtins.readFile path);
    fileContents = path: removeSuffix "\n" (builtins.readFile path);
    generators.toKeyValue = _: set: strings "" (pairs (name: v: "${name}=${value_text v}\n") set);
    generators.toJSON = _: builtins.toJSON;
    generators.toINI = _: set: strings "\n" (pairs (section: values: "[${section}]\n${strings "" (pairs (name: v: "${name}=${value_text v}\n") values)}") set);
    id = x: x;
    const = x: _: x;
    pipe = foldl' (x: f: f x);
    flip = f: a: b: f b a;
    compose = f: g: x: f (g x);
    composeExtensions = f: g: final: prev: let once = f final prev; in once // g final (prev // once);
    composeManyExtensions = foldl' composeExtensions (_: _: { });
    extends = overlay: base: final: let prev = base final; in prev // overlay final prev;
    makeExtensible = f: let self = f self // { extend = overlay: makeExtensible (extends overlay f); }; in self;
    makeOverridable = f: arguments: f arguments;
    overrideDerivation = drv: change: drv.overrideDerivation change;
    addMetaAttrs = _: x: x;
    setName = name: x: x;
    hiPrio = x: x;
    lowPrio = x: x;
    dontDistribute = x: x;
    hydraJob = x: x;
    recurseIntoAttrs = x: x;
    callPackageWith = scope: f: arguments: call_with scope f arguments;
    callPackagesWith = callPackageWith;
    warn = _: x: x;
    warnIf = _: _: x: x;
    throwIf = c: text: x: if c then throw text else x;
    throwIfNot = c: text: x: if c then x else throw text;
    assertMsg = c: text: c || throw text;
    nixpkgsVersion = "0";
    version = "0";
    inNixShell = false;
    systems = { flakeExposed = [ "x86_64-linux" ]; supported = { hydra = [ "x86_64-linux" ]; }; elaborate = _: platform; };
    licenses = any_name;
    license = any_name;
    maintainers = any_name;
    teams = any_name;
    platforms = any_name // { all = [ ]; linux = [ ]; unix = [ ]; };
    sourceTypes = any_name;
    meta = lib;
  };

  # ---- stdenv and the builders ----

  platform = {
    system = "x86_64-linux";
    config = "x86_64-unknown-linux-gnu";
    isLinux = true;
    isUnix = true;
    is64bit = true;
    isx86 = true;
    isx86_64 = true;
    isx86_32 = false;
    isi686 = false;
    is32bit = false;
    isDarwin = false;
    isAarch32 = false;
    isAarch64 = false;
    isAarch = false;
    isArm = false;
    isMips = false;
    isPower = false;
    isRiscV = false;
    isBSD = false;
    isFreeBSD = false;
    isOpenBSD = false;
    isWindows = false;
    isCygwin = false;
    isMinGW = false;
    isSunOS = false;
    isMusl = false;
    isStatic = false;
    isGnu = true;
    isLittleEndian = true;
    isBigEndian = false;
    libc = "glibc";
    parsed = { cpu.name = "x86_64"; kernel.name = "linux"; };
    linuxArch = "x86_64";
    uname = { system = "Linux"; processor = "x86_64"; };
    extensions = { sharedLibrary = ".so"; staticLibrary = ".a"; executable = ""; };
    canExecute = _: true;
    emulator = _: "";
    gcc = { };
    openssl = { };
  };
  stdenv = platform // {
    mkDerivation = made "mkDerivation";
    cc = package "cc" // { isGNU = true; isClang = false; targetPrefix = ""; libc = package "libc"; cc = package "cc"; bintools = package "bintools"; };
    gcc = package "cc";
    glibc = package "libc";
    libc = package "libc";
    shell = "/symbolic/bash/bin/sh";
    shellPackage = package "bash";
    inherit lib;
    hostPlatform = platform;
    buildPlatform = platform;
    targetPlatform = platform;
    cross = { };
    needsPax = false;
    allowedRequisites = null;
    override = _: stdenv;
    overrides = _: _: { };
  };
  run = name: arguments: text: beside "runCommand" ({ inherit name; } // arguments) { inherit text; };
  write = maker: name: text: beside maker { inherit name; } { inherit text; };
  writers = {
    writeText = write "writeText";
    writeScript = write "writeScript";
    writeScriptBin = write "writeScriptBin";
    writeShellScript = write "writeShellScript";
    writeShellScriptBin = write "writeShellScriptBin";
    writeTextDir = path: text: beside "writeTextFile" { name = baseNameOf path; destination = "/${path}"; } { inherit text; };
    writeTextFile = arguments: beside "writeTextFile" (removeAttrs arguments [ "text" ]) { text = arguments.text; };
    writeShellApplication = arguments: beside "writeShellApplication" (removeAttrs arguments [ "text" ]) { text = arguments.text; };
    writeReferencesToFile = package "writeReferencesToFile";
    linkFarm = name: entries: made "linkFarm" {
      inherit name;
      entries = if isAttrs entries then pairs (name: path: { inherit name path; }) entries else entries;
    };
    symlinkJoin = made "symlinkJoin";
    buildEnv = made "buildEnv";
    substituteAll = made "substituteAll";
    substitute = made "substitute";
    runCommand = run;
    runCommandCC = run;
    runCommandNoCC = run;
    runCommandLocal = run;
    concatText = name: files: made "concatText" { inherit name files; };
    concatTextFile = made "concatText";
    emptyDirectory = made "emptyDirectory" { name = "empty-directory"; };
    emptyFile = write "writeText" "empty-file" "";
  };
  python = path: scope path // {
    buildPythonPackage = made "buildPythonPackage";
    buildPythonApplication = made "buildPythonPackage";
    mkPythonDerivation = made "buildPythonPackage";
    fetchPypi = fetch "fetchPypi";
    callPackage = call_in (known // python path);
    override = _: python path;
  };
  haskell = path: scope path // {
    mkDerivation = made "haskell";
    callPackage = call_in (known // haskell path);
    callCabal2nix = name: src: _: made "callCabal2nix" { pname = name; version = "0"; inherit src; };
    override = _: haskell path;
    extend = _: haskell path;
  };
  # A set of packages that is not itself one.
  scope = path: named (name: package "${path}.${name}") // { recurseForDerivations = false; };
  known = named package // sure;
  sure = writers // fetchers // {
    inherit lib stdenv;
    stdenvNoCC = stdenv;
    clangStdenv = stdenv;
    gccStdenv = stdenv;
    overrideCC = _: _: stdenv;
    stdenvAdapters = { keepDebugInfo = x: x; };
    mkDerivation = made "mkDerivation";
    mkShell = made "mkShell";
    mkShellNoCC = made "mkShell";
    buildGoModule = made "buildGoModule";
    buildGoPackage = made "buildGoModule";
    buildPythonPackage = made "buildPythonPackage";
    buildPythonApplication = made "buildPythonPackage";
    buildPerlPackage = made "buildPerlPackage";
    buildNpmPackage = made "buildNpmPackage";
    buildDunePackage = made "buildDunePackage";
    buildRubyGem = made "buildRubyGem";
    rustPlatform = scope "rustPlatform" // {
      inherit (fetchers) fetchCargoVendor fetchCargoTarball importCargoLock;
      buildRustPackage = made "buildRustPackage";
    };
    python2Packages = python "python2Packages";
    python27Packages = python "python2Packages";
    python3Packages = python "python3Packages";
    python310Packages = python "python3Packages";
    python311Packages = python "python3Packages";
    python312Packages = python "python3Packages";
    pythonPackages = python "pythonPackages";
    haskellPackages = haskell "haskellPackages";
    haskell = scope "haskell" // { lib = named (_: x: x); packages = named haskell; };
    perlPackages = scope "perlPackages" // { buildPerlPackage = made "buildPerlPackage"; };
    xorg = scope "xorg";
    xlibs = scope "xorg";
    makeWrapper = package "makeWrapper";
    libintlOrEmpty = [ ];
    libiconvOrEmpty = [ ];
    libcxxabiOrEmpty = [ ];
    libiconvOrNull = null;
    inherit pkgs;
    newScope = extra: call_in (known // extra);
    makeScope = newScope: f: let self = f self // { callPackage = newScope self; newScope = extra: newScope (self // extra); }; in self;
    makeOverridable = f: arguments: f arguments;
    callPackage = call_in known;
    callPackages = call_in known;
    recurseIntoAttrs = x: x;
    makeSetupHook = made "makeSetupHook";
    formats = { json = _: { generate = name: v: write "writeText" name (builtins.toJSON v); }; };
    system = "x86_64-linux";
    config = { };
    path = "/symbolic/nixpkgs";
    pkgsBuildHost = known;
    buildPackages = known;
    targetPackages = known;
    pkgsStatic = known;
    pkgsCross = named (_: known);
    appendOverlays = extended;
    extend = overlay: extended [ overlay ];
  };
  pkgs = known;

  # With overlays, which see themselves and what was before them.
  extended = overlays:
    let
      base = final: known // { pkgs = final; callPackage = call_in final; callPackages = call_in final; newScope = extra: call_in (final // extra); };
      chain = foldl' (f: overlay: final: let prev = f final; in prev // overlay final prev) base overlays;
      final = chain final;
    in final;

  # ---- calling ----

  call_in = scope: f: arguments:
    if isFunction f || isAttrs f then call_with scope f arguments
    else if follow then call_with scope (import f) arguments
    else null;
  call_with = scope: f: given:
    let
      function = if isFunction f || isAttrs f then f else import f;
      arguments = given_of scope function given;
      result = if isFunction function then function arguments else function;
      again = change: call_with scope f (given // apply change arguments);
    in if isAttrs result && follow then result // { override = again; } else result;
  given_of = scope: f: given:
    listToAttrs (concatMap
      (name: if given ? ${name} then [ ]
        else if (functionArgs f).${name} && !(sure ? ${name} || elem name packages || !(names_set ? ${name}) && scope ? ${name}) then [ ]
        else if scope ? ${name} then [{ inherit name; value = scope.${name}; }]
        else [{ inherit name; value = package name; }])
      (attrNames (functionArgs f))) // given;

  # The value of a file: functions of packages are called, also those of one argument that is all of them.
  opened = value:
    if isFunction value then
      (if functionArgs value == { } then
        (if follow then opened_overlay value else null)
      else if follow && isAttrs (functionArgs value) then call_with known value { }
      else value (given_of known value { }))
    else if isAttrs value && follow && value ? outputs && isFunction value.outputs then flake value
    else value;
  # final: prev: { … }, or pkgs: …
  opened_overlay = value:
    let once = value (extended [ overlay ]); overlay = final: prev: let o = value final; in if isFunction o then o prev else { };
    in if isFunction once && functionArgs once == { } then
      (let final = extended [ value ]; in intersectAttrs (value final known) final)
    else if isFunction once then null
    else once;

  # ---- flakes ----

  flake = value:
    let
      input = name: if starts "nixpkgs" name then nixpkgs_input else if name == "flake-utils" then flake_utils else scope name // { outPath = "/symbolic/${name}"; };
      keys = attrNames (functionArgs value.outputs) ++ attrNames (value.inputs or { });
      inputs = listToAttrs (map (name: { inherit name; value = input name; }) keys) // { inherit self; };
      self = (value.outputs inputs) // { outPath = here; rev = "0"; shortRev = "0"; lastModifiedDate = "19700101000000"; };
      outputs = value.outputs inputs;
    in outputs.packages.${"x86_64-linux"} or (if outputs ? defaultPackage then { default = outputs.defaultPackage.x86_64-linux; } else outputs);
  systems = [ "x86_64-linux" ];
  nixpkgs_input = { outPath = "/symbolic/nixpkgs"; inherit lib; legacyPackages = lib.genAttrs systems (_: known); __functor = _: nixpkgs; };
  flake_utils.lib = {
    eachDefaultSystem = f: mapAttrs (_: v: { x86_64-linux = v; }) (f "x86_64-linux");
    eachSystem = _: f: mapAttrs (_: v: { x86_64-linux = v; }) (f "x86_64-linux");
    defaultSystems = systems;
    mkApp = x: x;
  };

  nixpkgs = arguments: extended (arguments.overlays or [ ] ++ (let o = arguments.config.packageOverrides or null; in if o == null then [ ] else [ (final: prev: o prev) ]));

  # ---- what is in a value ----

  is_made = value: value ? symbolic || value ? drvAttrs || value.type or "" == "derivation";

  # All derivations that a value holds, each with its path; what fails is said.
  found = depth: path: value:
    if depth == 0 || isFunction value then [ ]
    else if isAttrs value then
      (if is_made value then (if value ? symbol || value ? fetcher then [ ] else [{ inherit path value; }])
      else concatMap (name: tried depth (if path == "" then name else "${path}.${name}") value.${name}) (attrNames value))
    else if isList value then concatMap (tried depth path) value
    else [ ];
  tried = depth: path: value:
    let all = builtins.tryEval (found (depth - 1) path value); in if all.success then all.value else [{ inherit path; failed = true; }];

  placed = set: mapAttrs (name: value: { inherit value; at = builtins.unsafeGetAttrPos name set; }) (removeAttrs set [ "meta" "passthru" ]);

  # The attribute at a path, opening functions on the way; null where there is none.
  selected = path: value:
    let here = opened value; in
    if path == [ ] then here
    else if isAttrs here && here ? ${head path} then selected (tail path) here.${head path}
    else null;
in
{
  inherit lib nixpkgs;
  # For lint: the arguments of each derivation, with where they are set.
  arguments = file: map
    (one: { maker = one.value.maker or "derivation"; arguments = placed (one.value.symbolic or one.value.drvAttrs); })
    (filter (one: one ? value && (one.value ? symbolic || one.value ? drvAttrs)) (found 6 "" (opened file)));
  derivations = path: file:
    let value = selected path file; in
    if value == null then null
    else if isAttrs value && is_made value then [{ path = concatStringsSep "." path; inherit value; }]
    else found 6 (concatStringsSep "." path) value;
}
