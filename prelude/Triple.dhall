{-  Where code runs: typed, and rendered to text last.  Nothing here looks at the machine.  -}
let Arch = < x86_64 | aarch64 | riscv64 | wasm32 | armv7 >

let Vendor = < unknown | pc | apple | nvidia >

let OS = < linux | darwin | windows | wasi | none >

let ABI = < gnu | musl | eabi | eabihf | msvc | none | unknown >

let Cpu =
      < generic
      | native
      | x86_64_v2
      | x86_64_v3
      | x86_64_v4
      | znver3
      | znver4
      | znver5
      | skylake
      | icelake_server
      | sapphirerapids
      | alderlake
      | neoverse_n1
      | neoverse_n2
      | neoverse_v1
      | neoverse_v2
      | cortex_a78ae
      | cortex_a78c
      | apple_m1
      | apple_m2
      | apple_m3
      | apple_m4
      >

let Gpu =
      < none
      | sm_80
      | sm_86
      | sm_87
      | sm_89
      | sm_90
      | sm_90a
      | sm_100
      | sm_100a
      | sm_120
      >

let Triple =
      { arch : Arch, vendor : Vendor, os : OS, abi : ABI, cpu : Cpu, gpu : Gpu }

let archText =
      \(arch : Arch) ->
        merge
          { x86_64 = "x86_64"
          , aarch64 = "aarch64"
          , riscv64 = "riscv64"
          , wasm32 = "wasm32"
          , armv7 = "armv7"
          }
          arch

let vendorText =
      \(vendor : Vendor) ->
        merge
          { unknown = "unknown", pc = "pc", apple = "apple", nvidia = "nvidia" }
          vendor

let osText =
      \(os : OS) ->
        merge
          { linux = "linux"
          , darwin = "darwin"
          , windows = "windows"
          , wasi = "wasi"
          , none = "none"
          }
          os

let -- With its hyphen, because it may be absent.
    abiText =
      \(abi : ABI) ->
        merge
          { gnu = "-gnu"
          , musl = "-musl"
          , eabi = "-eabi"
          , eabihf = "-eabihf"
          , msvc = "-msvc"
          , none = ""
          , unknown = ""
          }
          abi

let -- "x86_64-unknown-linux-gnu"
    render =
      \(t : Triple) ->
        "${archText t.arch}-${vendorText t.vendor}-${osText t.os}${abiText t.abi}"

let -- As GNU tools name themselves on Debian: "aarch64-linux-gnu".
    renderGnu =
      \(t : Triple) ->
        let arch =
              merge
                { x86_64 = "x86_64"
                , aarch64 = "aarch64"
                , riscv64 = "riscv64"
                , wasm32 = "wasm32"
                , armv7 = "arm"
                }
                t.arch

        in  "${arch}-${osText t.os}${abiText t.abi}"

let -- The processor as compilers spell it; None is the architecture's baseline.
    cpuText =
      \(cpu : Cpu) ->
        merge
          { generic = None Text
          , native = Some "native"
          , x86_64_v2 = Some "x86-64-v2"
          , x86_64_v3 = Some "x86-64-v3"
          , x86_64_v4 = Some "x86-64-v4"
          , znver3 = Some "znver3"
          , znver4 = Some "znver4"
          , znver5 = Some "znver5"
          , skylake = Some "skylake"
          , icelake_server = Some "icelake-server"
          , sapphirerapids = Some "sapphirerapids"
          , alderlake = Some "alderlake"
          , neoverse_n1 = Some "neoverse-n1"
          , neoverse_n2 = Some "neoverse-n2"
          , neoverse_v1 = Some "neoverse-v1"
          , neoverse_v2 = Some "neoverse-v2"
          , cortex_a78ae = Some "cortex-a78ae"
          , cortex_a78c = Some "cortex-a78c"
          , apple_m1 = Some "apple-m1"
          , apple_m2 = Some "apple-m2"
          , apple_m3 = Some "apple-m3"
          , apple_m4 = Some "apple-m4"
          }
          cpu

