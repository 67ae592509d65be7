"""The texts of what the loaders say, for people; each code that a child may send has one, in every language of ours."""

from typing import Any

from django.utils.formats import localize
from django.utils.translation import gettext_lazy as _

from allmende.catalogue.loaders.assumption import Assumption
from allmende.catalogue.loaders.said import Said
from allmende.catalogue.loaders.zones import OWN_OFFSET

TOPICS = {
    "compression": _("Compression"),
    "encoding": _("Encoding"),
    "delimiter": _("Cells separated by"),
    "header": _("Header"),
    "time": _("Time"),
    "time_format": _("Time is written"),
    "zone": _("Time zone"),
    "decimal": _("Decimal mark"),
    "places": _("One datastream per"),
    "label": _("Name of the place"),
    "part": _("and per"),
    "parameter": _("Quantity"),
    "unit": _("Unit"),
    "coordinates": _("Coordinates"),
    "values": _("Values"),
    "ignored": _("Left out"),
    "sentinel": _("No value"),
    "holding": _("Values hold"),
    "interval": _("Seconds between values"),
    "property": _("Meaning"),
    "type": _("Type"),
    "place": _("Place"),
    "crs": _("Coordinate system"),
    "key": _("Key"),
    "table": _("Table"),
    "dataset": _("Dataset"),
    "recipe": _("Recipe"),
    "total": _("Total"),
    "rows": _("Rows from"),
}

_EVIDENCE = {
    "told": _("you said so"),
    "gzip": _("the file begins as gzip files do"),
    "encoding_bom": _("the file begins with a byte order mark"),
    "encoding_wide": _("every other byte is zero"),
    "encoding_ascii": _("the beginning has no other characters than ASCII; should others follow, this is tried again"),
    "encoding_utf8": _("all bytes of the beginning are valid UTF-8"),
    "encoding_cp1252": _("byte %(byte)s is not UTF-8; as Windows-1252 it reads “%(word)s”"),
    "encoding_dbf": _("its texts are not UTF-8; as Windows-1252 one reads “%(cell)s”"),
    "delimiter": _("%(share)s %% of the first lines then have %(columns)s cells"),
    "header_alone": _("there is only one row"),
    "header_none": _("the first row has values already (“%(cell)s”)"),
    "header_words": _("the first row has only words, the rows below have numbers or times"),
    "time_share": _("%(share)s %% of the cells of “%(column)s” are times"),
    "format_fits": _("all parts are where they belong"),
    "format_day_or_month": _("no number above 12 tells day from month; the day is taken to come first"),
    "zone_suffix": _("every time ends in %(suffix)s"),
    "zone_own": _("%(share)s %% of the times name their offset"),
    "zone_counted": _("seconds since 1970 are counted in UTC"),
    "zone_days": _("there are only dates: they are days of the town"),
    "zone_named": _("the column’s name says %(word)s"),
    "zone_no_summer": _("there are times that a clock in %(town)s skips in spring, so this clock is never changed"),
    "zone_summer": _("the hour that a clock in %(town)s shows twice in autumn has twice the rows"),
    "zone_town": _("the times name no zone, so the town’s is taken"),
    "decimal": _("%(commas)s numbers have a comma, %(points)s a point"),
    "places": _("“%(column)s” has %(count)s different texts in the beginning"),
    "places_none": _("no column tells places apart: the file is one place"),
    "label_column": _("it describes the place"),
    "part_column": _("with it each time comes once; it has %(count)s different numbers"),
    "parameter_column": _("it has %(count)s different quantities in the beginning"),
    "unit_column": _("its name says so"),
    "coordinates_columns": _("named so, and within the degrees of the globe"),
    "values_numbers": _("the other columns with numbers"),
    "column_empty": _("it is empty in the beginning"),
    "column_ours": _("Allmende wrote it beside a row that did not fit"),
    "column_coordinate": _("it says where the place is"),
    "column_text": _("it holds texts, no numbers"),
    "column_constant": _("it always says “%(cell)s”"),
    "column_goes_along": _("it is the same for each “%(column)s”"),
    "column_not_needed": _("the other columns tell the rows apart already"),
    "not_named": _("you named other columns"),
    "sentinel": _("found so often: %(count)s; all other values lie between %(least)s and %(largest)s"),
    "holding_changes": _("%(ones)s neighbours differ by one step, %(equal)s are equal: only changes are recorded"),
    "holding_all": _("of %(pairs)s neighbours %(equal)s are equal: each value stands for its own time"),
    "interval_steady": _("%(share)s %% of the values come at this interval"),
    "interval_loose": _("the values come at no steady interval"),
    "boolean_words": _("its cells say %(words)s and nothing else"),
    "sentinel_far": _("the number lies far off all others"),
    "type_few_misfits": _("%(bad)s of %(rows)s cells do not fit, such as “%(cell)s”; their rows will be set aside"),
    "type_code": _("written like “%(cell)s” it is a code and no number"),
    "type_mixed": _("only %(share)s %% of the cells are numbers"),
    "place_named": _("the columns are named so, and their numbers fit"),
    "place_sized": _("only coordinates in %(crs)s have such numbers"),
    "place_swapped": _("the numbers say that the columns stand the other way round"),
    "place_wkt": _("the cells are geometries in WKT"),
    "place_wkb": _("the cells are geometries in WKB"),
    "place_geojson": _("the cells are geometries in GeoJSON"),
    "place_latlon": _("the cells are pairs of numbers, latitude first"),
    "place_lonlat": _("the cells are pairs of numbers, longitude first"),
    "crs_of_format": _("the file says so"),
    "crs_usual": _("the file says nothing; this is what is usual"),
    "crs_sized": _("so that the places lie in Germany"),
    "key_unique": _("in the first %(rows)s rows no two cells are the same"),
    "key_unnamed": _("no column is named like a key; rows of two versions cannot be told apart by it"),
    "key_none": _("no column has a different cell in each row"),
    "property_known": _("the heading “%(heading)s” says so; plausible are %(least)s to %(most)s"),
    "property_plain": _("the heading “%(heading)s” says so"),
    "property_own": _("the heading as it is; no unit or quantity was recognised in it"),
    "header_series": _("its cells go from %(first)s to %(last)s in equal steps, as headings do"),
    "headings_series": _("%(count)s headings go from %(first)s to %(last)s; each may become a row of its own"),
    "rows_above": _("it stands above the table"),
    "rows_below": _("rows with a single cell below the table: %(count)s; they will be set aside"),
    "row_total": _("row %(row)s sums up others; it is kept, so do not add it to them"),
    "zip_member": _("“%(name)s” lies in the archive"),
    "json_script": _("it stands around the data and is no part of them"),
    "json_list": _("there is a list of objects; entries in the beginning: %(count)s"),
    "json_lines": _("each line is an object"),
    "json_several": _("there are objects one after another"),
    "json_keyed": _("there are objects of one kind under a key each; in the beginning: %(count)s"),
    "json_columns": _("there are lists side by side, each with so many entries: %(count)s"),
    "json_series": _("there are lists of numbers, each with so many: %(count)s"),
    "json_one": _("the file is one object; it becomes one row"),
    "json_wide": _("objects within objects stay JSON, since taken apart they would be columns: %(count)s"),
    "json_text": _("it stands %(texts)s times as a text among %(numbers)s numbers, so it is none"),
    "json_texts": _(
        "%(texts)s cells are texts among %(numbers)s numbers; those that look like numbers are taken as such"
    ),
    "layer_styles": _("it says how a program draws the other layers"),
    "kml_described": _("these values stand in the descriptions, between markup"),
    "cells_text": _("most of its cells are texts in the sheet, and some are no numbers, such as “%(cell)s”"),
    "cells_comma": _("its cells are texts in the sheet, such as “%(cell)s”, and all are numbers"),
    "cell_errors": _("cells that show an error, such as #N/A: %(count)s"),
    "sheet_hidden": _("the sheet is hidden; name it to load it all the same"),
}

