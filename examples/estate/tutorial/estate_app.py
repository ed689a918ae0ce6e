"""Selling a property: what an application does with the records, through an Environment and past it.

An agent has no right to invoices, and each sale makes one. So it is made as superuser, and what was checked up to then
is all there is: `confirm_sale` checks first, `confirm_sale_naively` leaves it to what comes after.
"""

from __future__ import annotations

from collections.abc import Callable

from ostiary.enforce import Command, Records, UserError

COMMISSION = 0.06
FEES = 100.0

WHY = "agents have no right to invoices, and a sale makes one"

Report = Callable[[str], None]
"""Something that no transaction undoes: a letter, a payment, a message to an authority."""


def close_sale(properties: Records) -> bool:
    """Mark the properties as sold, with the rights of whoever asks. Raises UserError where there is no buyer."""
    for record in properties:
        if record.state == "cancelled":
            raise UserError("A cancelled property is not for sale.")
        if not record.buyer_id:
            raise UserError("There is no buyer yet.")
    return properties.write({"state": "sold"})


def confirm_sale(properties: Records, report: Report) -> bool:
    """Invoice the sale, report it and close it. Who may not write to the properties gets no further than the first
    line."""
    properties.check_access("write")
    _invoice(properties, report)
    return close_sale(properties)


def confirm_sale_naively(properties: Records, report: Report) -> bool:
    """The same without the check. It is refused, too, when the sale is closed: after the invoice was made, and after
    the report went out."""
    _invoice(properties, report)
    return close_sale(properties)


def _invoice(properties: Records, report: Report) -> None:
    """Make an invoice for each property as superuser. Every value comes from the property, none from the caller."""
    for record in properties.sudo(reason=WHY):
        invoice = (
            record.env["account.move"]
            .with_company(record.company_id)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": record.buyer_id.id,
                    "company_id": record.company_id.id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Commission",
                                "quantity": 1,
                                "price_unit": record.selling_price * COMMISSION,
                            }
                        ),
                        Command.create({"name": "Fees", "quantity": 1, "price_unit": FEES}),
                    ],
                }
            )
        )
        record.invoice_id = invoice
        report(f"{record.name} is sold")