let -- C compilers take x86 processors by -march, Arm cores by -mcpu.
    cpuOption =
      \(cpu : Cpu) ->
        let march = "-march="

        let mcpu = "-mcpu="

        in  merge
              { generic = march
              , native = march
              , x86_64_v2 = march
              , x86_64_v3 = march
              , x86_64_v4 = march
              , znver3 = march
              , znver4 = march
              , znver5 = march
              , skylake = march
              , icelake_server = march
              , sapphirerapids = march
              , alderlake = march
              , neoverse_n1 = mcpu
              , neoverse_n2 = mcpu
              , neoverse_v1 = mcpu
              , neoverse_v2 = mcpu
              , cortex_a78ae = mcpu
              , cortex_a78c = mcpu
              , apple_m1 = mcpu
              , apple_m2 = mcpu
              , apple_m3 = mcpu
              , apple_m4 = mcpu
              }
              cpu

let cpuFlags =
      \(cpu : Cpu) ->
        merge
          { None = [] : List Text
          , Some = \(name : Text) -> [ "${cpuOption cpu}${name}" ]
          }
          (cpuText cpu)

let gpuText =
      \(gpu : Gpu) ->
        merge
          { none = None Text
          , sm_80 = Some "sm_80"
          , sm_86 = Some "sm_86"
          , sm_87 = Some "sm_87"
          , sm_89 = Some "sm_89"
          , sm_90 = Some "sm_90"
          , sm_90a = Some "sm_90a"
          , sm_100 = Some "sm_100"
          , sm_100a = Some "sm_100a"
          , sm_120 = Some "sm_120"
          }
          gpu

let -- For a CUDA clang; nvcc spells it -arch=.
    gpuFlags =
      \(gpu : Gpu) ->
        merge
          { None = [] : List Text
          , Some = \(name : Text) -> [ "--cuda-gpu-arch=${name}" ]
          }
          (gpuText gpu)

let x86_64_linux_gnu
    : Triple
    = { arch = Arch.x86_64
      , vendor = Vendor.unknown
      , os = OS.linux
      , abi = ABI.gnu
      , cpu = Cpu.generic
      , gpu = Gpu.none
      }

let aarch64_linux_gnu = x86_64_linux_gnu // { arch = Arch.aarch64 }

let darwin = { vendor = Vendor.apple, os = OS.darwin, abi = ABI.none }

in  { Arch
    , Vendor
    , OS
    , ABI
    , Cpu
    , Gpu
    , Triple
    , render
    , renderGnu
    , cpuText
    , cpuFlags
    , gpuText
    , gpuFlags
    , x86_64_linux = x86_64_linux_gnu
    , x86_64_linux_gnu
    , x86_64_linux_musl = x86_64_linux_gnu // { abi = ABI.musl }
    , aarch64_linux = aarch64_linux_gnu
    , aarch64_linux_gnu
    , aarch64_linux_musl = aarch64_linux_gnu // { abi = ABI.musl }
    , riscv64_linux = x86_64_linux_gnu // { arch = Arch.riscv64 }
    , x86_64_darwin = x86_64_linux_gnu // darwin
    , aarch64_darwin = aarch64_linux_gnu // darwin // { cpu = Cpu.apple_m1 }
    , wasm32_wasi =
            x86_64_linux_gnu
        //  { arch = Arch.wasm32, os = OS.wasi, abi = ABI.none }
    , orin =
            aarch64_linux_gnu
        //  { vendor = Vendor.nvidia, cpu = Cpu.cortex_a78ae, gpu = Gpu.sm_87 }
    , grace_hopper =
            aarch64_linux_gnu
        //  { vendor = Vendor.nvidia, cpu = Cpu.neoverse_v2, gpu = Gpu.sm_90a }
    , x86_64_linux_h100 = x86_64_linux_gnu // { gpu = Gpu.sm_90a }
    , x86_64_linux_rtx4090 = x86_64_linux_gnu // { gpu = Gpu.sm_89 }
    , x86_64_linux_blackwell = x86_64_linux_gnu // { gpu = Gpu.sm_120 }
    }