_PROBLEMS = {
    "empty_file": _("The file is empty."),
    "not_text": _("This is no delimited text but %(what)s. Save it as CSV and load that."),
    "not_delimited": _("This is no delimited text; it begins with “%(begins)s”."),
    "header_only": _("The file has a header (%(columns)s) and no rows."),
    "no_columns": _("The lines do not fall into cells, whichever mark is taken to separate them: “%(line)s”."),
    "wrong_delimiter": _(
        "With “%(told)s” the lines do not fall into cells; with “%(found)s” they have %(columns)s. "
        "The first line is “%(line)s”."
    ),
    "too_many_columns": _("The file has %(count)s columns; at most %(limit)s can be read."),
    "no_time_column": _("No column says when. The columns are: %(columns)s. Name it with --time."),
    "dates_across": _("The dates stand side by side as headings (%(first)s to %(last)s); one row per date is needed."),
    "time_not_readable": _("The column “%(column)s” holds no times that can be read, such as “%(cell)s”."),
    "no_value_column": _("No column has numbers with the decimal mark “%(decimal)s”. The columns are: %(columns)s."),
    "hint_unknown": _("There is no column “%(name)s”. The columns are: %(columns)s."),
    "nul_bytes": _("Byte %(offset)s is zero, which text never has: the file is damaged or no text."),
    "unknown_encoding": _("The encoding “%(encoding)s” is not known."),
    "wrong_encoding": _("The file is not written in %(encoding)s."),
    "truncated_gzip": _(
        "The packed file ends in the middle, after %(size)s bytes (%(unpacked)s unpacked). Fetch it again."
    ),
    "damaged_gzip": _("The packed file is damaged after %(unpacked)s unpacked bytes. Fetch it again."),
    "gzip_bomb": _("%(size)s bytes unfold to more than %(ratio)s times as many: this is no file of measurements."),
    "too_large": _("The file unfolds to more than %(limit)s bytes."),
    "row_too_long": _("There is a row of more than %(limit)s bytes."),
    "quotation_mark": _("From row %(row)s on a cell does not end: a quotation mark is missing."),
    "csv": _("The table cannot be read near row %(row)s: %(problem)s"),
    "no_series": _("No headings are dates or years that go on from one to the next."),
    "most_misfit": _("%(aside)s of %(rows)s rows do not fit; the first: %(first)s Another recipe is needed."),
    "too_many_places": _("“%(columns)s” has more than %(limit)s different texts, so it names no places."),
    "header_differs": _("The columns %(missing)s of the recipe are not in this file; it has: %(found)s."),
    "width_differs": _("The recipe is for %(wanted)s columns; this file has %(found)s."),
    "nothing_kept": _("None of the %(rows)s rows has a value."),
    "not_built": _("The rows could not be written: %(problem)s"),
    "not_allowed": _("You may not load files into this dataset."),
    "unexpected": _("Something went wrong here; the fault is in the log. Nothing of the file was kept."),
    "layer_unknown": _("There is no table “%(name)s” in the file. It has: %(layers)s."),
    "unknown_format": _("The format “%(name)s” is not known."),
    "unknown_crs": _("There is no coordinate system “%(crs)s”. Write it like EPSG:25832."),
    "where_unreadable": _("The column “%(name)s” holds no places that can be read."),
    "recipe": _("The recipe cannot be used: %(problem)s"),
    "not_data": _("This is no file of data but %(what)s."),
    "shape_alone": _("A Shapefile is several files. Pack all that have this name (.shp, .dbf, .shx, .prj) into a ZIP."),
    "zip_no_data": _("No file in the ZIP archive can be read. It has: %(names)s."),
    "packed_twice": _("The file is packed with gzip, although its format packs by itself. Unpack it first."),
    "json_broken": _("The JSON is broken near row %(row)s. %(problem)s"),
    "json_cut_off": _("The JSON ends in the middle, near row %(row)s. Fetch the file again."),
    "json_deep": _("The JSON is nested too deeply."),
    "json_no_rows": _("There are no rows in the JSON: no object, and no list of objects."),
    "json_no_path": _("There is nothing at “%(path)s” in the JSON."),
    "no_features": _("There are no features in the file."),
    "xml_entities": _("The XML declares entities, which may stand for anything: it is not read. Save it without them."),
    "vector_broken": _("The layers cannot be read: %(problem)s"),
    "damaged_zip": _("The ZIP archive is damaged (%(problem)s). Fetch it again."),
    "zip_members": _("The ZIP archive has %(count)s files; at most %(limit)s are looked through."),
    "zip_bomb": _("%(size)s packed bytes unfold to more than %(ratio)s times as many: this is no file of data."),
    "password": _("The file is protected by a password. Save it without one."),
    "no_table": _("There is no table in the file: no sheet has more than a heading."),
    "no_such_layer": _("There is no “%(name)s” in the file. It has: %(layers)s."),
    "sheet_broken": _(
        "The spreadsheet cannot be read: %(problem)s. Open it in a spreadsheet program and save it again."
    ),
    "sandbox": _("The file could not be read safely: %(reason)s"),
}

