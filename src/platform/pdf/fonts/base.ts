import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { create, type Font } from "fontkit";
import type { Weight } from "./noto.ts";

const FOLDER = join(
  dirname(createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json")),
  "ttf",
);

/** The files of the base font, DejaVu Sans: most scripts of Europe, Hebrew, Arabic, and signs. */
export const BASE_FILES = {
  regular: join(FOLDER, "DejaVuSans.ttf"),
  bold: join(FOLDER, "DejaVuSans-Bold.ttf"),
} as const satisfies Record<Weight, string>;

let font: Font | undefined;

/** Whether the base font has a character. */
export function isInBase(codePoint: number): boolean {
  font ??= create(readFileSync(BASE_FILES.regular));
  return font.hasGlyphForCodePoint(codePoint);
}
