// The page speaks the public API alone. Numbers keep the digits they were sent with.

import { creditButton } from "./credit-notes.js";

const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";
const PAGE = 20;
const STORED = "ledgerline-token";

const element = (id) => document.getElementById(id);
const status = element("status");
const rows = element("rows");
const more = element("more");
let token = "";
let nextPage = null;

const keepDigits = (_key, value, context) =>
  typeof value === "number" && context?.source !== undefined ? context.source : value;

const get = (path) => call(path, {});

const post = (path, body) => call(path, { method: "POST", body: JSON.stringify(body) });

async function call(path, request) {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(request.body === undefined ? {} : { "content-type": "application/json" }),
  };
  const response = await fetch(path, { ...request, headers });
  const body = JSON.parse(await response.text(), keepDigits);
  if (!response.ok) throw new Error(body.message ?? `The server answered ${response.status}`);
  return body;
}

/** Moves the point of a decimal text two places to the left: cents to dollars. */
function centsToDollars(text) {
  const negative = text.startsWith("-");
  const [whole, fraction = ""] = text.replace("-", "").split(".");
  const padded = whole.padStart(3, "0");
  const units = padded.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${negative ? "-" : ""}$${units}.${padded.slice(-2)}${fraction}`;
}

const showAmount = (amount, creditType) =>
  creditType.id === USD ? centsToDollars(String(amount)) : `${creditType.name} ${amount}`;

const showTotal = ({ total, credit_type: creditType }) => showAmount(total, creditType);

const showCredited = ({ credited_total: credited, credit_type: creditType }) =>
  credited === undefined ? "" : `, ${showAmount(credited, creditType)} credited`;

const showWhen = (invoice) =>
  invoice.start_timestamp === undefined || invoice.start_timestamp === null
    ? (invoice.issued_at ?? "").slice(0, 10)
    : `${invoice.start_timestamp.slice(0, 10)} to ${invoice.end_timestamp.slice(0, 10)}`;

function addCell(row, content, className) {
  const cell = row.insertCell();
  if (className) cell.className = className;
  cell.append(content);
}

function showProvider(external) {
  if (!external) return "not sent";
  const text = external.external_status ?? "draft";
  return external.billing_provider_error ? `${text}: ${external.billing_provider_error}` : text;
}

const EVENT_COLUMNS = ["Time", "Transaction", "Value", "Properties", "Arrived"];

const showProperties = (properties) =>
  Object.entries(properties)
    .map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`)
    .join(", ");

/** The first events behind an amount, as a table that says how many there are. */
function eventTable({ data, event_count: count, next_page: next }) {
  const table = document.createElement("table");
  const shown = next === null ? `${data.length} events` : `The first ${data.length} events`;
  table.createCaption().append(next === null || count === null ? shown : `${shown} of ${count}`);
  const head = table.createTHead().insertRow();
  for (const name of EVENT_COLUMNS) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.append(name);
    head.append(cell);
  }
  const body = table.createTBody();
  for (const event of data) {
    const row = body.insertRow();
    addCell(row, event.timestamp);
    addCell(row, event.transaction_id);
    addCell(row, String(event.value), "number");
    addCell(row, showProperties(event.properties));
    addCell(row, event.received_at + (event.after_finalization ? ", after finalization" : ""));
  }
  return table;
}

/** A button that shows and hides the events behind a step; what it did is said beside it. */
function eventsPart(invoice, { name, line_key: lineKey }) {
  const button = document.createElement("button");
  const said = document.createElement("p");
  const list = document.createElement("div");
  button.type = "button";
  said.setAttribute("role", "status");
  const show = (isOpen) => {
    button.textContent = isOpen ? "Hide events" : "Show events";
    button.setAttribute("aria-label", `${button.textContent} of ${name}`);
    button.setAttribute("aria-expanded", String(isOpen));
    list.hidden = !isOpen;
    said.textContent = "";
  };
  show(false);
  const load = async () => {
    if (!list.hidden) return show(false);
    said.textContent = "Loading events";
    try {
      const key = encodeURIComponent(lineKey);
      const events = await get(`/v1/invoices/${invoice.id}/events?line_key=${key}&limit=${PAGE}`);
      const table = eventTable(events);
      list.replaceChildren(table);
      show(true);
      said.textContent = table.caption.textContent;
    } catch (error) {
      said.textContent = error.message;
    }
  };
  button.addEventListener("click", () => void load());
  const part = document.createElement("div");
  part.append(button, said, list);
  return part;
}

/** A line of an invoice with the steps to its amount. */
function explainLine(invoice, line) {
  const { name, total, credit_type: creditType, steps } = line;
  const part = document.createElement("section");
  const title = document.createElement("h3");
  title.append(`${name}: ${showAmount(total, creditType)}`);
  const list = document.createElement("ol");
  for (const { text, events_url: eventsUrl } of steps) {
    const item = document.createElement("li");
    item.append(text);
    if (eventsUrl !== undefined) item.append(eventsPart(invoice, line));
    list.append(item);
  }
  part.append(title, list);
  return part;
}

