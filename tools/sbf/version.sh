# shellcheck shell=bash disable=SC2034
# The upstream sBPF toolchain, in one place. sbpf-linker loads the LLVM of the compiler that it works with, so the two
# move together. Raise SBF_REVISION when install.sh or patch-std.sh change what they make.
SBF_NIGHTLY=nightly-2026-10-15
SBF_LINKER_VERSION=0.2.6
SBF_REVISION=1
SBF_DIR=$ACESO_TOOLS/sbf-$SBF_NIGHTLY-linker$SBF_LINKER_VERSION-r$SBF_REVISION
# Above this the program account's rent and the deployment's transactions stop being reasonable.
PROGRAM_MAX_BYTES=1000000
