import type { Font } from "fontkit";
import { BASE_FILES, isInBase } from "./base.ts";
import { familiesFor, findSlice, openSlice, type Slice, type Weight } from "./noto.ts";

/** What some characters are written in: a part of a font, undefined for the base font. */
export type Face = Slice | undefined;

/** Marks and joiners belong to the character before them, and are written in its face. */
const FOLLOWS = /^[\p{M}\u200c\u200d]$/u;

const RIGHT_TO_LEFT =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** Whether some of a text is written from right to left. */
export const isRightToLeft = (text: string): boolean => RIGHT_TO_LEFT.test(text);

const codePointOf = (char: string): number => char.codePointAt(0) ?? 0;

/** A break of lines is no character that is written. */
const isBase = (char: string): boolean => char === "\n" || isInBase(codePointOf(char));

/** Whether a text is written in the base font from left to right: nothing has to be arranged. */
export const isPlain = (text: string): boolean => !isRightToLeft(text) && [...text].every(isBase);

/** The fonts of one document. */
export interface FontBook {
  /** The face of each UTF-16 unit of a text. What no font has falls to the base font's empty box. */
  facesOf(text: string): Face[];
  /** What pdfkit takes as a font. */
  sourceOf(face: Face, weight: Weight): string | Font;
}

/** Opens all that the texts of a document are written in. */
export async function openFonts(texts: Iterable<string>): Promise<FontBook> {
  const fonts = new Map<Slice, Readonly<Record<Weight, Font>>>();
  const open = async (slice: Slice) => {
    const known = fonts.get(slice);
    if (known !== undefined) return known;
    const [regular, bold] = await Promise.all([
      openSlice(slice, "regular"),
      openSlice(slice, "bold"),
    ]);
    fonts.set(slice, { regular, bold });
    return { regular, bold };
  };
  // The list of a part names characters that the font itself does not have: the next family is asked.
  const findFace = async (families: readonly string[], codePoint: number): Promise<Face> => {
    for (const family of families) {
      const slice = findSlice(family, codePoint);
      if (slice !== undefined && (await open(slice)).regular.hasGlyphForCodePoint(codePoint)) {
        return slice;
      }
    }
    return undefined;
  };
  /** By the family that is asked first, and the code point. */
  const found = new Map<string, Face>();
  for (const text of texts) {
    if (isPlain(text)) continue;
    const families = familiesFor(text);
    for (const char of new Set(text)) {
      const codePoint = codePointOf(char);
      const key = `${families[0]} ${codePoint}`;
      if (!isBase(char) && !found.has(key)) {
        found.set(key, await findFace(families, codePoint));
      }
    }
  }
  const has = (face: Face, codePoint: number): boolean =>
    face === undefined
      ? isInBase(codePoint)
      : (fonts.get(face)?.regular.hasGlyphForCodePoint(codePoint) ?? false);
  return {
    facesOf(text) {
      const [first] = familiesFor(text);
      const faces: Face[] = [];
      for (const char of text) {
        const codePoint = codePointOf(char);
        const before = faces.at(-1);
        const stays = FOLLOWS.test(char) && has(before, codePoint);
        const face = stays ? before : found.get(`${first} ${codePoint}`);
        for (let unit = 0; unit < char.length; unit += 1) faces.push(face);
      }
      return faces;
    },
    sourceOf: (face, weight) =>
      (face === undefined ? undefined : fonts.get(face)?.[weight]) ?? BASE_FILES[weight],
  };
}
