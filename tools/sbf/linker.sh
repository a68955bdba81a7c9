#!/bin/sh
# The linker that rustc calls for sBPF. sbpf-linker refuses -Os and -Oz as a level of its own; the bitcode already
# carries the size attributes, so -O2 loses nothing.
for arg do
  shift
  case $arg in
    -Os | -Oz) arg=-O2 ;;
  esac
  set -- "$@" "$arg"
done
# It loads LLVM from the compiler's own folder; under rustup that would be on the library path already.
here=$(cd "$(dirname "$0")" && pwd)
export LD_LIBRARY_PATH="$here/toolchain/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export DYLD_FALLBACK_LIBRARY_PATH="$here/toolchain/lib"
exec "$here/sbpf-linker" "$@"
