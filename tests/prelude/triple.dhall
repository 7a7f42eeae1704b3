let T = ../../prelude/Triple.dhall

in  { native = assert : T.render T.x86_64_linux === "x86_64-unknown-linux-gnu"
    , musl = assert : T.render T.aarch64_linux_musl === "aarch64-unknown-linux-musl"
    , no-abi = assert : T.render T.aarch64_darwin === "aarch64-apple-darwin"
    , wasi = assert : T.render T.wasm32_wasi === "wasm32-unknown-wasi"
    , debian = assert : T.renderGnu T.riscv64_linux === "riscv64-linux-gnu"
    , orin = assert : T.cpuFlags T.orin.cpu === [ "-mcpu=cortex-a78ae" ]
    , x86 = assert : T.cpuFlags T.Cpu.x86_64_v3 === [ "-march=x86-64-v3" ]
    , generic = assert : T.cpuFlags T.Cpu.generic === ([] : List Text)
    , gpu = assert : T.gpuFlags T.grace_hopper.gpu === [ "--cuda-gpu-arch=sm_90a" ]
    }
