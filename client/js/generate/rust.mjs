// Reads constants out of the program's sources: Anchor's IDL has no room for them, and a second list would drift.

/** `pub const NAME: TYPE = EXPRESSION;` with the comment above it. Byte strings are seeds and labels; addresses are text. */
export function constantsRead(source) {
  const constants = new Map();
  const pattern = /((?:^\/\/\/.*\n)*)^pub const (\w+): ([^=]+?) =\s*([^;]+);/gm;
  for (const [, comment, name, type, expression] of source.matchAll(pattern)) {
    const text = /^(?:b|pubkey!\()"([^"]*)"\)?$/.exec(expression);
    const value = text ? text[1] : numberRead(expression, constants);
    const doc = comment.replace(/^\/\/\/ ?/gm, "").trim();
    constants.set(name, { type, value, doc });
  }
  if (constants.size < 20) throw new Error("constants.rs is not written as expected: look at constantsRead");
  return constants;
}

/** The few operators that constants.rs uses. BigInt, because i64::MAX is one of the values. */
function numberRead(expression, known) {
  const inner = /\(([^()]+)\)/.exec(expression);
  if (inner) return numberRead(expression.replace(inner[0], String(numberRead(inner[1], known))), known);
  const operators = {
    "|": (a, b) => a | b,
    "<<": (a, b) => a << b,
    "+": (a, b) => a + b,
    "*": (a, b) => a * b,
    "/": (a, b) => a / b,
  };
  for (const [symbol, apply] of Object.entries(operators)) {
    const parts = expression.split(` ${symbol} `);
    if (parts.length > 1) return parts.map((part) => numberRead(part.trim(), known)).reduce(apply);
  }
  const word = expression.trim();
  if (word === "i64::MAX") return 2n ** 63n - 1n;
  if (/^[\d_]+$/.test(word)) return BigInt(word.replaceAll("_", ""));
  const other = known.get(word);
  if (typeof other?.value === "bigint") return other.value;
  throw new Error(`constants.rs: ${word} is not understood`);
}

/** `/// CODE: words.` above `Name = number,` in the enum Purpose. */
export function purposesRead(source) {
  const purposes = [...source.matchAll(/\/\/\/ ([A-Z]+): (.+)\n\s+(\w+) = (\d+),/g)].map(
    ([, code, words, name, number]) => ({ code, words: words.replace(/\.$/, ""), name, number: Number(number) }),
  );
  if (purposes.length < 10) throw new Error("purpose.rs is not written as expected: look at purposesRead");
  return purposes;
}