/** Opens the explanation of an invoice. */
async function explain(customer, invoice) {
  const { data } = await get(`/v1/invoices/${invoice.id}/explain`);
  element("why-title").textContent =
    `${customer.name}, ${showWhen(invoice)}: ${showTotal(invoice)}`;
  const lines = data.line_items.map((line) => explainLine(invoice, line));
  element("why-lines").replaceChildren(...lines);
  element("why").showModal();
}

function whyButton(customer, invoice) {
  const button = document.createElement("button");
  button.type = "button";
  button.append("Why?");
  button.setAttribute("aria-label", `Why ${showTotal(invoice)}`);
  button.addEventListener("click", () => void attempt(() => explain(customer, invoice)));
  return button;
}

/** Where an invoice stands, with what it waits for. */
function showStatus(invoice) {
  const { status: life, imported, approval, hold, locked_at: lockedAt } = invoice;
  const { corrected_invoice_id: corrected } = invoice;
  const words = [life];
  if (imported) words.push("imported");
  if (corrected) words.push("late usage");
  if (hold) words.push(`on hold: ${hold.reason}`);
  else if (life === "DRAFT" && approval) {
    words.push(approval.status === "APPROVED" ? "approved" : "waits for approval");
  }
  if (lockedAt) words.push("locked");
  return words.join(", ");
}

/** A button that decides something about an invoice and shows what came of it. */
function decideButton(customer, row, invoice, label, decide) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(label);
  button.setAttribute("aria-label", `${label} ${customer.name}, ${showWhen(invoice)}`);
  const work = async () => {
    const path = decide();
    if (path === undefined) return;
    const { data } = await post(`/v1/invoices/${invoice.id}/${path.verb}`, path.body);
    fillRow(customer, row, data);
    row.querySelector("button").focus();
  };
  button.addEventListener("click", () => void attempt(work));
  return button;
}

function askForReason() {
  const reason = window.prompt("Why is this invoice put on hold?");
  return reason ? { verb: "hold", body: { reason } } : undefined;
}

/** What a person can decide about an invoice now. */
function decisions(customer, row, invoice) {
  const button = (label, decide) => decideButton(customer, row, invoice, label, decide);
  if (invoice.hold) return [button("Release", () => ({ verb: "release", body: {} }))];
  if (invoice.status !== "DRAFT") return [];
  const approve = button("Approve", () => ({ verb: "approve", body: {} }));
  const hold = button("Hold", askForReason);
  return invoice.approval?.status === "PENDING" ? [approve, hold] : [hold];
}

/** A final invoice can be credited; its row is shown anew when it was. */
function creditPart(customer, row, invoice) {
  if (invoice.status !== "FINALIZED") return [];
  const onChange = async () => {
    const { data } = await get(`/v1/customers/${customer.id}/invoices/${invoice.id}`);
    fillRow(customer, row, data);
  };
  const title = showWhen(invoice);
  return [creditButton({ customer, invoice, title, api: { get, post }, showAmount, onChange })];
}

function fillRow(customer, row, invoice) {
  row.replaceChildren();
  addCell(row, customer.name);
  addCell(row, invoice.type);
  addCell(row, showWhen(invoice));
  addCell(row, showStatus(invoice));
  addCell(row, showTotal(invoice) + showCredited(invoice), "number");
  addCell(row, showProvider(invoice.external_invoice));
  row
    .insertCell()
    .append(
      whyButton(customer, invoice),
      " ",
      ...decisions(customer, row, invoice),
      " ",
      ...creditPart(customer, row, invoice),
    );
}

const addRow = (customer, invoice) => fillRow(customer, rows.insertRow(), invoice);

async function showCustomers() {
  const query = nextPage === null ? "" : `&next_page=${encodeURIComponent(nextPage)}`;
  const customers = await get(`/v1/customers?limit=${PAGE}${query}`);
  const lists = await Promise.all(
    customers.data.map((customer) =>
      get(`/v1/customers/${customer.id}/invoices?sort=date_desc&limit=${PAGE}`),
    ),
  );
  for (const [index, customer] of customers.data.entries()) {
    for (const invoice of lists[index].data) addRow(customer, invoice);
  }
  nextPage = customers.next_page;
  more.hidden = nextPage === null;
}

async function attempt(work) {
  status.textContent = "Loading";
  try {
    await work();
    const count = rows.rows.length;
    status.textContent =
      count === 0
        ? "No invoices yet. A contract makes the first one; see the documents above."
        : `${count} invoices`;
  } catch (error) {
    status.textContent = error.message;
  }
}

async function open() {
  rows.replaceChildren();
  nextPage = null;
  element("invoices").hidden = true;
  const environment = await get("/v1/environment");
  element("where").textContent = `Environment: ${environment.data.name}`;
  await showCustomers();
  element("invoices").hidden = false;
  sessionStorage.setItem(STORED, token);
}

element("open").addEventListener("submit", (event) => {
  event.preventDefault();
  token = element("token").value.trim();
  void attempt(open);
});
more.addEventListener("click", () => void attempt(showCustomers));

const stored = sessionStorage.getItem(STORED);
if (stored !== null) {
  token = stored;
  void attempt(open);
}
