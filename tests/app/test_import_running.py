"""A file in the log: every row accounted for, in any order of failures, and nothing twice."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.importing.errors import FileRefused, HeaderRefused, ImportRefused
from app.importing.feeding import BATCH_ROWS
from app.importing.mapping import ImportMapping, load_mapping, parse_mapping
from app.importing.records import RejectKind
from app.importing.rehearsing import Rehearsal
from app.importing.report import NotAccounted, Tally, rejects_at
from app.importing.running import (
    FINISHED,
    STARTED,
    Import,
    Outcome,
    missing_in,
    refuse_hopeless,
    refuse_other_actor,
    survey,
)
from app.importing.source import open_source
from app.wiring import House
from audit.entry import parse_entry
from policies.model import Role
from stock.store import read_sku
from storage.reading import EntryFilter, read_entries
from storage.scope import EVERYTHING
from tests.app.houses import ROOT, house_of
from tests.stock.shop import ALLOWS, REFUSES, Shop
from tests.worlds import World

MAPPING = f"""
format = "chopbook-import/1"
[columns]
reference = "No"
sku = "SKU"
quantity = "Qty"
[constants]
store = "{ALLOWS}"
[sku]
create = true
name_en = "Name"
[[reject]]
when = {{ SKU = ["POST"] }}
code = "postage"
reason = "not goods"
reason_zh = "並非貨品"
[[rule]]
name = "returned"
when = {{ Qty = "^-" }}
change = "negate"
reason = "customer_return"
[[rule]]
name = "sold"
change = "negate"
reason = "sale"
"""


def mapping_of(text: str = MAPPING) -> ImportMapping:
    return parse_mapping(text.encode())


def write(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(["No,SKU,Name,Qty", *rows]), encoding="utf-8")
    return path


def run(house: House, path: Path, mapping: ImportMapping | None = None) -> tuple[Outcome, list[dict[str, str]]]:
    source = open_source(path, mapping or mapping_of())
    found = survey(source, _ignore)
    missing = missing_in(house, found)
    refuse_hopeless(source, missing)
    principal = house.policies.local_principal(Role.API_CLIENT)
    place = path.with_suffix(".rejects.csv")
    with rejects_at(place, source.header) as rejects:
        outcome = Import(house, source, principal, rejects).run(found, missing, _ignore)
    with place.open(encoding="utf-8-sig", newline="") as stream:
        return outcome, list(csv.DictReader(stream))


def _ignore(done: int, total: int | None = None) -> None:
    """Progress nobody looks at."""


def test_every_row_is_logged_or_rejected_with_its_line_and_reason(house: House, shop: Shop, tmp_path: Path) -> None:
    path = write(
        tmp_path / "moves.csv",
        "1,A1,,2",
        "2,NEW-1,新貨 A,5",
        "3,POST,POSTAGE,1",
        "4,A1,,six",
        "5,A/1,,1",
        "6,A1,,0",
        "7,C1,,1",
        "8,A1,,-3",
        "9",
    )

    outcome, rejects = run(house, path)

    tally = outcome.tally
    assert (tally.rows, tally.logged, tally.replayed, tally.rejected_rows) == (9, 3, 0, 6)
    assert tally.rejected == {RejectKind.RULE: 1, RejectKind.BAD: 3, RejectKind.REFUSED: 2}
    assert [(row["line"], row["rejected_by"], row["code"]) for row in rejects] == [
        ("4", "rule", "postage"),
        ("5", "bad", "quantity"),
        ("6", "bad", "code_form"),
        ("7", "refused", "quantity_zero"),
        ("8", "refused", "lot_required"),
        ("10", "bad", "cells"),
    ]
    assert [(row["reason"], row["reason_zh"]) for row in rejects] == [
        ("not goods", "並非貨品"),
        (
            "quantity: expected a number as [numbers] says, got 'six'",
            "quantity：必須是按 [numbers] 所寫的數字，現為 'six'",
        ),
        (
            "/sku: The code has the wrong form. Expected A-Z a-z 0-9 . _ + # -, <= 48.",
            "/sku：編號格式不符。應為 A-Z a-z 0-9 . _ + # -, <= 48。",
        ),
        ("/change: Expected a quantity other than zero, got zero.", "/change：數量不可為零。"),
        ("/batch: SKU C1 is tracked by lot: a batch number is required.", "/batch：貨品 C1 必須註明批次編號。"),
        ("the row: expected 4 cells, got 1", "這一行：應有 4 格，現有 1 格"),
    ]
    assert rejects[0]["Name"] == "POSTAGE"
    assert [int(n) for n in (tally.quantity_in, tally.quantity_logged, tally.change_logged)] == [7, 4, -4]
    assert shop.held(ALLOWS, "A1") == 1
    assert shop.held(ALLOWS, "NEW-1") == -5
    assert tally.has_faults


def test_missing_skus_are_created_with_the_names_the_file_has(house: House, shop: Shop, tmp_path: Path) -> None:
    path = write(tmp_path / "moves.csv", "1,NEW-1,,1", "2,NEW-1,Jasmine  rice,1", "3,NEW-2,,1")

    outcome, rejects = run(house, path)

    assert rejects == []
    assert outcome.skus_created == 2
    with house.storage.database.read() as connection:
        named = {code: shop.stock.sku(shop.clerk, connection, code).name_en for code in ("NEW-1", "NEW-2")}
    assert named == {"NEW-1": "Jasmine rice", "NEW-2": "NEW-2"}


def rehearse(house: House, path: Path, mapping: ImportMapping | None = None) -> tuple[Tally, list[dict[str, str]]]:
    source = open_source(path, mapping or mapping_of())
    found = survey(source, _ignore)
    principal = house.policies.local_principal(Role.API_CLIENT)
    place = path.with_suffix(".rehearsed.csv")
    with rejects_at(place, source.header) as rejects:
        tally = Rehearsal(house, source, principal, rejects).run(found, missing_in(house, found), _ignore)
    with place.open(encoding="utf-8-sig", newline="") as stream:
        return tally, list(csv.DictReader(stream))


def test_a_dry_run_finds_what_the_import_will_and_leaves_nothing(world: World, tmp_path: Path) -> None:
    shop = Shop(world)
    house = house_of(shop, tmp_path)
    mapping = mapping_of(MAPPING.replace(ALLOWS, REFUSES))
    rows = [
        "1,A1,,-2",
        "2,A1,,3",
        "3,A1,,1",
        "4,NEW-1,新貨 A,-5",
        "5,NEW-1,,4.5",
        "6,A1,,0",
        "Chan,A1,,-1",
        "7,C1,,1",
        "8,A/1,,1",
        "9,POST,,1",
        "10,A1,,9007199254740993",
        # Batches later, what came in first goes out again.
        *[f"{n},NEW-{n},x,-1" for n in range(100, 2_300)],
        "11,NEW-1,,5",
        "12,A1,,1",
        "13,A1,,1",
    ]
    path = write(tmp_path / "moves.csv", *rows)
    size = shop.size()

    tally, rejects = rehearse(house, path, mapping)

    assert shop.size() == size
    assert shop.held(REFUSES, "A1") == 0
    with house.storage.database.read() as connection:
        assert read_sku(connection, "NEW-1") is None
    outcome, done = run(house, path, mapping)
    assert rejects == done
    assert {row["code"] for row in rejects} >= {"stock_negative", "reference_form", "quantity_zero", "quantity_form"}
    assert (tally.logged, tally.replayed) == (outcome.tally.logged, 0)
    assert tally.change_logged == outcome.tally.change_logged
    again, _ = rehearse(house, path, mapping)
    assert (again.logged, again.replayed) == (0, outcome.tally.logged)
    world.check()


def test_a_dry_run_tells_of_skus_that_cannot_be_created(house: House, tmp_path: Path) -> None:
    mapping = mapping_of(MAPPING.replace('name_en = "Name"', 'name_en = "Name"\ngtin = "Name"'))
    path = write(tmp_path / "moves.csv", "1,NEW-1,4891234567898,1", "2,NEW-2,4891234567890,1", "3,NEW-3,,1")

    tally, rejects = rehearse(house, path, mapping)

    assert tally.logged == 1
    assert [(row["line"], row["code"]) for row in rejects] == [("2", "gtin_taken"), ("3", "gtin_check_digit")]


def test_a_dry_run_tells_of_one_gtin_for_two_new_skus_far_apart_in_the_file(house: House, tmp_path: Path) -> None:
    mapping = mapping_of(MAPPING.replace('name_en = "Name"', 'name_en = "Name"\ngtin = "Name"'))
    between = [f"{n},A1,,1" for n in range(BATCH_ROWS)]
    # The later one by code stands first: the import creates SKUs in the order of their codes.
    path = write(tmp_path / "moves.csv", "1,NEW-2,4891234567805,1", *between, "3,NEW-1,4891234567805,1")

    tally, judged = rehearse(house, path, mapping)
    outcome, rejected = run(house, path, mapping)

    assert judged == rejected
    assert [(row["line"], row["code"], row["reason"]) for row in judged] == [
        ("2", "gtin_taken", "/gtin: The GTIN 4891234567805 belongs to SKU NEW-1 already.")
    ]
    assert tally.logged == outcome.tally.logged == BATCH_ROWS + 1


def test_a_bad_row_makes_no_sku(house: House, tmp_path: Path) -> None:
    outcome, _ = run(house, write(tmp_path / "moves.csv", "Chan,NEW-1,x,1", "2,NEW-2,x,1"))

    assert (outcome.skus_created, outcome.tally.logged) == (1, 1)


def test_one_sku_that_cannot_be_created_takes_only_its_own_rows(house: House, tmp_path: Path) -> None:
    mapping = mapping_of(MAPPING.replace('name_en = "Name"', 'name_en = "Name"\ngtin = "Name"'))
    path = write(tmp_path / "moves.csv", "1,NEW-1,4891234567898,1", "2,NEW-2,4891234567890,1", "3,NEW-3,,1")

    outcome, rejects = run(house, path, mapping)

    assert outcome.tally.logged == 1
    assert [(row["line"], row["code"]) for row in rejects] == [("2", "gtin_taken"), ("3", "gtin_check_digit")]


def test_without_creation_unknown_skus_are_rejected(house: House, tmp_path: Path) -> None:
    mapping = mapping_of(MAPPING.replace("create = true", "create = false"))

    outcome, rejects = run(house, write(tmp_path / "moves.csv", "1,NEW-1,x,1", "2,A1,,1"), mapping)

    assert (outcome.tally.logged, outcome.skus_created) == (1, 0)
    assert rejects[0]["code"] == "sku_unknown"


def test_a_row_that_names_an_unknown_document_is_rejected_and_a_dry_run_says_so(
    house: House, shop: Shop, tmp_path: Path
) -> None:
    text = MAPPING.replace('quantity = "Qty"\n', 'quantity = "Qty"\ndocument = "Name"\n')
    path = write(tmp_path / "moves.csv", f"1,A1,{shop.known_paper('doc_1')},-2", "2,A1,doc_2,-3")

    tally, foreseen = rehearse(house, path, mapping_of(text))
    outcome, rejects = run(house, path, mapping_of(text))

    assert rejects == foreseen
    assert [(one["line"], one["code"]) for one in rejects] == [("3", "document_unknown")]
    assert (tally.logged, outcome.tally.logged) == (1, 1)


def test_a_second_run_replays_and_moves_nothing(house: House, shop: Shop, tmp_path: Path) -> None:
    path = write(tmp_path / "moves.csv", *[f"{n},A1,,1" for n in range(5)], "9,POST,,1")
    run(house, path)

    outcome, rejects = run(house, path)

    tally = outcome.tally
    assert (tally.logged, tally.replayed, tally.rejected_rows) == (0, 5, 1)
    assert [int(n) for n in (tally.change_logged, tally.change_replayed)] == [0, -5]
    assert len(rejects) == 1
    assert shop.held(ALLOWS, "A1") == -5


def test_a_run_that_stopped_half_way_is_taken_up_again(house: House, shop: Shop, tmp_path: Path) -> None:
    whole = [f"{n},A{1 + n % 2},,1" for n in range(40)]
    identity = '[identity]\nsource = "till"\ncolumns = ["No"]\n'
    mapping = mapping_of(MAPPING + identity)
    run(house, write(tmp_path / "half.csv", *whole[:15]), mapping)

    outcome, _ = run(house, write(tmp_path / "whole.csv", *whole), mapping)

    assert (outcome.tally.logged, outcome.tally.replayed) == (25, 15)
    assert shop.held(ALLOWS, "A1") + shop.held(ALLOWS, "A2") == -40


def test_a_row_that_says_something_else_under_the_same_id_is_rejected(house: House, tmp_path: Path) -> None:
    mapping = mapping_of(MAPPING + '[identity]\nsource = "till"\ncolumns = ["No"]\n')
    run(house, write(tmp_path / "one.csv", "1,A1,,1"), mapping)

    outcome, rejects = run(house, write(tmp_path / "two.csv", "1,A1,,2", "2,A1,,1"), mapping)

    assert outcome.tally.logged == 1
    assert rejects[0]["code"] == "event_id_reused"


def test_on_both_databases_a_file_is_logged_once(world: World, tmp_path: Path) -> None:
    shop = Shop(world)
    house = house_of(shop, tmp_path)
    path = write(tmp_path / "moves.csv", *[f"{n},NEW-{n % 700},x,1" for n in range(2_500)], "9,POST,,1")

    first, _ = run(house, path)
    second, _ = run(house, path)

    assert (first.tally.logged, first.skus_created) == (2_500, 700)
    assert (second.tally.logged, second.tally.replayed) == (0, 2_500)
    assert shop.held(ALLOWS, "NEW-5") == -4
    world.check()
    assert shop.reconcile() == []


def test_start_and_finish_are_in_the_log(house: House, tmp_path: Path) -> None:
    path = write(tmp_path / "moves.csv", "1,A1,,1", "2,POST,,1")
    mapping = mapping_of()
    source = open_source(path, mapping)

    run(house, path)

    with house.storage.database.read() as connection:
        wanted = EntryFilter(subject=f"import:{source.digest.hex()}")
        found = [
            parse_entry(entry.bytes).event
            for entry in read_entries(connection, EVERYTHING, wanted, cursor=None, limit=9, newest_first=False).entries
        ]
    assert [event.type for event in found] == [STARTED, FINISHED]
    assert found[0].data == {"file": source.digest.hex(), "mapping": mapping.digest.hex(), "rows": 2}
    assert found[1].data["logged"] == 1
    assert found[1].data["rejected"] == 1
    assert found[1].decision is not None


def test_a_file_somebody_else_imported_is_refused(house: House, tmp_path: Path) -> None:
    path = write(tmp_path / "moves.csv", "1,A1,,1")
    run(house, path)
    source = open_source(path, mapping_of())
    other = house.policies.local_principal(Role.API_CLIENT)
    refuse_other_actor(house, source, other)

    from dataclasses import replace

    with pytest.raises(ImportRefused, match=r"got the one of entry \d+ by system"):
        refuse_other_actor(house, source, replace(other, id="p_aaaaaaaaaaaaaaaa"))


def test_an_import_that_could_only_reject_everything_is_refused(house: House, tmp_path: Path) -> None:
    path = write(tmp_path / "moves.csv", "1,A1,,1")

    with pytest.raises(ImportRefused, match="store NO1: expected one that exists"):
        run(house, path, mapping_of(MAPPING.replace(ALLOWS, "NO1")))
    with pytest.raises(ImportRefused, match="reason gift: expected one that exists"):
        run(
            house,
            path,
            mapping_of(MAPPING.replace("[constants]", '[constants]\nreason = "gift"').replace('reason = "sale"', "")),
        )


def test_a_file_that_changes_while_it_is_read_stops_the_import(house: House, tmp_path: Path) -> None:
    path = write(tmp_path / "moves.csv", "1,A1,,1")
    source = open_source(path, mapping_of())
    rows = source.rows()
    next(rows)
    write(path, "1,A1,,2")

    with pytest.raises(FileRefused, match="to stay the same"):
        list(rows)


def test_the_rejects_file_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    place = tmp_path / "rejects.csv"

    with pytest.raises(ZeroDivisionError), rejects_at(place, ("A",)):
        raise ZeroDivisionError

    assert not place.exists()


def test_an_account_that_does_not_add_up_is_an_error() -> None:
    with pytest.raises(NotAccounted, match="rows: expected 1 in"):
        Tally(rows=1).check()
    with pytest.raises(NotAccounted, match="quantities: expected 1 in"):
        Tally(quantity_in=Decimal(1)).check()


def test_a_header_in_no_known_encoding_is_refused_without_showing_rubbish(tmp_path: Path) -> None:
    path = tmp_path / "moves.csv"
    path.write_bytes("No,SKU,Name,Qty,備註\n1,A1,,1,x\n".encode("gb18030"))

    with pytest.raises(HeaderRefused, match="the header: expected text in utf-8, got bytes that are none; say which"):
        open_source(path, mapping_of())


def test_rows_of_a_quoted_file_with_chinese_in_big5_are_logged(house: House, shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "moves.csv"
    path.write_bytes('No,SKU,Name,Qty\r1,NEW-1,"檸檬茶, 250毫升",1\r2,NEW-1,嘅,1'.encode("big5hkscs"))
    mapping = mapping_of(MAPPING.replace("[constants]", '[file]\nencoding = "big5"\n[constants]'))

    outcome, _ = run(house, path, mapping)

    assert outcome.tally.logged == 2
    with house.storage.database.read() as connection:
        assert shop.stock.sku(shop.clerk, connection, "NEW-1").name_en == "檸檬茶, 250毫升"


def test_the_example_mapping_reads_lines_of_the_kind_it_was_made_for(house: House, shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "online.csv"
    header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
    rows = [
        "536365,85123A,WHITE HANGING HEART T-LIGHT HOLDER,6,12/1/10 8:26,2.55,17850,United Kingdom",
        "536370,POST,POSTAGE,3,12/1/10 8:45,18,12583,France",
        "C536379,D,Discount,-1,12/1/10 9:41,27.5,14527,United Kingdom",
        "C536383,35004C,SET OF 3 COLOURED  FLYING DUCKS,-1,12/1/10 9:49,4.65,15311,United Kingdom",
        "536569,M,Manual,1,12/1/10 15:35,1.25,16274,United Kingdom",
        "536779,BANK CHARGES,Bank Charges,1,12/2/10 15:08,15,15823,United Kingdom",
        "536941,22734,amazon,20,12/3/10 12:08,0,,United Kingdom",
        "537432,35833G,damages,-43,12/6/10 16:10,0,,United Kingdom",
        "537534,85064,CREAM SWEETHEART LETTER RACK,1,12/7/10 11:48,0,,United Kingdom",
        "537600,15056bl,EDWARDIAN PARASOL BLACK,3,12/7/10 12:48,5.95,17850,United Kingdom",
        "C537581,S,SAMPLES,-1,12/7/10 12:03,12.95,,United Kingdom",
        "537",
    ]
    path.write_text("\r".join([header, *rows]), encoding="ascii")
    shop.area("UK")
    from policies.model import NegativeStockRule

    shop.store("ONLINE", "UK", NegativeStockRule.ALLOW)

    outcome, rejects = run(house, path, load_mapping(ROOT / "docs" / "examples" / "online-retail.toml"))

    assert [row["code"] for row in rejects] == ["postage", "discount", "manual", "charge", "sample", "cells"]
    held = {sku: shop.held("ONLINE", sku) for sku in ("85123A", "35004C", "22734", "35833G", "85064", "15056BL")}
    assert held == {"85123A": -6, "35004C": 1, "22734": 20, "35833G": -43, "85064": -1, "15056BL": -3}
    assert outcome.tally.logged == 6


def test_the_example_of_a_chinese_stock_system_is_read(house: House, shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "movements.txt"
    lines = [
        "日期\t時間\t單號\t行號\t類別\t分店\t貨品編號\t貨名\t批號\t到期日\t數量",
        "20/11/2026\t09:30\tGR-1\t1\t入貨\t旺角店\tＣ１\t檸檬茶\tL1\t31/12/2027\t１,２００",
        "20/11/2026\t10:05\tPOS-1\t1\t售出\t旺角店\tC1\t檸檬茶\tL1\t\t2",
        "20/11/2026\t10:05\tPOS-1\t2\t運費\t旺角店\tDELIVERY\t送貨\t\t\t1",
        "20/11/2026\t11:00\tPOS-2\t1\t售出\t觀塘店\tC1\t檸檬茶\tL1\t\t1",
        "20/11/2026\t23:10\tST-1\t1\t盤點調整\t尖沙咀店\tA1\t餅乾\t\t\t-3",
    ]
    path.write_bytes("\r\n".join(lines).encode("big5"))

    outcome, rejects = run(house, path, load_mapping(ROOT / "docs" / "examples" / "big5-movements.toml"))

    assert outcome.tally.logged == 3
    assert [(row["line"], row["rejected_by"], row["code"]) for row in rejects] == [
        ("4", "rule", "not_goods"),
        ("5", "bad", "store"),
    ]
    assert rejects[1]["分店"] == "觀塘店"
    assert shop.held("MK01", "C1", "L1") == 1198
    assert shop.held("TST1", "A1") == -3


def test_a_workbook_is_imported_as_a_text_would_be(house: House, shop: Shop, tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["No", "SKU", "Name", "Qty"],
        [1, "A1", None, 2],
        [2, "POST", "POSTAGE", 1],
        [],
        [3, "A2", None, "x"],
        [4],
    ):
        sheet.append(row)
    path = tmp_path / "moves.xlsx"
    book.save(path)

    outcome, rejects = run(house, path)
    again, _ = run(house, path)

    assert (outcome.tally.rows, outcome.tally.logged, again.tally.replayed) == (4, 1, 1)
    assert [(row["line"], row["code"]) for row in rejects] == [("3", "postage"), ("5", "quantity"), ("6", "quantity")]
    assert shop.held(ALLOWS, "A1") == -2


CELL = st.sampled_from(["A1", "A2", "C1", "POST", "NEW", "a/b", "", "1", "-1", "0", "2.5", "x", "陳", '"', "#N/A"])
LINES = st.lists(st.lists(CELL, min_size=1, max_size=5).map(",".join), max_size=25)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES)
def test_whatever_the_file_rows_in_are_rows_logged_replayed_or_rejected(
    house: House, tmp_path: Path, lines: list[str]
) -> None:
    path = write(tmp_path / "any.csv", *lines)
    rows = len(list(open_source(path, mapping_of()).rows()))

    first, first_rejects = run(house, path)
    second, second_rejects = run(house, path)

    for outcome, rejects in ((first, first_rejects), (second, second_rejects)):
        tally = outcome.tally
        assert tally.rows == rows == tally.logged + tally.replayed + len(rejects)
        assert tally.rejected_rows == len(rejects)
    assert second.tally.logged == 0
    assert second.tally.replayed == first.tally.logged + first.tally.replayed
    assert first_rejects == second_rejects
