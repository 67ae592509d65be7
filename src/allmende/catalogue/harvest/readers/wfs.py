"""WFS 2.0 and 1.1: what a service says of its feature types (OGC 09-025r2, chapter 8)."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from lxml import etree

from allmende.catalogue.harvest.readers.plain import address, local, text
from allmende.catalogue.licences import licence


def root(url: str) -> str:
    """The service's address with the parameters that are its own, such as `map=…`."""
    parts = urlsplit(url)
    ours = {"service", "version", "request", "typenames", "typename", "outputformat", "acceptversions", "srsname"}
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name.lower() not in ours]
    return f"{parts.scheme}://{parts.netloc}{parts.path}?{urlencode(kept)}".rstrip("?")


def ask(url: str, **parameters: str) -> str:
    """The address of a question to the service."""
    here = root(url)
    return f"{here}{'&' if '?' in here else '?'}{urlencode({'service': 'WFS', **parameters})}"


def first(url: str) -> str:
    """The address of the capabilities."""
    return ask(url, version="2.0.0", request="GetCapabilities")


def read(document: bytes, url: str) -> dict[str, Any]:
    """All feature types."""
    tree = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    if tree.getroottree().docinfo.doctype:
        raise ValueError("a document type is not read")
    if not _name(tree).endswith("WFS_Capabilities"):
        raise ValueError("this is no answer of a WFS")
    version = tree.get("version", "2.0.0")
    licence_uri, provider = _licence(tree), text(_below(tree, "ProviderName") or "", 300)
    general = _formats(tree, "GetFeature")
    found = []
    for each in tree.iter():
        if _name(each) == "FeatureType":
            found.append(_type(each, url, version, licence_uri, provider, general))
    return {"found": found, "next": ""}


def _type(
    each: etree._Element, url: str, version: str, licence_uri: str, provider: str, general: list[str]
) -> dict[str, Any]:
    name = _below(each, "Name") or ""
    own = [part.text or "" for part in each.iter() if _name(part) == "Format"] or general
    json_ = next((form for form in own if "json" in form.lower()), "")
    key = "typeNames" if version.startswith("2") else "typeName"
    asked = {"version": version, "request": "GetFeature", key: name}
    file = ask(url, **asked, **({"outputFormat": json_, "srsName": "EPSG:4326"} if json_ else {}))
    return {
        "remote": f"{root(url)}#{name}",
        "title": local(_below(each, "Title") or name, 300),
        "description": local(_below(each, "Abstract")),
        "keywords": [text(part.text, 60) for part in each.iter() if _name(part) == "Keyword"],
        "licence": licence_uri,
        "attribution": provider,
        "page": ask(url, request="GetCapabilities"),
        "files": [
            {"url": file, "kind": "geojson" if json_ else "gml", "name": text(name.partition(":")[2] or name, 80)}
        ],
    }


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _below(element: etree._Element, name: str) -> str | None:
    for each in element.iter():
        if _name(each) == name and (each.text or "").strip():
            return each.text
    return None


def _formats(tree: etree._Element, operation: str) -> list[str]:
    """The output formats of an operation."""
    for each in tree.iter():
        if _name(each) == "Operation" and each.get("name") == operation:
            for parameter in each.iter():
                if _name(parameter) == "Parameter" and parameter.get("name") == "outputFormat":
                    return [part.text or "" for part in parameter.iter() if _name(part) == "Value"]
    return []


def _licence(tree: etree._Element) -> str:
    """Services write it among the constraints, as an address or in words around one."""
    for name in ("AccessConstraints", "Fees"):
        for word in (_below(tree, name) or "").replace('"', " ").split():
            found = address(word.strip(",;()[]{}"))
            if found and licence(found):
                return licence(found).uri  # type: ignore[union-attr]
    return ""
