import { inflateSync } from "node:zlib";

/** What a PDF of ours says, read from its bytes: glyphs are looked up in the tables that it carries. */
type Objects = ReadonlyMap<number, Buffer>;
type CodeTable = ReadonlyMap<number, string>;

function readObjects(pdf: Buffer): Objects {
  const text = pdf.toString("latin1");
  const objects = new Map<number, Buffer>();
  for (const match of text.matchAll(/(?<=^|\n)(\d+) 0 obj\n/g)) {
    const start = match.index + match[0].length;
    objects.set(Number(match[1]), pdf.subarray(start, text.indexOf("\nendobj", start)));
  }
  return objects;
}

function streamOf(object: Buffer | undefined): string {
  const at = object?.indexOf("stream\n") ?? -1;
  if (object === undefined || at < 0) return "";
  const body = object.subarray(at + 7, object.lastIndexOf("\nendstream"));
  const isDeflated = object.subarray(0, at).includes("FlateDecode");
  return (isDeflated ? inflateSync(body) : body).toString("latin1");
}

const fromUtf16 = (hex: string): string =>
  Buffer.from(hex.replaceAll(" ", ""), "hex").swap16().toString("utf16le");

/** What each code of a font means. */
function readCodes(cmap: string): CodeTable {
  const codes = new Map<number, string>();
  for (const [, first = "", list = ""] of cmap.matchAll(/<(\w+)> <\w+> \[([^\]]*)\]/g)) {
    const start = Number.parseInt(first, 16);
    for (const [index, entry] of [...list.matchAll(/<([^>]*)>/g)].entries()) {
      codes.set(start + index, fromUtf16(entry[1] ?? ""));
    }
  }
  return codes;
}

function readFonts(objects: Objects): ReadonlyMap<string, CodeTable> {
  const fonts = new Map<string, CodeTable>();
  for (const object of objects.values()) {
    for (const [, name = "", id] of object.toString("latin1").matchAll(/\/(F\d+) (\d+) 0 R/g)) {
      const font = objects.get(Number(id))?.toString("latin1") ?? "";
      const table = /\/ToUnicode (\d+) 0 R/.exec(font)?.[1];
      if (table !== undefined) fonts.set(name, readCodes(streamOf(objects.get(Number(table)))));
    }
  }
  return fonts;
}

/** The texts of each page, in the order in which they are written. */
export function pdfPages(pdf: Buffer): string[][] {
  const objects = readObjects(pdf);
  const fonts = readFonts(objects);
  const pages = [...objects.values()].filter((object) =>
    /\/Type \/Page\b/.test(object.toString("latin1")),
  );
  return pages.map((page) => {
    const content = /\/Contents (\d+) 0 R/.exec(page.toString("latin1"))?.[1];
    const texts: string[] = [];
    let codes: CodeTable | undefined;
    for (const token of streamOf(objects.get(Number(content))).matchAll(
      /\/(F\d+) [\d.]+ Tf|\[([^\]]*)\] TJ/g,
    )) {
      if (token[1] !== undefined) {
        codes = fonts.get(token[1]);
        continue;
      }
      const glyphs = [...(token[2] ?? "").matchAll(/<(\w+)>/g)].map(([, hex = ""]) => hex).join("");
      texts.push(
        (glyphs.match(/.{4}/g) ?? [])
          .map((code) => codes?.get(Number.parseInt(code, 16)) ?? "?")
          .join(""),
      );
    }
    return texts;
  });
}

/** Everything that a PDF says, one text a line. */
export const pdfText = (pdf: Buffer): string => pdfPages(pdf).flat().join("\n");
