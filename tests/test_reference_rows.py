"""The rows of the compliance reference, and where each is shown: what goes in, what has to come out, and the test that says so.

- `ROWS` is its section 1, one line a row, P-01 to P-40; `VECTORS` are the dates of its section 3.
- A test that shows a row has its id in its own name (`test_p_07_…`) or in that of its case (`"P-06 ended 31 days ago"`); a
  vector has `vector` in its name. Others have them too: here stands the one that is nearest to the reference's own words.
- What is here must be there, and no test may name a row that the reference does not have.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent

ROWS = {
    "P-01": (
        "a purchase order with an identity card number → quarantine, an entry with PII_NOT_IN_CLASS, a task; one with a supplier's contact → accepted, tagged",
        "documents/test_personal_data.py::test_p_01_a_kind_outside_the_class_is_an_officers_task",
        "documents/test_personal_data.py::test_p_01_a_purchase_order_with_a_suppliers_contact_is_accepted_and_tagged",
    ),
    "P-02": (
        "data of staff without a collection statement → 422 pics_missing; from a machine too",
        "api/test_organisation.py::test_p_02_data_of_staff_names_the_statement_they_were_given",
        "api/test_documents.py::test_p_02_a_machine_names_the_collection_statement_of_those_it_sends_data_of",
    ),
    "P-03": (
        "a field of confidence 0.62 that nobody verified → found by search, not in the copy",
        "cases/test_requests.py::test_p03_what_was_read_unsurely_is_not_in_the_copy",
    ),
    "P-04": (
        "a class without a rule → upload accepted, a finding, which escalates",
        "retention/test_judging.py::test_p_04_a_class_without_a_rule_is_accepted_and_found",
        "retention/test_due.py::test_p_04_a_class_without_a_rule_escalates_after_the_grace",
    ),
    "P-05": (
        "expired, not held, no minimum left → due the same day; minor after the grace, major after twice it",
        "retention/test_due.py::test_p_05_what_is_not_disposed_of_is_proposed_after_the_grace",
    ),
    "P-06": (
        "a processor's contract ended 31 days ago, no deletion confirmed → a finding",
        "policies/residency/test_rules.py::[P-06 ended 31 days ago]",
    ),
    "P-07": (
        "staff data exported for marketing → dpp3_new_purpose; with 60B and the court order → allowed, the exemption recorded",
        "api/test_exports.py::test_p_07_staff_data_for_marketing_is_denied_and_with_60b_and_the_court_order_allowed",
    ),
    "P-08": (
        "a level-3 document, signed in longer ago than the limit → step_up_required",
        "api/test_masking.py::test_p_08_a_confidential_document_asks_who_signed_in_too_long_ago_to_sign_in_again",
    ),
    "P-09": (
        "external OCR without a contract → processor_no_contract",
        "policies/residency/test_rules.py::[P-09 external OCR without a contract]",
    ),
    "P-10": (
        "a changed retention rule → the annex's next version, and an entry of the difference",
        "app/test_residency.py::test_p_10_a_changed_retention_rule_makes_the_annex_a_new_version_on_its_day",
        "policies/residency/test_registers.py::test_p_10_a_changed_rule_makes_a_new_version_that_names_it",
    ),
    "P-11": (
        "a request in writing in Chinese or English → a case whose clock starts that day",
        "cases/test_requests.py::test_p11_a_request_in_writing_opens_a_case_whose_clock_starts_that_day",
    ),
    "P-12": (
        "four days of receipt → day 40, the day it rolls to, the target",
        "cases/test_clock.py::test_p12_day_40_rolls_over_holidays_and_the_target_comes_before",
    ),
    "P-13": (
        "nothing held → a nil notice; closing without one is refused",
        "cases/test_requests.py::test_p13_nothing_held_is_told_and_only_then_closed",
    ),
    "P-14": (
        "day 41 without an interim notice → S19_BREACH, major",
        "cases/test_requests.py::test_p14_on_day_41_a_case_without_an_interim_notice_is_a_major_finding",
    ),
    "P-15": (
        "a matched item deleted after receipt → DAR_HOLD",
        "cases/test_requests.py::test_p15_matched_items_are_neither_edited_nor_deleted_until_the_case_ends",
    ),
    "P-16": (
        "the code of an adjustment in the copy → its row in the legend, in both languages",
        "cases/test_requests.py::test_p16_a_code_of_the_shops_own_has_its_row_in_the_legend",
    ),
    "P-17": (
        "no evidence of identity → nothing disclosed, a letter for further information",
        "cases/test_requests.py::test_p17_without_identity_nothing_is_disclosed_and_more_is_asked_for",
    ),
    "P-18": (
        "an inspection report that names the inspector → masked, the rest supplied, a refusal of the masked part",
        "cases/test_requests.py::test_p18_others_are_masked_the_rest_supplied_and_the_masked_part_is_a_refusal",
    ),
    "P-19": ("too busy → no ground", "cases/test_requests.py::test_p19_free_text_is_no_ground"),
    "P-20": (
        "a refusal without a ground → not sent",
        "cases/test_rules.py::test_p20_a_refusal_without_a_ground_is_not_sent",
    ),
    "P-21": (
        "a notice stamped before its line → rejected; a line deleted at three years and eleven months → S27_4Y",
        "cases/test_requests.py::test_p21_a_notice_stamped_before_its_line_is_rejected",
        "cases/test_requests.py::test_p21_a_line_is_not_deleted_for_four_years",
    ),
    "P-22": (
        "copying 40, clerical 100, legal 2000, overhead 300 → 140, two lines refused; a correction → free",
        "cases/test_rules.py::test_p22_only_necessary_costs_are_charged",
        "cases/test_rules.py::test_p22_a_correction_is_free",
    ),
    "P-23": (
        "a corrected value → a version that supersedes, the old one marked",
        "cases/test_requests.py::test_p23_a_correction_supersedes_and_the_old_value_is_marked",
    ),
    "P-24": (
        "told to somebody 11 months ago → a task to tell them; 13 months ago → none",
        "cases/test_requests.py::test_p24_who_got_it_within_twelve_months_is_told",
    ),
    "P-25": (
        "an opinion read after its correction was refused → its dispute note stands beside it",
        "api/test_monitoring.py::test_p25_the_fields_of_a_document_have_their_notes",
    ),
    "P-26": (
        "a list with name and identity card number → masked; a staff number made of one → refused",
        "api/test_masking.py::test_p_26_a_list_with_name_and_number_shows_the_number_masked",
        "policies/test_personal_data.py::[P-26 2.8 number itself]",
    ),
    "P-27": (
        "a link to a copy of an identity card → opens for nobody",
        "api/test_masking.py::test_p27_a_bare_link_to_an_identity_copy_opens_for_nobody",
    ),
    "P-28": (
        "a former employee's file at seven years and a day, not held → must go",
        "retention/test_judging.py::test_vector_and_p_28_former_staff_must_go_after_seven_years",
    ),
    "P-29": (
        "a manager searches an employee's entries and names no case → a purpose is required",
        "api/test_monitoring.py::test_p29_a_manager_names_a_case_to_search_an_employees_log",
    ),
    "P-30": (
        "elsewhere than Hong Kong in policy mode → ORG-RES-1, which cites no section as in force",
        "policies/residency/test_rules.py::[P-30 elsewhere in policy mode]",
        "policies/residency/test_texts.py::test_p_30_a_refusal_by_the_organisations_rule_cites_no_law",
    ),
    "P-31": (
        "to a processor in the US without clauses or another basis → TRANSFER_NO_BASIS",
        "policies/residency/test_rules.py::[P-31 to a US processor]",
    ),
    "P-32": (
        "a GBA contract with a recipient in Beijing → refused; no filing number on day 11 → a finding",
        "policies/residency/test_rules.py::[P-32 recipient in Beijing]",
        "policies/residency/test_rules.py::[P-32 no filing number on day 11]",
    ),
    "P-33": (
        "the 1,000,001st person of the Mainland → CN_ASSESSMENT_DUE",
        "policies/residency/test_rules.py::test_p_33_the_millionth_and_first_person_warns",
    ),
    "P-34": (
        "an incident under the Ordinance alone → a recommendation and no deadline",
        "cases/test_incidents.py::test_p34_under_the_ordinance_alone_there_is_a_recommendation_and_no_deadline",
    ),
    "P-35": (
        "a cessation notice → read by the case roles alone, and held",
        "cases/test_incidents.py::test_p35_a_cessation_notice_blocks_every_read_but_that_of_the_case_roles",
        "cases/test_holding.py::test_p_35_a_cessation_notice_is_a_hold_until_it_is_lifted",
    ),
    "P-36": (
        "60B to refuse an access request → refused: another principle",
        "cases/test_requests.py::test_p36_60b_does_not_refuse_a_request_and_60_needs_evidence",
    ),
    "P-37": (
        "a processor's incident → one of the organisation's register",
        "cases/test_incidents.py::test_p37_a_processors_incident_is_the_organisations_own",
    ),
    "P-38": (
        "a direction that is overdue → proposed as major",
        "cases/test_incidents.py::test_p38_an_overdue_direction_is_proposed_as_major",
    ),
    "P-39": (
        "a pack verified offline after a move to another bucket → the same root, the format noted",
        "app/test_export_checking.py::test_p39_a_move_to_another_bucket_changes_no_proof",
    ),
    "P-40": (
        "a store of two staff, its shrinkage by staff → suppressed",
        "api/test_shrinkage.py::test_p_40_a_store_with_two_staff_is_suppressed_and_one_with_enough_is_not",
    ),
}

VECTORS = {
    "food that keeps 90 days, acquired 2026-11-30 → kept to 2027-02-28, due on 2027-03-01": (
        "retention/test_rules.py::test_vector_food_that_keeps_ninety_days_is_kept_to_the_clamped_day",
        "retention/test_judging.py::test_vector_food_shelf_life_ninety_days",
    ),
    "an order of 2019-03-15, year end 2019-12-31 → tax 2026-03-15, accounts 2026-12-31: kept to 2026-12-31": (
        "retention/test_rules.py::test_vector_of_tax_and_accounts_the_later_decides",
        "retention/test_judging.py::test_vector_order_of_2019_is_kept_to_the_end_of_2026",
    ),
    "a file of somebody who left on 2019-11-21 → gone by 2026-11-22, unless it is held": (
        "retention/test_rules.py::test_vector_and_p_28_a_former_employee_s_file_must_be_gone_the_day_after_seven_years",
        "retention/test_judging.py::test_vector_and_p_28_former_staff_must_go_after_seven_years",
    ),
    "a deed ended 2015-06-30 → kept to 2027-06-30": (
        "retention/test_rules.py::test_vector_a_deed_is_kept_for_twelve_years",
        "retention/test_judging.py::test_vector_deed_ended_2015",
    ),
    "held past all dates → no disposal; released → due that day": (
        "retention/test_rules.py::test_vector_a_hold_outlasts_all_dates_and_its_release_queues_the_same_day",
        "retention/test_due.py::test_vector_a_record_is_due_on_the_day_its_hold_is_released",
    ),
    "three months and seven years on one invoice → seven years": (
        "retention/test_rules.py::test_vector_on_the_same_invoice_seven_years_beat_three_months",
        "retention/test_judging.py::test_vector_three_months_and_seven_years_on_one_invoice",
    ),
}

_IN_NAME = re.compile(r"(?:^|_)p_?([0-9]{2})(?=_|$)")
_IN_CASE = re.compile(r"P-([0-9]{2})\b")


@cache
def said(path: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names of a file's tests, and the texts in it that begin with the id of a row."""
    tree = ast.parse((TESTS / path).read_text("utf-8"))
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return (
        frozenset(name for name in functions if name.startswith("test_")),
        frozenset(text for text in texts if _IN_CASE.match(text)),
    )


