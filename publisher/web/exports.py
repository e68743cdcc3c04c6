"""How do records leave the hub? As CSV or XLSX, with no cell that a spreadsheet would take for a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection)."""
CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML file may hold (XML 1.0 §2.2), and so no XLSX or DOCX."""

Cells = Sequence[str | int | float | None]


def to_csv(head: Sequence[str], rows: Iterable[Cells]) -> bytes:
    """UTF-8 with the mark that spreadsheets need to know it by."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def to_xlsx(name: str, head: Sequence[str], rows: Iterable[Cells]) -> bytes:
    """One sheet with a head that stays in view. Takes a while: run it in a thread."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active or book.create_sheet()
    sheet.title = name[:31]
    sheet.append(list(head))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append([_plain(cell) for cell in row])
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def legible(text: str) -> str:
    """The text with a mark for each character that XML cannot hold, such as a stray control character of a sender's."""
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _plain(cell: str | float | None) -> str | int | float | None:
    """A text that could be a formula is quoted; numbers stay numbers."""
    if not isinstance(cell, str):
        return cell
    return f"'{legible(cell)}" if cell.startswith(FORMULA) else legible(cell)
