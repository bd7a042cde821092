import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Font } from "fontkit";
import { openFont } from "./open-font.ts";

/** Han characters look different by language; the first family that has a character writes it. */
const HAN = ["sc", "tc", "jp", "kr"];

/** Scripts of which the base font has nothing. */
const OTHERS =
  "devanagari bengali gujarati gurmukhi tamil telugu kannada malayalam sinhala thai khmer myanmar ethiopic";

/** All families, those of one script first: they have nothing of the others. */
const FAMILIES: readonly string[] = [...OTHERS.split(" "), ...HAN];

/** A part of a family: the font is cut by what is used together. */
export interface Slice {
  readonly family: string;
  readonly file: string;
  readonly ranges: readonly (readonly [first: number, last: number])[];
}

const WEIGHTS = { regular: 400, bold: 700 } as const;
export type Weight = keyof typeof WEIGHTS;

const { resolve } = createRequire(import.meta.url);

const toRange = (text: string): [number, number] => {
  const [first = "", last = first] = text.replace("U+", "").split("-");
  return [Number.parseInt(first, 16), Number.parseInt(last, 16)];
};

/** Latin letters and marks come from the base font. */
const isOwnPart = (key: string): boolean => !/^(latin|cyrillic|greek|vietnamese|symbols)/.test(key);

function readSlices(family: string): Slice[] {
  const list = resolve(`@fontsource-variable/noto-sans-${family}/unicode.json`);
  const parts = JSON.parse(readFileSync(list, "utf8")) as Record<string, string>;
  return Object.entries(parts)
    .filter(([key]) => isOwnPart(key))
    .map(([key, ranges]) => ({
      family,
      file: join(
        dirname(list),
        `files/noto-sans-${family}-${key.replace(/[[\]]/g, "")}-wght-normal.woff2`,
      ),
      ranges: ranges.split(",").map(toRange),
    }));
}

const slices = new Map<string, readonly Slice[]>();

/** The part of a family that has a character, or undefined. */
export function findSlice(family: string, codePoint: number): Slice | undefined {
  const known = slices.get(family) ?? readSlices(family);
  slices.set(family, known);
  return known.find(({ ranges }) =>
    ranges.some(([first, last]) => codePoint >= first && codePoint <= last),
  );
}

/** The families in the order in which they are asked for the characters of a text. */
export function familiesFor(text: string): readonly string[] {
  const han = /\p{Script=Hangul}/u.test(text)
    ? "kr"
    : /[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)
      ? "jp"
      : /\p{Script=Bopomofo}/u.test(text)
        ? "tc"
        : "sc";
  return [han, ...FAMILIES.filter((family) => family !== han)];
}

/** Parts stay open for the documents to come; of the many, those that were opened last. */
const MAX_OPEN = 64;
const open = new Map<string, Promise<Font>>();

/** A part of a family in one weight. */
export function openSlice({ file }: Slice, weight: Weight): Promise<Font> {
  const name = `${file.replace(/^.*\/|-wght-normal\.woff2$/g, "")}-${weight}`;
  const font = open.get(name) ?? openFont(readFileSync(file), WEIGHTS[weight], name);
  open.delete(name);
  open.set(name, font);
  const oldest = open.keys().next().value;
  if (open.size > MAX_OPEN && oldest !== undefined) open.delete(oldest);
  return font;
}
