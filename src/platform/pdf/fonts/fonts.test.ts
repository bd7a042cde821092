import { create } from "fontkit";
import { expect, test } from "vitest";
import { arrangeLine } from "./arrange-line.ts";
import { breakLines } from "./break-lines.ts";
import { encodeOutline } from "./encode-outline.ts";
import { isPlain, openFonts } from "./faces.ts";
import { findSlice, openSlice } from "./noto.ts";

/** One character is one wide. */
const lines = (text: string, width: number) =>
  breakLines(text, width, (part) => [...part].length).join("|");

test.each([
  ["one two three", 7, "one two|three", "between words"],
  ["one two", 3, "one|two", "the space that ends a line is not written"],
  ["abcdefgh ij", 3, "abc|def|gh|ij", "a word without a line of its own breaks inside"],
  ["end. (next)", 6, "end.|(next)", "signs stay with the word that they close or open"],
  ["深圳市云计算", 3, "深圳市|云计算", "in scripts without spaces between words"],
  ["", 3, "", "nothing is a line of its own"],
])("%j in %i breaks to %j: %s", (text, width, expected) => {
  expect(lines(text, width)).toBe(expected);
});

test.each([
  ["株式", ["sc:株式"], "Han alone is Chinese"],
  ["カ式", ["jp:カ", "jp:式"], "kana make it Japanese"],
  ["式가", ["kr:式", "kr:가"], "hangul makes it Korean"],
  ["Acme クラ Ltd", ["base:Acme ", "jp:クラ", "base: Ltd"], "the base font writes what it has"],
  ["ไทย ABC", ["thai:ไทย", "base: ABC"], "each script has its family"],
  ["กำ", ["thai:กำ"], "a mark stays with its letter"],
  ["\u{10ffff}", ["base:\u{10ffff}"], "what no font has is the base font's empty box"],
  // The font turns a run of Hebrew round by itself, so a run reads from its right end.
  ["אב 12 גד", ["base: גד", "base:12", "base:אב "], "words run from the right, numbers do not"],
  ["(אב)", ["base:)אב("], "brackets turn with the direction"],
  ["Acme אב", ["base:Acme ", "base:אב"], "a line runs as its first letter does"],
])("%j is %j: %s", async (line, expected) => {
  const fonts = await openFonts([line]);
  const runs = arrangeLine(line, fonts);
  expect(runs.map(({ text, face }) => `${face?.family ?? "base"}:${text}`)).toEqual(expected);
});

test("only what the base font writes from left to right is plain", () => {
  expect(["Größe\nЦена, Τιμή €", "深圳", "שלום", "ไทย"].map(isPlain)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test("an outline is written as points of one simple glyph", () => {
  // A square of 100 with a rounded corner.
  const bytes = Buffer.from(
    encodeOutline([
      { command: "moveTo", args: [0, 0] },
      { command: "lineTo", args: [100, 0] },
      { command: "lineTo", args: [100, 50] },
      { command: "quadraticCurveTo", args: [100, 100, 50, 100] },
      { command: "lineTo", args: [0, 100] },
      { command: "lineTo", args: [0, 0] },
      { command: "closePath", args: [] },
    ]),
  );
  // One contour within (0, 0) and (100, 100), six points of which the fourth is off the curve.
  expect([0, 2, 4, 6, 8, 10].map((at) => bytes.readInt16BE(at))).toEqual([1, 0, 0, 100, 100, 5]);
  expect([...bytes.subarray(14, 20)]).toEqual([1, 1, 1, 0, 1, 1]);
  expect(encodeOutline([])).toHaveLength(0);
});

test.each([
  ["sc", "深"],
  ["kr", "가"],
  ["thai", "ก"],
  ["devanagari", "क"],
])(
  "what is embedded of %s is the very outline of %s, bolder when it is bold",
  async (family, char) => {
    const codePoint = char.codePointAt(0) ?? 0;
    const slice = findSlice(family, codePoint);
    if (slice === undefined) throw new Error(`${char} is in no part`);
    const outlines = await Promise.all(
      (["regular", "bold"] as const).map(async (weight) => {
        const font = await openSlice(slice, weight);
        const glyph = font.glyphForCodePoint(codePoint);
        const subset = font.createSubset();
        const id = subset.includeGlyph(glyph.id);
        const embedded = create(Buffer.from(subset.encode())).getGlyph(id);
        expect(embedded.advanceWidth).toBe(Math.round(glyph.advanceWidth));
        const wanted = encodeOutline(glyph.path.commands);
        expect(Buffer.from(encodeOutline(embedded.path.commands)).equals(wanted)).toBe(true);
        return Buffer.from(wanted).toString("hex");
      }),
    );
    expect(outlines[0]).not.toBe(outlines[1]);
  },
);
