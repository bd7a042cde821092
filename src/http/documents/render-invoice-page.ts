import { escapeText } from "../../platform/html/escape-text.ts";
import type { Printable, PrintableLine } from "../../platform/pdf/printable.ts";

/** What of the page is not on paper. */
export interface PageLinks {
  /** The last part of the page's address: everything is relative to it. */
  readonly token: string;
  /** A data: URL. */
  readonly logo: string | undefined;
}

const cell = (text: string): string => `<td>${escapeText(text)}</td>`;

const headingRow = ({ title, detail }: NonNullable<PrintableLine["heading"]>): string =>
  `<tr class="group"><th scope="rowgroup" colspan="4">${escapeText(title)}` +
  `${detail === "" ? "" : `<span class="detail">${escapeText(detail)}</span>`}</th></tr>`;

const lineRow = (line: PrintableLine): string =>
  `${line.heading === undefined ? "" : headingRow(line.heading)}<tr><th scope="row">${escapeText(line.description)}` +
  `${line.detail === "" ? "" : `<span class="detail">${escapeText(line.detail)}</span>`}</th>` +
  `${cell(line.quantity)}${cell(line.unitPrice)}${cell(line.amount)}</tr>`;

const totalRow = ({ label, amount, strong }: Printable["totals"][number]): string =>
  `<tr${strong ? ' class="strong"' : ""}><th scope="row" colspan="3">${escapeText(label)}</th>${cell(amount)}</tr>`;

const page = (title: string, main: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>${escapeText(title)}</title>
<link rel="stylesheet" href="../page/invoice.css"></head><body><main>
${main}
</main></body></html>
`;

/** The page of an invoice for its customer: whole in itself, without scripts, all data escaped. */
export function renderInvoicePage(printable: Printable, { token, logo }: PageLinks): string {
  const { title, from, to, marks } = printable;
  const total = printable.totals.at(-1);
  const facts = printable.facts
    .map(
      ({ label, value }) => `<dt>${escapeText(label)}</dt><dd dir="auto">${escapeText(value)}</dd>`,
    )
    .join("");
  const seller = from[0] === undefined ? "" : ` from ${from[0]}`;
  return page(
    `${title}${seller}`,
    `<header><div><h1>${escapeText(title)}</h1>
<p class="marks">${escapeText(marks.join(" · "))}</p>
<p class="amount">${escapeText(total?.amount ?? "")} <span class="detail">${escapeText(total?.label ?? "")}</span></p></div>
<div>${logo === undefined ? "" : `<img class="logo" alt="" src="${escapeText(logo)}">`}
<address dir="auto">${escapeText(from.join("\n"))}</address></div></header>
<dl>${facts}</dl>
<h2>To</h2><address dir="auto">${escapeText(to.join("\n"))}</address>
<div class="scroll"><table><caption>Lines</caption>
<thead><tr><th scope="col">Description</th><th scope="col">Quantity</th><th scope="col">Unit price</th><th scope="col">Amount</th></tr></thead>
<tbody>${printable.lines.map(lineRow).join("\n")}</tbody>
<tfoot>${printable.totals.map(totalRow).join("\n")}</tfoot></table></div>
<p class="links"><a href="${token}/pdf">PDF (A4)</a> · <a href="${token}/pdf?paper=letter">PDF (Letter)</a> · <a href="${token}/csv">CSV</a></p>`,
  );
}

/** A page that says why there is no other. */
export const renderNoPage = (message: string): string =>
  page("Not found", `<h1>There is nothing here</h1><p>${escapeText(message)}</p>`);
