"""Makes small spreadsheets for tests, straight from their parts, so that they hold what a program would not write."""

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
_HIDDEN = 'state="hidden"'
_STYLES = (
    f'<styleSheet {_MAIN}><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/></cellXfs>'
    "</styleSheet>"
)
_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets know no zones

Rows = Sequence[Sequence[Any]]


def xlsx(sheets: dict[str, Rows], merged: Sequence[str] = (), hidden: Sequence[str] = ()) -> bytes:
    """A workbook. merged: areas of the first sheet, such as B1:C1."""
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n, _ in enumerate(sheets, 1)
    )
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}" {_HIDDEN if name in hidden else ""}/>'
        for n, name in enumerate(sheets, 1)
    )
    areas = "".join(f'<mergeCell ref="{area}"/>' for area in merged)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{links}'
        f'<Relationship Id="s" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _STYLES,
    }
    for number, rows in enumerate(sheets.values(), 1):
        cells = "".join(_xlsx_row(n, row) for n, row in enumerate(rows, 1))
        merging = f"<mergeCells>{areas}</mergeCells>" if areas and number == 1 else ""
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f"<worksheet {_MAIN}><sheetData>{cells}</sheetData>{merging}</worksheet>"
        )
    return zipped(parts)


def _xlsx_row(number: int, row: Sequence[Any]) -> str:
    cells = "".join(
        _xlsx_cell(f"{_letters(place)}{number}", cell) for place, cell in enumerate(row) if cell is not None
    )
    return f'<row r="{number}">{cells}</row>' if cells else ""


def _xlsx_cell(place: str, cell: Any) -> str:
    if isinstance(cell, bool):
        return f'<c r="{place}" t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, dt.date):
        at = cell if isinstance(cell, dt.datetime) else dt.datetime.combine(cell, dt.time())
        days = (at - _EPOCH) / dt.timedelta(days=1)
        return f'<c r="{place}" s="{2 if isinstance(cell, dt.datetime) else 1}"><v>{days!r}</v></c>'
    if isinstance(cell, str) and cell.startswith("#") and cell.endswith("!"):
        return f'<c r="{place}" t="e"><v>{cell}</v></c>'
    if isinstance(cell, str):
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
    return f'<c r="{place}"><v>{cell!r}</v></c>'


def _letters(place: int) -> str:
    return (chr(64 + place // 26) if place >= 26 else "") + chr(65 + place % 26)


def ods(sheets: dict[str, Rows]) -> bytes:
    """An OpenDocument spreadsheet."""
    tables = "".join(
        f'<table:table table:name="{escape(name)}">{"".join(map(_ods_row, rows))}</table:table>'
        for name, rows in sheets.items()
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>{tables}'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = f'<manifest:manifest xmlns:manifest="{_MANIFEST}"><manifest:file-entry manifest:media-type="{kind}" '
    return zipped(
        {
            "mimetype": kind,
            "META-INF/manifest.xml": manifest + 'manifest:full-path="/"/></manifest:manifest>',
            "content.xml": content,
        }
    )


def _ods_row(row: Sequence[Any]) -> str:
    return f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>"


def _ods_cell(cell: Any) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, bool):
        kind = f'"boolean" office:boolean-value="{str(cell).lower()}"'
    elif isinstance(cell, dt.date):
        kind = f'"date" office:date-value="{cell.isoformat()}"'
    elif isinstance(cell, str):
        kind = '"string"'
    else:
        kind = f'"float" office:value="{cell!r}"'
    return f"<table:table-cell office:value-type={kind}><text:p>{escape(str(cell))}</text:p></table:table-cell>"


def zipped(parts: dict[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of these files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()