def require_there(place: str) -> str:
    """Check that a test is there; returns its own name, or that of its case."""
    path, _, name = place.partition("::")
    functions, cases = said(path)
    if name.startswith("["):
        assert name[1:-1] in cases, place
        return name[1:-1]
    assert name in functions, place
    return name


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_a_test_of_its_name(row: str) -> None:
    _, *places = ROWS[row]

    for place in places:
        name = require_there(place)
        assert row[2:] in (*_IN_NAME.findall(name), *_IN_CASE.findall(name)), place


@pytest.mark.parametrize("vector", VECTORS)
def test_a_vector_has_tests_of_the_rule_and_of_records(vector: str) -> None:
    for place in VECTORS[vector]:
        assert "_vector_" in require_there(place), place


def test_the_rows_are_those_of_the_reference_and_no_test_names_another() -> None:
    assert list(ROWS) == [f"P-{number:02}" for number in range(1, 41)]
    named: set[str] = set()
    for path in sorted(TESTS.rglob("test_*.py")):
        functions, cases = said(path.relative_to(TESTS).as_posix())
        named.update(found for name in functions for found in _IN_NAME.findall(name))
        named.update(found for text in cases for found in _IN_CASE.findall(text))
    assert {f"P-{number}" for number in named} == set(ROWS)
