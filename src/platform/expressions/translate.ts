import { ExpressionError } from "./expression-error.ts";

/** The engine's text, and for each of its characters where it came from. */
export interface Translation {
  readonly text: string;
  readonly origins: readonly number[];
}

/** Text in quotes, a word, an operator of two characters, or one character. */
const TOKEN =
  /(?<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<space>\s+)|(?<word>[A-Za-z_]\w*)|(?<number>\d[\w.]*)|(?<sign><>|==|!=|<=|>=|&&|\|\||\/\/|[\s\S])/y;

const OPENING = new Set(["(", "[", "{"]);
const CLOSING = new Set([")", "]", "}"]);
/** What binds less than NOT does, so that it ends what is negated. */
const ENDS_NEGATION = new Set(["&&", "||", "?", ":", ","]);

const WORDS: Readonly<Record<string, string>> = { and: "&&", or: "||", not: "!(" };
const SIGNS: Readonly<Record<string, string>> = { "=": "==", "<>": "!=" };

/** `has(x)` is true unless x is missing; the engine knows it under this name. */
export const IS_PRESENT = "isPresent";

/**
 * Our dialect in the engine's words, outside of quoted text: AND, OR, NOT, = and <> in any case. NOT
 * negates the whole comparison that follows, as in SQL; `!` only what stands next to it. Throws
 * ExpressionError for text that does not end and for what the dialect does not have.
 */
export function translate(source: string): Translation {
  const origins: number[] = [];
  let text = "";
  /** Negations that are open, by the depth of brackets at which they began. */
  const open: number[] = [];
  let depth = 0;
  let before = "";
  const emit = (part: string, position: number) => {
    text += part;
    for (let count = 0; count < part.length; count += 1) origins.push(position);
  };
  const close = (position: number) => {
    while (open.at(-1) === depth) {
      open.pop();
      emit(")", position);
    }
  };
  let position = 0;
  while (position < source.length) {
    TOKEN.lastIndex = position;
    const found = TOKEN.exec(source);
    const token = found?.[0] ?? source[position] ?? "";
    const { space, word, text: quoted } = found?.groups ?? {};
    if (space === undefined) {
      refuseToken(token, before, quoted !== undefined, position);
      const sign = toEngine(token, before, word, source.slice(position + token.length));
      if (ENDS_NEGATION.has(sign) || CLOSING.has(sign)) close(position);
      if (OPENING.has(sign)) depth += 1;
      if (CLOSING.has(sign)) depth -= 1;
      if (sign === WORDS.not) open.push(depth);
      emit(sign, position);
      before = token;
    } else {
      emit(space, position);
    }
    position += token.length;
  }
  for (const _ of open) emit(")", source.length);
  return { text, origins };
}

function toEngine(token: string, before: string, word: string | undefined, rest: string): string {
  if (word === undefined) return SIGNS[token] ?? token;
  // After a point it is the name of a field.
  if (before === ".") return token;
  if (word === "has" && /^\s*\(/.test(rest)) return IS_PRESENT;
  return WORDS[word.toLowerCase()] ?? word;
}

function refuseToken(token: string, before: string, isText: boolean, position: number): void {
  if (token === "//") throw new ExpressionError("comments are not allowed", position);
  if (!isText) {
    if (token !== '"' && token !== "'") return;
    throw new ExpressionError("the text that begins here has no closing quote", position);
  }
  if (/^\w+$/.test(before) && /^[rbu]+$/i.test(before)) {
    throw new ExpressionError(`text has no prefix ${before}: write it in quotes alone`, position);
  }
  if (/^["']/.test(before)) {
    throw new ExpressionError("two texts follow each other without an operator", position);
  }
}
