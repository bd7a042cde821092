import { type Books, get, save } from "../books/books.ts";
import { withBalance } from "../books/company.ts";
import { ENTITY_NAMES, type EntityName } from "../books/entity.ts";
import { deleteTransaction, voidTransaction, write } from "../books/write.ts";
import { toTime, toTimestamp } from "../clock.ts";
import { refuse, refuseByRule } from "../faults.ts";
import { parseJson } from "../json.ts";
import { answerBatch } from "./batch.ts";
import { type Call, jsonReply, pdfReply, type Reply } from "./call.ts";
import { answerChanges } from "./cdc.ts";
import { describeCompany, describePreferences } from "./describe-company.ts";
import { answerQuery } from "./query.ts";

const unsupported = (call: Call): never =>
  refuse("500", `Operation ${call.method} ${call.path} is not supported.`);

/** Entities under their paths: /invoice, /creditmemo. */
const BY_PATH = new Map<string, EntityName>(ENTITY_NAMES.map((name) => [name.toLowerCase(), name]));

const checkId = (id: string): string =>
  /^\d+$/.test(id) || id === "TAX" || id === "NON"
    ? id
    : refuse("2030", `Id should be a valid number. Supplied value:${id}`, "Id");

/** Mails an invoice or a credit memo to its own address, or to another one. */
function sendDocument(books: Books, name: EntityName, id: string, call: Call) {
  const entity = get(books, name, id);
  const to = call.query.get("sendTo") ?? entity.BillEmail?.Address;
  if (to === undefined) return refuseByRule("There is no email address to send to", "BillEmail");
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(to)) {
    return refuse("2210", `Email Address does not conform to the syntax rules: ${to}`);
  }
  const DeliveryTime = toTimestamp(books.clock.now());
  const sent = {
    ...entity,
    BillEmail: { Address: to },
    EmailStatus: "EmailSent",
    DeliveryInfo: { DeliveryType: "Email", DeliveryTime },
  };
  return { [name]: save(books, name, sent, "Emailed") };
}

function writeEntity(books: Books, name: EntityName, call: Call): Record<string, unknown> {
  const operation = call.query.get("operation");
  const include = (call.query.get("include") ?? "").split(",");
  const body = parseJson(call.body);
  const isVoid = operation === "void" || (operation === "update" && include.includes("void"));
  if (isVoid) return { [name]: voidTransaction(books, name, body) };
  if (operation === "delete") {
    const Id = deleteTransaction(books, name, body);
    return { [name]: { domain: "QBO", status: "Deleted", Id } };
  }
  if (operation !== null && operation !== "update") return unsupported(call);
  const allowsDuplicateNumber = include.includes("allowduplicatedocnum");
  return { [name]: withBalance(books, name, write(books, name, body, { allowsDuplicateNumber })) };
}

function answerEntity(books: Books, call: Call, rest: readonly string[]): unknown {
  const [path = "", id, action, ...more] = rest;
  const name = BY_PATH.get(path);
  if (name === undefined || more.length > 0) return unsupported(call);
  if (id === undefined) {
    return call.method === "POST" ? writeEntity(books, name, call) : unsupported(call);
  }
  const isSales = name === "Invoice" || name === "CreditMemo";
  if (action === undefined && call.method === "GET") {
    return { [name]: withBalance(books, name, get(books, name, checkId(id))) };
  }
  if (action === "send" && call.method === "POST" && isSales) {
    return sendDocument(books, name, checkId(id), call);
  }
  return unsupported(call);
}

function answerBody(books: Books, call: Call, rest: readonly string[]): unknown {
  switch (`${call.method} ${rest.join("/")}`) {
    case "GET preferences":
      return { Preferences: describePreferences(books) };
    case `GET companyinfo/${books.realmId}`:
      return { CompanyInfo: describeCompany(books) };
    case "GET query":
      return { QueryResponse: answerQuery(books, call.query.get("query") ?? "") };
    case "POST query":
      return { QueryResponse: answerQuery(books, call.body) };
    case "GET cdc":
      return answerChanges(books, call.query);
    case "POST batch":
      return answerBatch(books, parseJson(call.body));
    default:
      return answerEntity(books, call, rest);
  }
}

/** One operation of the Accounting API; `rest` is what follows the company in the path. */
export function answerOperation(books: Books, call: Call, rest: readonly string[]): Reply {
  const [path = "", id = "", action, ...more] = rest;
  const name = BY_PATH.get(path);
  if (call.method === "GET" && action === "pdf" && more.length === 0 && name !== undefined) {
    const { DocNumber } = get(books, name, checkId(id));
    return pdfReply(`%PDF-1.4\n% ${name} ${DocNumber ?? id} of a stand-in\n%%EOF\n`);
  }
  const body = answerBody(books, call, rest);
  return jsonReply(200, { ...(body as object), time: toTime(books.clock.now()) });
}
