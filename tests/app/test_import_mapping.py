"""A mapping file is understood, or refused with the member that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.importing.errors import MappingRefused
from app.importing.mapping import (
    FORMAT,
    MAPPING_BYTES_MAX,
    Direction,
    Field,
    ImportMapping,
    load_mapping,
    parse_mapping,
)

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
GOOD = """
format = "chopbook-import/1"
[columns]
sku = "SKU"
quantity = "Qty"
[constants]
store = "MK01"
[[rule]]
name = "all"
change = "keep"
reason = "receive"
"""


def parse(text: str, **overrides: str) -> ImportMapping:
    return parse_mapping(text.encode(), {Field(name): value for name, value in overrides.items()})


def test_a_mapping_says_what_columns_mean() -> None:
    mapping = parse(GOOD)

    assert mapping.columns == {Field.SKU: ("SKU",), Field.QUANTITY: ("Qty",)}
    assert mapping.constants == {Field.STORE: "MK01"}
    assert mapping.rules[0].direction is Direction.KEEP
    assert mapping.headers == {"SKU", "Qty"}


def test_a_constant_of_the_command_line_wins() -> None:
    assert parse(GOOD, store="TST1").constants[Field.STORE] == "TST1"
    assert Field.SKU not in parse(GOOD, sku="A1").columns


def test_every_column_that_is_spoken_of_is_needed() -> None:
    mapping = parse(
        GOOD.replace("[[rule]]", 'occurred_at = "x"\n[[rule]]').replace('occurred_at = "x"\n', "")
        + 'when = { Kind = "^S", Till = ["1", "2"] }\n[identity]\nsource = "pos"\ncolumns = ["No"]\n'
        '[sku]\nname_en = ["Name", "Size"]\ngtin = "EAN"\n[[reject]]\nwhen = { Type = "x" }\ncode = "c"\nreason = "r"\n'
    )

    assert mapping.headers == {"SKU", "Qty", "Kind", "Till", "No", "Name", "Size", "EAN", "Type"}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.name)
def test_the_examples_of_the_documentation_are_mappings(path: Path) -> None:
    assert load_mapping(path).rules


@pytest.mark.parametrize(
    ("change", "path", "reason"),
    [
        (("chopbook-import/1", "chopbook-import/2"), "format", 'expected "chopbook-import/1"'),
        (("[columns]", "[colums]"), "", "unknown field `colums`"),
        (('change = "keep"', 'change = "both"'), "rule[0].change", "Invalid enum value"),
        (('store = "MK01"', ""), "columns.store", "expected a column or a constant"),
        (('quantity = "Qty"', ""), "columns.quantity", "expected a column, got none"),
        (('store = "MK01"', 'store = "MK01"\nsku = "A"'), "constants.sku", "got both"),
        (('reason = "receive"', ""), "rule[0].reason", "expected a reason"),
        (('quantity = "Qty"', 'quantity = "Qty"\nunit_price = "P"'), "constants.currency", "expected a currency"),
        (("[constants]", '[file]\nencoding = "ascii"\n[constants]'), "file.encoding", "expected one of utf-8, big5"),
        (("[constants]", '[file]\ndelimiter = "x"\n[constants]'), "file.delimiter", "a mark that no text is made of"),
        (("[constants]", '[file]\nquote = ","\n[constants]'), "file.quote", "another mark than the delimiter"),
        (("[constants]", '[numbers]\ndecimal = "x"\n[constants]'), "numbers.decimal", 'expected "." or ","'),
        (("[constants]", '[numbers]\nthousands = "."\n[constants]'), "numbers.thousands", "a mark of its own"),
        (("[constants]", '[dates]\nzone = "Asia/Nowhere"\n[constants]'), "dates.zone", "such as Asia/Hong_Kong"),
        (("[constants]", "[sku]\ncreate = true\n[constants]"), "sku", "expected name_zh or name_en"),
        (("[constants]", "[sku]\nscale = 7\n[constants]"), "sku.scale", "<= 6"),
        (('name = "all"', 'name = "all"\nwhen = { SKU = "(" }'), "rule[0].when.SKU", "regular expression"),
    ],
)
def test_a_wrong_member_is_named(change: tuple[str, str], path: str, reason: str) -> None:
    with pytest.raises(MappingRefused) as refused:
        parse(GOOD.replace(*change, 1))

    assert refused.value.path == path
    assert reason in refused.value.reason.en
    assert refused.value.reason.zh != refused.value.reason.en


def test_dates_need_a_zone_unless_they_bring_one() -> None:
    dated = GOOD.replace('quantity = "Qty"', 'quantity = "Qty"\noccurred_at = "At"')

    with pytest.raises(MappingRefused, match=r"dates\.zone: expected the time zone"):
        parse(dated + '[dates]\nformat = "%d/%m/%Y"\n')
    assert parse(dated + '[dates]\nformat = "%d/%m/%Y %z"\n').zone is None
    zone = parse(dated + '[dates]\nformat = "%d/%m/%Y"\nzone = "Asia/Hong_Kong"\n').zone
    assert zone is not None
    assert zone.key == "Asia/Hong_Kong"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"format = ", "expected TOML"),
        (b'format = "\xff"', "expected UTF-8"),
        (b"#" * (MAPPING_BYTES_MAX + 1), "expected at most"),
    ],
    ids=["toml", "utf-8", "size"],
)
def test_what_is_no_toml_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(MappingRefused, match=reason):
        parse_mapping(data)


@pytest.mark.parametrize("table", ["columns", "constants", "values"])
def test_a_field_that_does_not_exist_is_named_with_those_that_do(table: str) -> None:
    content = '{ "a" = "b" }' if table == "values" else '"MK01"'
    data = f'format = "{FORMAT}"\n[{table}]\nstor = {content}\n'

    with pytest.raises(MappingRefused, match=f"{table}: expected one of store, sku, .*; got stor$"):
        parse_mapping(data.encode())


def test_a_mapping_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MappingRefused, match="expected a readable file"):
        load_mapping(tmp_path / "none.toml")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_mapping_or_refused(data: bytes) -> None:
    with pytest.raises(MappingRefused):
        parse_mapping(data)
