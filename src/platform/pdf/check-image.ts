import { inflateSync } from "node:zlib";
import PDFDocument from "pdfkit";

const PNG_SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");
const JPEG_SIGNATURE = Buffer.from("ffd8ff", "hex");
/** A small file can unfold into an endless picture. */
const MAX_SIDE = 4096;
const MAX_PIXELS = 4_000_000;
const MAX_RAW_BYTES = 8 * MAX_PIXELS + MAX_SIDE * 16;

const startsWith = (bytes: Uint8Array, signature: Buffer): boolean =>
  signature.equals(bytes.subarray(0, signature.length));

/** pdfkit's own reading of a picture, which its types leave out. */
interface ImageReader {
  openImage(bytes: Buffer): { readonly width: number; readonly height: number };
}

/** What a file says that it is by its first bytes. */
export function imageTypeOf(bytes: Uint8Array): "png" | "jpeg" | undefined {
  if (startsWith(bytes, PNG_SIGNATURE)) return "png";
  return startsWith(bytes, JPEG_SIGNATURE) ? "jpeg" : undefined;
}

const isSmall = (width: number, height: number): boolean =>
  width > 0 && height > 0 && Math.max(width, height) <= MAX_SIDE && width * height <= MAX_PIXELS;

/** The parts of a PNG by their names, or undefined when they do not fill the file. */
function readChunks(png: Buffer): { name: string; data: Buffer }[] | undefined {
  const chunks: { name: string; data: Buffer }[] = [];
  let at = PNG_SIGNATURE.length;
  while (at + 12 <= png.length) {
    const length = png.readUInt32BE(at);
    if (at + 12 + length > png.length) return undefined;
    const name = png.toString("latin1", at + 4, at + 8);
    chunks.push({ name, data: png.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
    if (name === "IEND") return chunks;
  }
  return undefined;
}

function isSoundPng(png: Buffer): boolean {
  const chunks = readChunks(png);
  const header = chunks?.[0];
  if (chunks === undefined || header?.name !== "IHDR" || header.data.length !== 13) return false;
  if (!isSmall(header.data.readUInt32BE(0), header.data.readUInt32BE(4))) return false;
  const pixels = chunks.filter(({ name }) => name === "IDAT").map(({ data }) => data);
  inflateSync(Buffer.concat(pixels), { maxOutputLength: MAX_RAW_BYTES });
  return true;
}

/** Whether a PNG or JPEG can be put into a document, and is no larger than a logo needs. */
export function isPrintableImage(bytes: Uint8Array): boolean {
  const type = imageTypeOf(bytes);
  try {
    if (type === undefined || (type === "png" && !isSoundPng(Buffer.from(bytes)))) return false;
    const doc = new PDFDocument();
    const { width, height } = (doc as unknown as ImageReader).openImage(Buffer.from(bytes));
    if (!isSmall(width, height)) return false;
    doc.image(Buffer.from(bytes), 0, 0, { fit: [100, 100] });
    return true;
  } catch {
    // The library throws errors and texts alike; none of them is more than "not a picture".
    return false;
  }
}
