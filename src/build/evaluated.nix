# Derivations of a real nixpkgs in the form of symbolic.nix: what was evaluated says the arguments.
#
# A derivation keeps its arguments as drvAttrs.  Those that the file makes become `maker` with `symbolic`; those of nixpkgs that they
# depend on become `symbol`, by the name of the package; what has a fixed hash and addresses becomes `fetcher`.  Texts hold store
# paths, and outPath is that of the derivation, so that they can be told.
#
# nixpkgs  its folder
{ nixpkgs }:
let
  inherit (builtins) attrNames concatLists concatMap concatStringsSep elem elemAt filter functionArgs head isAttrs isFunction isList
    isString length listToAttrs mapAttrs parseDrvName removeAttrs stringLength substring tail toString tryEval;
  pkgs = import nixpkgs { };
  starts = prefix: text: substring 0 (stringLength prefix) text == prefix;
  ends = suffix: text:
    let n = stringLength text; k = stringLength suffix; in n >= k && substring (n - k) k text == suffix;
  is_derivation = value: isAttrs value && value.type or "" == "derivation" && value ? drvAttrs;

  # ---- what a derivation is ----

  # Where it is written: meta.position, or else the place of an attribute.
  place = drv:
    let
      attrs = drv.drvAttrs;
      places = concatMap (name: let pos = builtins.unsafeGetAttrPos name attrs; in if pos == null then [ ] else [ pos.file ])
        (filter (name: attrs ? ${name}) [ "pname" "name" "src" "buildCommand" "installPhase" "buildInputs" ]);
    in
    if drv ? meta && drv.meta ? position then drv.meta.position
    else if places == [ ] then "" else head places;
  is_of_nixpkgs = drv: starts "${toString nixpkgs}/" (place drv);
  is_fetch = attrs: attrs ? outputHash && (attrs ? urls || attrs ? url);

  # stdenv's own setting of what the package does not say.
  added = [ "stdenv" "system" "userHook" "__ignoreNulls" "NIX_MAIN_PROGRAM" "crossConfig" ];
  may_be_empty = [
    "buildInputs" "nativeBuildInputs" "propagatedBuildInputs" "propagatedNativeBuildInputs" "depsBuildBuild"
    "depsBuildBuildPropagated" "depsBuildTarget" "depsBuildTargetPropagated" "depsHostHost" "depsHostHostPropagated"
    "depsTargetTarget" "depsTargetTargetPropagated" "patches" "configureFlags" "cmakeFlags" "mesonFlags" "doCheck"
    "doInstallCheck" "strictDeps" "enableParallelBuilding" "enableParallelChecking" "enableParallelInstalling" "outputs"
    "passAsFile" "preferLocalBuild" "env"
  ];
  is_empty = v: elem v [ null false "" [ ] { } [ "out" ] [ "buildCommand" ] ];
  builder_of = attrs: let args = attrs.args or [ ]; in
    if args == [ ] then attrs.builder else toString (elemAt args (length args - 1));
  is_usual = attrs: ends "/default-builder.sh" (builder_of attrs);
  arguments_of = attrs:
    let
      plain = removeAttrs attrs (added ++ (if is_usual attrs then [ "builder" "args" ] else [ ]));
      kept = filter (name: !(elem name may_be_empty && is_empty plain.${name})) (attrNames plain);
    in listToAttrs (map (name: { inherit name; value = shaped plain.${name}; }) kept);

  shaped = value:
    if is_derivation value then shape value
    else if isList value then map shaped value
    else if isAttrs value && !(value ? outPath) then mapAttrs (_: shaped) value
    else value;
  shape = drv:
    if is_fetch drv.drvAttrs then fetch drv.drvAttrs
    else if is_of_nixpkgs drv then symbol drv
    else made drv;

  paths = drv: { type = "derivation"; inherit (drv) name outPath drvPath; };
  made = drv:
    let attrs = drv.drvAttrs; text = text_of attrs; in
    paths drv // (if text != null then text else { maker = "mkDerivation"; symbolic = arguments_of attrs; });

  # writeText and its kin are a derivation with a text, which their script moves to its place.
  text_of = attrs:
    let
      command = attrs.buildCommand or "";
      moves = attrs ? text && builtins.match ".*textPath.*" (builtins.replaceStrings [ "\n" ] [ " " ] command) != null;
    in
    if !moves then null
    else {
      maker = "writeTextFile";
      inherit (attrs) text;
      symbolic = { inherit (attrs) name; executable = attrs.executable or "" != "" && attrs.executable != false; }
        // (if attrs.destination or "" != "" then { inherit (attrs) destination; } else { })
        // (if attrs.checkPhase or "" != "" then { inherit (attrs) checkPhase; } else { });
    };

  # Names of packages that are not those of their attributes.
  hooks = [ "autoreconfHook" "makeWrapper" "pkgconfig" "pkg-config" "cmake" "meson" "ninja" ];
  symbol = drv:
    let
      name = drv.pname or (parseDrvName drv.name).name;
      same = filter (hook: pkgs ? ${hook} && (tryEval (pkgs.${hook}.outPath == drv.outPath)).value) hooks;
      known = if ends "hook" name || ends "wrapper" name then same else [ ];
    in { type = "derivation"; symbol = if known == [ ] then name else head known; inherit (drv) name outPath; };

  fetch = attrs:
    let
      algo = attrs.outputHashAlgo or "";
      tree = attrs.outputHashMode or "flat" != "flat";
      urls = if attrs ? urls then (if isList attrs.urls then attrs.urls else [ attrs.urls ]) else [ attrs.url ];
    in {
      type = "derivation";
      fetcher = if tree then (if attrs ? rev then "fetchgit" else "fetchzip") else "fetchurl";
      symbolic = { inherit (attrs) name; inherit urls; }
        // listToAttrs [{ name = if algo == "" || algo == null then "hash" else algo; value = attrs.outputHash; }]
        // (if is_empty (attrs.postFetch or null) then { } else { inherit (attrs) postFetch; });
    };

  # ---- the value of a file ----

  opened = value:
    if isFunction value then
      let parameters = functionArgs value; in
      if parameters == { } then opened_overlay value
      else if builtins.all (name: parameters.${name}) (attrNames parameters) then value { }
      else pkgs.callPackage value { }
    else if isAttrs value && value ? outputs && isFunction value.outputs then flake value
    else value;
  # final: prev: { … }, or pkgs: …
  opened_overlay = value:
    let once = value pkgs; final = if pkgs ? extend then pkgs.extend value else pkgs // value final pkgs; in
    if isFunction once then mapAttrs (name: _: final.${name}) (value final pkgs) else once;
  flake = value:
    let
      system = builtins.currentSystem;
      outputs = value.outputs (listToAttrs (map (name: {
        inherit name;
        value = if name == "self" then outputs else { legacyPackages.${system} = pkgs; inherit (pkgs) lib; outPath = toString nixpkgs; };
      }) (attrNames (functionArgs value.outputs))));
    in outputs.packages.${system} or outputs;

  found = depth: path: value:
    if depth == 0 || isFunction value then [ ]
    else if is_derivation value then [{ inherit path; value = made value; }]
    else if isAttrs value then concatMap (name: tried depth (if path == "" then name else "${path}.${name}") value.${name}) (attrNames value)
    else if isList value then concatMap (tried depth path) value
    else [ ];
  tried = depth: path: value:
    let all = tryEval (found (depth - 1) path value); in if all.success then all.value else [{ inherit path; failed = true; }];
  selected = path: value:
    let here = opened value; in
    if path == [ ] then here
    else if isAttrs here && here ? ${head path} then selected (tail path) here.${head path}
    else null;
in
{
  derivations = path: file:
    let value = selected path file; in
    if value == null then null
    else if is_derivation value then [{ path = concatStringsSep "." path; value = made value; }]
    else found 3 (concatStringsSep "." path) value;
}
