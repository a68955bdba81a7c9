export * from "./audit.js";
export * from "./bytes.js";
export * from "./chain.js";
export * from "./errors.js";
export * from "./events.js";
