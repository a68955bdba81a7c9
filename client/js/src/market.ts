// `aceso/market`: the storage market. What a lease costs, what a peer has to prove, and the first steps of either side;
// every instruction is in `aceso/program`.
export * from "./lease.js";
export * from "./ledger.js";
export * from "./peer.js";
export * from "./price.js";
export * from "./proof.js";
