const words = new Intl.Segmenter("en", { granularity: "word" });
const characters = new Intl.Segmenter("en", { granularity: "grapheme" });

const OPENS = /^[\p{Ps}\p{Pi}]+$/u;
const IS_SPACE = /^\s+$/u;

/** Pieces between which a line may break: words with what follows or opens them. */
function toPieces(text: string): string[] {
  const pieces: string[] = [];
  let isOpen = false;
  for (const { segment, isWordLike } of words.segment(text)) {
    const stays = isOpen || IS_SPACE.test(segment) || (!isWordLike && !OPENS.test(segment));
    if (pieces.length > 0 && stays) pieces.push((pieces.pop() ?? "") + segment);
    else pieces.push(segment);
    isOpen = OPENS.test(segment);
  }
  return pieces;
}

/**
 * Breaks a paragraph into lines that are no wider than `width`: between words, also in scripts that
 * write none between them, and inside a word only when it has no line of its own.
 */
export function breakLines(
  text: string,
  width: number,
  widthOf: (text: string) => number,
): string[] {
  const lines: string[] = [];
  let line = "";
  const fits = (longer: string) => widthOf(longer.trimEnd()) <= width;
  const add = (piece: string) => {
    if (line !== "" && !fits(line + piece)) {
      lines.push(line.trimEnd());
      line = "";
    }
    line += piece;
  };
  for (const piece of toPieces(text)) {
    if (fits(piece)) add(piece);
    else for (const { segment } of characters.segment(piece)) add(segment);
  }
  return [...lines, line.trimEnd()];
}
