// Built by `make wasm`; package.json says where it lies. wasm-types.ts says what it is.
declare module "#wasm";
