// `aceso/program`: everything that is generated from the IDL, and the program's numbers.
export * from "./generated/index.js";
export * from "./generated/tables/constants.js";
export * from "./generated/tables/instructions.js";
export { EVENTS } from "./generated/tables/events.js";
export { ERRORS } from "./generated/tables/errors.js";
