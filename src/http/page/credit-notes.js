// The dialog of an invoice's credit notes: those that there are, and a form for another one.

const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";

const element = (id) => document.getElementById(id);
const dialog = element("credit");
const said = element("credit-status");
const rows = element("credit-rows");
const amount = element("credit-amount");
const memo = element("credit-memo");

/** Moves the point two places to the right: dollars to cents. Undefined: it is no amount of dollars. */
function dollarsToCents(text) {
  const [, whole, cents = ""] = /^(\d+)(?:\.(\d{1,2}))?$/.exec(text) ?? [];
  return whole === undefined ? undefined : `${whole}${cents.padEnd(2, "0")}`;
}

/** What the form says, in the unit of the API: cents for USD, whole units for other currencies. */
function readAmount({ credit_type: creditType }) {
  const text = amount.value.trim();
  const read = creditType.id === USD ? dollarsToCents(text) : text;
  if (read === undefined) throw new Error("Give an amount like 12.50");
  return read;
}

function showNotes(notes, showAmount) {
  rows.replaceChildren();
  for (const note of notes) {
    const row = rows.insertRow();
    const cells = [
      note.issued_at.slice(0, 10),
      note.memo === undefined ? note.reason : `${note.reason}: ${note.memo}`,
      note.status,
      note.delivery === null ? "not sent" : note.delivery.status,
      showAmount(note.total, note.credit_type),
    ];
    for (const text of cells) row.insertCell().append(text);
    row.lastElementChild.className = "number";
  }
  said.textContent = notes.length === 0 ? "No credit notes yet." : `${notes.length} credit notes`;
}

/**
 * A button that opens the credit notes of an invoice. `api` speaks with the server; `onChange` is called
 * when a note was issued.
 */
export function creditButton({ customer, invoice, title, api, showAmount, onChange }) {
  const list = async () => {
    const { data } = await api.get(`/v1/credit-notes?invoice_id=${invoice.id}&limit=100`);
    showNotes(data, showAmount);
  };
  const attempt = async (work) => {
    said.textContent = "Loading";
    try {
      await work();
    } catch (error) {
      said.textContent = error.message;
    }
  };
  const issue = (how) =>
    attempt(async () => {
      const text = memo.value.trim();
      const body = { invoice_id: invoice.id, ...how(), ...(text === "" ? {} : { memo: text }) };
      await api.post("/v1/credit-notes", body);
      amount.value = "";
      memo.value = "";
      await list();
      await onChange();
    });
  const open = () => {
    element("credit-title").textContent = `Credit notes, ${customer.name}, ${title}`;
    element("credit-unit").textContent =
      invoice.credit_type.id === USD ? "US dollars" : invoice.credit_type.name;
    element("credit-form").onsubmit = (event) => {
      event.preventDefault();
      void issue(() => ({ amount: readAmount(invoice) }));
    };
    element("credit-full").onclick = () => void issue(() => ({ full: true }));
    dialog.showModal();
    void attempt(list);
  };
  const button = document.createElement("button");
  button.type = "button";
  button.append("Credit");
  button.setAttribute("aria-label", `Credit ${customer.name}, ${title}`);
  button.addEventListener("click", open);
  return button;
}
