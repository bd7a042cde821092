import bidiFactory, { type Bidi } from "bidi-js";
import { type Face, type FontBook, isRightToLeft } from "./faces.ts";

// The package's types describe its ES module, Node loads the other one.
const bidi = (bidiFactory as unknown as () => Bidi)();

/** Characters of one face and one direction, in the order in which the font is given them. */
export interface Run {
  readonly text: string;
  readonly face: Face;
}

interface LogicalRun extends Run {
  /** Odd: from right to left (Unicode, UAX #9). */
  readonly level: number;
}

const reverse = (text: string): string => [...text].reverse().join("");

/** fontkit turns a run round by the script that it finds in it; here the level decides. */
const inFontOrder = ({ text, face, level }: LogicalRun): Run => ({
  text: isRightToLeft(text) === (level % 2 === 1) ? text : reverse(text),
  face,
});

/** Runs from left to right as they are seen: from the highest level down, what is nested turns (UAX #9, L2). */
function inVisualOrder(runs: readonly LogicalRun[]): LogicalRun[] {
  const order = [...runs];
  const highest = Math.max(0, ...runs.map(({ level }) => level));
  for (let level = highest; level > 0; level -= 1) {
    for (let start = 0; start < order.length; start += 1) {
      if ((order[start]?.level ?? 0) < level) continue;
      let end = start + 1;
      while ((order[end]?.level ?? 0) >= level) end += 1;
      order.splice(start, end - start, ...order.slice(start, end).reverse());
      start = end;
    }
  }
  return order;
}

/** One line of text as runs from left to right. */
export function arrangeLine(line: string, fonts: FontBook): Run[] {
  const faces = fonts.facesOf(line);
  const { levels } = bidi.getEmbeddingLevels(line);
  const mirrored = bidi.getMirroredCharactersMap(line, levels);
  const runs: LogicalRun[] = [];
  for (let at = 0; at < line.length; at += 1) {
    const [face, level] = [faces[at], levels[at] ?? 0];
    const char = mirrored.get(at) ?? line.charAt(at);
    const last = runs.at(-1);
    if (last !== undefined && last.face === face && last.level === level) {
      runs[runs.length - 1] = { ...last, text: last.text + char };
    } else runs.push({ text: char, face, level });
  }
  return inVisualOrder(runs).map(inFontOrder);
}
