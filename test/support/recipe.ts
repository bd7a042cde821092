import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { json } from "node:stream/consumers";

/** A fenced block of a document: the words after its fence, and what stands in it. */
export interface Block {
  readonly kind: string;
  readonly text: string;
}

/** The fenced blocks of `docs/<name>` in order. */
export function readBlocks(name: string): Block[] {
  const text = readFileSync(join(import.meta.dirname, "../../docs", name), "utf8");
  return [...text.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].map(([, kind = "", body = ""]) => ({
    kind,
    text: body,
  }));
}

/** What stands for something that is only known when the recipe is followed: `{customer_id}`. */
export type Ingredients = Map<string, string>;

/** The text with every name in braces replaced. Throws for one that is not known yet. */
export const fill = (text: string, known: Ingredients): string =>
  text.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    const value = known.get(name);
    if (value === undefined) throw new Error(`{${name}} is not known yet`);
    return value;
  });

/**
 * Where a value is other than the document says, in words: it may have further fields. A name in braces
 * is learned when it is not known yet. undefined: nowhere.
 */
export function differs(
  said: unknown,
  found: unknown,
  known: Ingredients,
  at = "$",
): string | undefined {
  if (typeof said === "string") {
    const name = /^\{(\w+)\}$/.exec(said)?.[1];
    if (name !== undefined && !known.has(name) && typeof found === "string") known.set(name, found);
    const wanted = fill(said, known);
    return wanted === found ? undefined : `${at}: ${wanted} became ${JSON.stringify(found)}`;
  }
  if (typeof said !== "object" || said === null) {
    return said === found ? undefined : `${at}: ${said} became ${JSON.stringify(found)}`;
  }
  if (typeof found !== "object" || found === null) return `${at} is ${JSON.stringify(found)}`;
  if (Array.isArray(said) && (!Array.isArray(found) || said.length !== found.length)) {
    return `${at} has another length: ${JSON.stringify(found)}`;
  }
  for (const [key, value] of Object.entries(said)) {
    const inner = (found as Record<string, unknown>)[key];
    const difference = differs(value, inner, known, `${at}.${key}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** An `http` block: its first line, and the JSON behind an empty one. */
export function readExchange(text: string): Exchange {
  const [line = "", ...rest] = text.split("\n\n");
  const [method = "", path = ""] = line.trim().split(" ");
  const body = rest.join("\n\n").trim();
  return { method, path, body: body === "" ? undefined : JSON.parse(body) };
}

/** Does what the given curl command does, as far as this project's documents go: -X, -H and -d. */
export async function curl(command: string): Promise<{ status: number; body: unknown }> {
  const words = [...command.replaceAll("\\\n", " ").matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? "",
  );
  const valuesOf = (flag: string) =>
    words.flatMap((word, i) => (word === flag ? [words[i + 1] ?? ""] : []));
  const headers = Object.fromEntries(
    valuesOf("-H").map((header) => header.split(/: (.*)/s).slice(0, 2)),
  ) as Record<string, string>;
  const data = valuesOf("-d").join("&");
  const url = words.find((word) => word.startsWith("http")) ?? "";
  return new Promise((resolve, reject) => {
    const options = {
      method: valuesOf("-X")[0],
      headers: { ...headers, "Content-Length": Buffer.byteLength(data) },
    };
    const sent = httpRequest(url, options, (response) => {
      json(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    sent.on("error", reject);
    sent.end(data);
  });
}