_MISFITS = {
    "time_empty": _("there is no time"),
    "time_unknown": _("this is no date and time"),
    "time_without_zone": _("the time has no zone, unlike the others"),
    "time_in_gap": _("the clock was set forward and never showed this time"),
    "time_out_of_years": _("the time lies outside the years 1700 to 2200"),
    "place_empty": _("there is no place"),
    "number_unknown": _("this is no number"),
    "boolean_unknown": _("this is neither yes nor no"),
    "date_unknown": _("this is no date"),
    "place_unknown": _("this is no place that can be read"),
    "place_off_earth": _("the coordinates lie outside the earth"),
    "json_line": _("the line is no JSON"),
    "below_table": _("the row stands below the table"),
    "ragged": _("the row has %(found)s cells, not %(wanted)s"),
}

WORDS: dict[str, Any] = {**_EVIDENCE, **_PROBLEMS, **_MISFITS}


_VALUES = {
    "comma": _("comma"),
    "semicolon": _("semicolon"),
    "tab": _("tab"),
    "pipe": _("upright stroke"),
    "each_line": _("each line of the file"),
    "each_heading": _("each date or year of the headings"),
    OWN_OFFSET: _("as each time says"),
}


def words(said: Said) -> str:
    """The sentence in the reader's language."""
    params = {name: localize(value) if isinstance(value, float) else value for name, value in said.params.items()}
    return str(WORDS[said.code] % params)


def shown(assumption: Assumption) -> str:
    """What was taken, in the reader's language where it is a word of ours."""
    return str(_VALUES.get(assumption.value, assumption.value))
