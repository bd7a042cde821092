import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The style that pages of documents for customers share: put before a page's own. */
export const DOCUMENT_STYLE = readFileSync(join(import.meta.dirname, "document.css"), "utf8");
