import { escapeText } from "../../platform/html/escape-text.ts";
import type { Printable } from "../../platform/pdf/printable.ts";

/** What the reader can do, and what came of what they did. */
export interface PageActions {
  /** The last part of the page's address. */
  readonly token: string;
  readonly canPay: boolean;
  /** A payment waits for its owner: to be approved or not. */
  readonly asksApproval: boolean;
  readonly isPaid: boolean;
  readonly message: { readonly text: string; readonly good: boolean } | undefined;
}

/** The test cards that can be chosen. */
export const CARDS = [
  ["pm_card_visa", "Visa that pays"],
  ["pm_card_chargeCustomerFail", "Card that is declined"],
  ["pm_card_authenticationRequired", "Card that asks its owner"],
] as const;

function payForm({ token, canPay, asksApproval }: PageActions): string {
  if (asksApproval) {
    return `<form method="post" action="${token}/pay"><fieldset>
<legend>Your bank asks for your approval (test mode)</legend>
<button name="approval" value="given">Approve the payment</button>
<button class="second" name="approval" value="refused">Do not approve</button>
</fieldset></form>`;
  }
  if (!canPay) return "";
  const cards = CARDS.map(
    ([value, label], index) =>
      `<label><input type="radio" name="card" value="${value}"${index === 0 ? " checked" : ""}> ${label}</label>`,
  ).join("\n");
  return `<form method="post" action="${token}/pay"><fieldset>
<legend>Pay with a test card</legend>
${cards}
<button>Pay now</button>
</fieldset></form>`;
}

const lineRow = (line: Printable["lines"][number]): string =>
  `<tr><td>${escapeText(line.description)}${line.detail === "" ? "" : `<span class="detail">${escapeText(line.detail)}</span>`}</td>` +
  `<td>${escapeText(line.quantity)}</td><td>${escapeText(line.unitPrice)}</td><td>${escapeText(line.amount)}</td></tr>`;

const totalRow = ({ label, amount, strong }: Printable["totals"][number]): string =>
  `<tr${strong ? ' class="strong"' : ""}><th scope="row" colspan="3">${escapeText(label)}</th><td>${escapeText(amount)}</td></tr>`;

/** The page of an invoice: whole in itself, without scripts, everything from data escaped. */
export function renderPage(printable: Printable, actions: PageActions): string {
  const { token, message, isPaid } = actions;
  const due = printable.totals.at(-1);
  const seller = printable.from[0] ?? "";
  const facts = printable.facts
    .map(({ label, value }) => `<dt>${escapeText(label)}</dt><dd>${escapeText(value)}</dd>`)
    .join("");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>${escapeText(`${printable.title} from ${seller}`)}</title>
<link rel="stylesheet" href="page.css"></head><body><main>
<header><div><h1>${escapeText(printable.title)}</h1>
<p class="marks">${escapeText(printable.marks.join(" · "))}</p>
<p class="amount">${escapeText(due?.amount ?? "")} <span class="detail">${escapeText(due?.label ?? "")}</span></p></div>
<address>${escapeText(printable.from.join("\n"))}</address></header>
${message === undefined ? "" : `<p class="message${message.good ? " good" : ""}" role="status">${escapeText(message.text)}</p>`}
<dl>${facts}</dl>
<h2>To</h2><address>${escapeText(printable.to.join("\n"))}</address>
<div class="scroll"><table><caption>Lines</caption>
<thead><tr><th scope="col">Description</th><th scope="col">Quantity</th><th scope="col">Unit price</th><th scope="col">Amount</th></tr></thead>
<tbody>${printable.lines.map(lineRow).join("\n")}</tbody>
<tfoot>${printable.totals.map(totalRow).join("\n")}</tfoot></table></div>
${printable.notes.map((note) => `<p class="note">${escapeText(note)}</p>`).join("\n")}
${payForm(actions)}
<p class="links"><a href="${token}/pdf">Download the invoice as PDF</a>${isPaid ? ` · <a href="${token}/receipt">Download the receipt as PDF</a>` : ""}</p>
</main></body></html>
`;
}

/** A page that says why there is no other. */
export const renderProblem = (message: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="robots" content="noindex"><title>Not found</title>
</head><body><main><h1>This did not work</h1><p>${escapeText(message)}</p></main></body></html>
`;
