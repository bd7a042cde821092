import type { Books } from "../books/books.ts";
import { ENTITY_NAMES } from "../books/entity.ts";
import { deleteTransaction, voidTransaction, write } from "../books/write.ts";
import { describeFault, QuickBooksFault, refuse, refuseByRule } from "../faults.ts";
import { answerQuery } from "./query.ts";

const MOST = 30;
const LONGEST_ID = 10;

type Item = Record<string, unknown>;

function run(books: Books, item: Item): Item {
  if (typeof item.Query === "string") return { QueryResponse: answerQuery(books, item.Query) };
  const name = ENTITY_NAMES.find((each) => each in item);
  if (name === undefined) return refuse("2010", "Property Name: no entity that is known");
  const body = item[name];
  switch (item.operation) {
    case "create":
    case "update":
      return { [name]: write(books, name, body) };
    case "void":
      return { [name]: voidTransaction(books, name, body) };
    case "delete": {
      const Id = deleteTransaction(books, name, body);
      return { [name]: { domain: "QBO", status: "Deleted", Id } };
    }
    default:
      return refuse("500", `Operation ${String(item.operation)} is not supported.`);
  }
}

function runAlone(books: Books, item: Item): Item {
  try {
    return { ...run(books, item), bId: item.bId };
  } catch (error) {
    if (!(error instanceof QuickBooksFault)) throw error;
    return { Fault: describeFault(error), bId: item.bId };
  }
}

/** Each item by itself: what one is refused for leaves the others alone. */
export function answerBatch(books: Books, body: unknown): Record<string, unknown> {
  const items = (body as { BatchItemRequest?: unknown } | null)?.BatchItemRequest;
  if (!Array.isArray(items) || items.length === 0) {
    return refuse("2020", "Required parameter BatchItemRequest is missing in the request");
  }
  if (items.length > MOST) return refuseByRule(`A batch has at most ${MOST} items`);
  const ids = new Set<unknown>();
  for (const { bId } of items as Item[]) {
    const isText = typeof bId === "string" && bId !== "" && bId.length <= LONGEST_ID;
    if (!isText || ids.has(bId)) {
      return refuse("2050", `bId must be a text of its own of at most ${LONGEST_ID} characters`);
    }
    ids.add(bId);
  }
  return { BatchItemResponse: (items as Item[]).map((item) => runAlone(books, item)) };
}
