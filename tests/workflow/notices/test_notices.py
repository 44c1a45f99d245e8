"""What is told, to whom, and when; against doubles that speak the real protocols."""

from __future__ import annotations

import email
import email.policy
import os
import re
import signal
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from policies.errors import Denied
from policies.model import Role, ScopeKind
from storage.outbound import DeclaredHosts
from tests.furnished import Furnished, nothing
from tests.workflow.notices.doubles import MailBox, Receiver, Reply, Robot, mail_server, serving
from tests.workflow.notices.office import Office
from tests.worlds import World
from workflow.notices.channels.dingtalk import sign
from workflow.notices.errors import InvalidNotice, UnknownNotice
from workflow.notices.model import MessageKind, MessageState

both = pytest.mark.parametrize("office", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def office(request: pytest.FixtureRequest, furnished: Furnished, tmp_path: Path) -> Iterator[Office]:
    """Notices on SQLite, or with `both` on each kind of database; ends by verifying the log."""
    with furnished.opened(getattr(request, "param", "sqlite"), nothing, tmp_path) as (world, _):
        yield Office(world)
        world.check()


@pytest.fixture
def robot(office: Office) -> Iterator[tuple[Robot, str]]:
    made = Robot(office.world.clock)
    with serving(made) as url:
        yield made, url


@pytest.fixture
def receiver(office: Office) -> Iterator[tuple[Receiver, str]]:
    made = Receiver(office.world.clock)
    with serving(made) as url:
        yield made, url


def texts(robot: Robot) -> str:
    return "\n".join(message[message["msgtype"]]["text"] for message in robot.heard)


def told(robot: Robot) -> list[int]:
    """Every entry that was told of, as the messages name them, in order, repetitions too."""
    found: list[int] = []
    for message in robot.heard:
        text = message[message["msgtype"]]["text"]
        digest = re.search(r"紀錄 Entries: #(.*)", text)
        if digest is None:
            found.append(int(re.findall(r"#(\d+)\]", text)[-1]))
            continue
        for part in digest[1].split(", "):
            first, _, last = part.partition("–")
            found += range(int(first), int(last or first) + 1)
    return found


def test_the_signature_is_the_published_one() -> None:
    # Recomputed from the vendor's description; see the reference on integrations.
    assert sign(1546300800000, "this is secret") == "YdaRxedPlWEhpeS/EW4d7Fr4r69/2KSnJ9D9v0N++uY="


@both
def test_what_happened_is_told_once_in_both_languages(office: Office, robot: tuple[Robot, str]) -> None:
    side, url = robot
    office.robot(url)
    office.rule()

    (index,) = office.happen(reason="sale")
    office.run()
    office.run(seconds=120, step=10)

    (message,) = side.heard
    card = message["actionCard"]
    assert card["title"] == "庫存調整 Stock adjusted MK01"
    assert card["singleURL"] == f"https://chop.test/e/{index}"
    for part in ("店舖 Store: MK01", "貨品 SKU: A1", "變動 Change: -2 (10 → 8)", "原因 Reason: sale", "以審計日誌為準"):
        assert part in card["text"]


def test_markdown_is_sent_where_it_is_wished(office: Office, robot: tuple[Robot, str]) -> None:
    side, url = robot
    target = {"url": f"{url}/robot/send?access_token=a1b2c3", "secret": "SECthis-is-a-secret", "style": "markdown"}
    office.channel({"kind": "dingtalk", "target": {**target, "keyword": "庫存"}})
    office.rule()
    office.happen()

    office.run()

    assert [message["msgtype"] for message in side.heard] == ["markdown"]


def test_no_notice_names_a_person_or_repeats_prose(office: Office, robot: tuple[Robot, str]) -> None:
    side, url = robot
    office.robot(url)
    office.rule(events=("stock.*", "people.*"))

    office.happen(reason="陳大文 called 9123 4567", batch="L1 (Mr Chan)", note="Chan Tai Man", document="d\n# x")
    office.happen(kind="people.changed", name="陳大文", person="p_secretperson0001")
    office.run()

    for secret in ("陳", "Chan ", "9123", "p_secret", "staff", "# x"):
        assert secret not in texts(side)
    assert len(side.heard) == 2


def test_rules_choose_by_event_store_and_class(office: Office, robot: tuple[Robot, str]) -> None:
    side, url = robot
    office.robot(url)
    office.rule(code="mk", events=("stock.adjusted",), stores=["MK01"])
    office.rule(code="papers", events=("document.*",), classes=["invoice"])

    wanted = office.happen()
    office.happen(store="TST1")
    office.happen(kind="stock.corrected")
    wanted += office.happen(1, "document.added", **{"class": "invoice", "store": "TST1"})
    office.happen(1, "document.added", **{"class": "photo"})
    office.happen(kind="documents.added")
    office.run()

    assert told(side) == wanted


def test_broken_glass_is_told_to_the_second_persons_own_channel_alone(office: Office, robot: tuple[Robot, str]) -> None:
    side, url = robot
    office.tree()
    manager, second, other = (
        office.policies.principal(office.person(role, *targets).id)
        for role, targets in (
            (Role.STORE_MANAGER, ((ScopeKind.STORE, "MK01"),)),
            (Role.COMPLIANCE_OFFICER, ()),
            (Role.DPO, ()),
        )
    )
    office.robot(url)
    office.rule(events=("break_glass.*",), told=[second.id])
    broken = {
        to.id: office.committed(
            office.policies.break_glass(
                manager, stores=["TST1"], minutes=30, reason="陳大文未能聯絡", told=to.id, event_id=office.id()
            )
        ).receipt.index
        for to in (second, other)
    }
    office.run()

    assert told(side) == [broken[second.id]]
    assert office.notices.channels_telling("break_glass.opened", second.id) == ["group"]
    assert office.notices.channels_telling("break_glass.opened", other.id) == []
    text = texts(side)
    for part in (
        "緊急存取，請覆核 Glass broken, to be reviewed",
        "店舖 Stores: TST1",
        "至 Until: 2026-11-22 12:30 HKT",
    ):
        assert part in text
    for secret in ("陳大文", manager.id, second.id):
        assert secret not in text


@pytest.mark.parametrize(
    "narrower", [{"events": ["break_glass.closed"]}, {"stores": ["MK01"]}, {"classes": ["photo"]}, {"active": False}]
)
def test_a_rule_that_may_not_tell_is_not_said_to_tell(
    office: Office, robot: tuple[Robot, str], narrower: dict[str, Any]
) -> None:
    office.robot(robot[1])
    office.rule(**{"events": ("break_glass.*",), "told": ["p_abcdefghijklmnop"], **narrower})

    assert office.notices.channels_telling("break_glass.opened", "p_abcdefghijklmnop") == []


def test_a_channel_that_is_off_is_not_said_to_tell(office: Office, robot: tuple[Robot, str]) -> None:
    office.robot(robot[1], active=False)
    office.rule(events=("break_glass.*",), told=["p_abcdefghijklmnop"])

    assert office.notices.channels_telling("break_glass.opened", "p_abcdefghijklmnop") == []


def test_the_channel_that_the_operator_named_tells_of_broken_glass_without_any_rule(
    office: Office, robot: tuple[Robot, str]
) -> None:
    side, url = robot
    office.tree()
    manager = office.policies.principal(office.person(Role.STORE_MANAGER, (ScopeKind.STORE, "MK01")).id)
    second = office.person(Role.COMPLIANCE_OFFICER)
    office.notices = office.notices_of(office.world.storage, glass_channel="group")
    unmade = office.notices.channels_telling("break_glass.opened", second.id)
    office.run()
    office.robot(url)
    office.happen()

    change = office.policies.break_glass(
        manager, stores=["TST1"], minutes=30, reason="停電", told=second.id, event_id=office.id()
    )
    index = office.committed(change).receipt.index
    office.run()

    assert told(side) == [index]
    assert unmade == []
    assert office.notices.channels_telling("break_glass.opened", second.id) == ["group"]
    assert office.notices.channels_telling("stock.adjusted", second.id) == []


def test_two_rules_for_one_group_tell_it_once(office: Office, robot: tuple[Robot, str]) -> None:
    side, url = robot
    office.robot(url)
    office.rule(code="one")
    office.rule(code="two", events=("stock.adjusted",))

    office.happen()
    office.run()

    assert len(side.heard) == 1


def test_a_rule_does_not_tell_what_was_before_it(office: Office, robot: tuple[Robot, str]) -> None:
    side, url = robot
    office.happen(5)
    office.robot(url)
    office.rule()
    wanted = office.happen()
    office.rule(events=("stock.*", "sku.*"))  # changed: it does not begin anew
    wanted += office.happen()

    office.run()

    assert told(side) == wanted


@both
def test_a_burst_is_gathered_and_nothing_is_lost(office: Office, robot: tuple[Robot, str]) -> None:
    side, url = robot
    office.robot(url)
    office.rule()
    wanted = office.happen(3)
    office.run(seconds=3)
    for _ in range(6):
        wanted += office.happen(90)
        office.run(seconds=7)
    office.run(seconds=400, step=2)

    assert told(side) == wanted
    assert side.throttled == 0
    assert len(side.heard) < 30
    assert {message.state for message in office.messages()} == {MessageState.SENT}
    assert MessageKind.DIGEST in {message.kind for message in office.messages()}
    assert "90 項變動 90 events" in texts(side) or "200 項變動" in texts(side)


def test_a_steady_stream_never_exceeds_twenty_a_minute(office: Office, robot: tuple[Robot, str]) -> None:
    side, url = robot
    office.robot(url)
    office.rule()
    wanted = []
    for _ in range(150):
        wanted += office.happen()
        office.run(seconds=1)
    office.run(seconds=120)

    assert told(side) == wanted
    assert side.throttled == 0
    busiest = max(sum(start <= moment < start + timedelta(seconds=60) for moment in side.times) for start in side.times)
    assert 15 < busiest <= 20


def test_a_robot_that_went_deaf_is_left_alone_and_told_later(office: Office, robot: tuple[Robot, str]) -> None:
    side, url = robot
    side.deaf_until = office.world.clock() + timedelta(minutes=10)
    office.robot(url)
    office.rule()
    wanted = office.happen(3)

    office.run(seconds=590, step=10)
    assert side.throttled == 1
    office.run(seconds=120, step=10)

    assert told(side) == wanted
    assert office.failures() == []


@pytest.mark.parametrize(
    "reply",
    [Reply(500), Reply(429, headers={"retry-after": "30"}), Reply(200, b"<html>"), Reply(200, b'{"errcode": 90030}')],
)
def test_a_passing_failure_is_tried_again(office: Office, robot: tuple[Robot, str], reply: Reply) -> None:
    side, url = robot
    side.replies = [reply, reply]
    office.robot(url)
    office.rule()
    wanted = office.happen()

    office.run(seconds=90)

    assert told(side) == wanted
    (message,) = office.messages()
    assert (message.attempts, message.state) == (3, MessageState.SENT)


@both
def test_a_lasting_failure_is_an_entry(office: Office, robot: tuple[Robot, str]) -> None:
    side, url = robot
    side.replies = [Reply(200, b'{"errcode": 310000, "errmsg": "keywords not in content, secret=abc"}')]
    office.robot(url)
    office.rule()
    (index,) = office.happen()

    office.run(seconds=5)

    (failure,) = office.failures()
    assert failure["code"] == "errcode_310000"
    assert (failure["channel"], failure["first_index"], failure["notices"]) == ("group", index, 1)
    assert side.heard == []
    (use,) = office.notices.ledger(office.operator, "2026-11")
    assert (use.calls, use.sent, use.failed) == (1, 0, 1)


def test_a_channel_that_stays_away_is_given_up_in_the_end(office: Office) -> None:
    office.channel(
        {"kind": "dingtalk", "target": {"url": "http://127.0.0.1:9/robot/send", "access_token": "t", "secret": "s"}}
    )
    office.rule()
    office.happen()

    office.run(seconds=12 * 3600, step=300)

    (failure,) = office.failures()
    assert (failure["code"], failure["attempts"]) == ("unreachable", 14)


def test_failures_are_told_elsewhere_and_never_for_ever(office: Office, robot: tuple[Robot, str]) -> None:
    side, url = robot
    broken = {"kind": "dingtalk", "target": {"url": f"{url}/robot/send", "access_token": "wrong", "secret": "s"}}
    office.channel(broken, "broken")
    office.channel(broken, "broken2")
    office.robot(url)
    office.rule("broken", "stock")
    for channel in ("broken", "broken2", "group"):
        office.rule(channel, f"failures-{channel}", events=("notice.failed",))
    office.happen()

    office.run(seconds=300, step=5)

    assert "通知未能送達 Notice not delivered" in texts(side)
    # The first failure was told to the two others; that telling failed once, and nobody was told of that.
    assert [failure["about_failure"] for failure in office.failures()] == [True, False]
    assert len(side.heard) == 1


def test_an_undeclared_destination_is_refused_and_recorded(sqlite_world: World) -> None:
    office = Office(sqlite_world, gate=DeclaredHosts({"oapi.dingtalk.com": "CN"}))
    side = Robot(sqlite_world.clock)
    with serving(side) as url:
        office.robot(url)
        office.rule()
        office.happen()
        office.run(seconds=5)

    (failure,) = office.failures()
    assert failure["code"] == "destination_undeclared"
    assert side.heard == []


def test_a_monthly_quota_holds_back_until_the_month_is_over(office: Office, robot: tuple[Robot, str]) -> None:
    side, url = robot
    office.robot(url, calls_per_month=2)
    office.rule()
    wanted = office.happen(5)
    office.run(seconds=60, step=10)
    assert (told(side), len(side.heard)) == (wanted, 1)
    wanted += office.happen()
    office.run(seconds=60, step=10)
    late = office.happen(3)
    office.run(seconds=120, step=10)
    assert told(side) == wanted

    office.run(seconds=9 * 86_400, step=4 * 3_600)

    assert told(side) == wanted + late
    assert len(side.heard) == 3


def test_a_channel_that_is_not_active_keeps_what_it_should_tell(office: Office, robot: tuple[Robot, str]) -> None:
    side, url = robot
    office.robot(url)
    office.rule()
    office.channel({"kind": "dingtalk", "active": False})
    wanted = office.happen(4)
    office.run(seconds=60)
    assert side.heard == []
    assert [(waiting.channel, waiting.notices) for waiting in office.notices.waiting(office.operator)] == [("group", 4)]

    office.channel({"kind": "dingtalk", "active": True})
    office.run(seconds=60)

    assert told(side) == wanted


# --- other channels ------------------------------------------------------------------------------------------------------


@both
def test_a_webhook_gets_each_event_as_a_signed_cloudevent(office: Office, receiver: tuple[Receiver, str]) -> None:
    side, url = receiver
    office.webhook(url)
    office.rule("hook")
    indexes = office.happen(40)

    office.run()

    events = list(side.events.values())
    assert [event["data"]["index"] for event in events] == indexes
    assert events[0]["type"] == "hk.chopbook.stock.adjusted"
    assert events[0]["subject"] == "stock:MK01/A1"
    assert events[0]["data"]["subjects"] == ["stock:MK01/A1"]
    assert (events[0]["data"]["store"], events[0]["data"]["change"]) == ("MK01", "-2")
    assert len({event["id"] for event in events}) == 40


@pytest.mark.parametrize(
    ("reply", "attempts"), [(Reply(503), 2), (Reply(410), 1), (Reply(302, headers={"location": "/"}), 1)]
)
def test_a_webhook_status_says_whether_to_come_again(
    office: Office, receiver: tuple[Receiver, str], reply: Reply, attempts: int
) -> None:
    side, url = receiver
    side.replies = [reply]
    office.webhook(url)
    office.rule("hook")
    office.happen()

    office.run(seconds=30)

    (message,) = office.messages()
    assert message.attempts == attempts
    assert (message.state is MessageState.SENT) == (attempts == 2)


def test_an_answer_that_never_comes_is_not_waited_for(sqlite_world: World) -> None:
    office = Office(sqlite_world, timeout_s=0.2)
    side = Receiver(sqlite_world.clock, replies=[Reply(hangs=True)])
    with serving(side) as url:
        office.webhook(url)
        office.rule("hook")
        office.happen()
        office.run(seconds=30)

    assert len(side.events) == 1
    (message,) = office.messages()
    assert message.attempts == 2


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailBox]:
    with mail_server(tmp_path) as box:
        yield box


def mail_target(box: MailBox, **members: Any) -> dict[str, Any]:
    target = {
        "host": "localhost",
        "port": box.port,
        "from": "chopbook@chop.test",
        "to": ["manager@chop.test", "audit@chop.test"],
        "username": "chopbook",
        "password": "pa55-phrase",
    }
    return {"kind": "mail", "target": {**target, **members}}


def test_mail_goes_out_under_tls_alone(sqlite_world: World, mail: MailBox) -> None:
    office = Office(sqlite_world, mail_trust=mail.trust)
    office.channel(mail_target(mail), "mail")
    office.rule("mail")
    (index,) = office.happen()

    office.run()

    (content,) = mail.mails
    read = email.message_from_bytes(content, policy=email.policy.default)
    assert read["subject"] == "[Chopbook] 庫存調整 Stock adjusted MK01"
    assert read["message-id"] == f"<{office.messages()[0].id}@log.chopbook.test>"
    body = read.get_content()
    assert f"紀錄 Entry: #{index} https://chop.test/e/{index}" in body
    assert mail.logins == [b"\0chopbook\0pa55-phrase"]
    assert {line.split(b" ")[0].lower() for line in mail.in_clear} == {b"ehlo", b"starttls"}


def test_mail_is_not_sent_to_a_server_that_offers_no_tls(sqlite_world: World, mail: MailBox) -> None:
    mail.offers_tls = False
    office = Office(sqlite_world, mail_trust=mail.trust)
    office.channel(mail_target(mail), "mail")
    office.rule("mail")
    office.happen()

    office.run(seconds=5)

    assert mail.mails == mail.logins == []
    assert office.failures()[0]["code"] == "smtp_no_tls_or_login"


def test_mail_is_not_sent_to_a_server_that_cannot_be_trusted(sqlite_world: World, mail: MailBox) -> None:
    office = Office(sqlite_world)
    office.channel(mail_target(mail), "mail")
    office.rule("mail")
    office.happen()

    office.run()

    assert mail.mails == mail.logins == []
    assert office.messages()[0].failure_code == "tls_not_trusted"


@pytest.mark.parametrize(
    ("answer", "code", "final"), [(b"450 later", "smtp_450", False), (b"550 no", "smtp_550", True)]
)
def test_a_refused_mail_is_tried_again_only_if_that_may_help(
    sqlite_world: World, mail: MailBox, answer: bytes, code: str, final: bool
) -> None:
    office = Office(sqlite_world, mail_trust=mail.trust)
    mail.refuses = answer
    office.channel(mail_target(mail), "mail")
    office.rule("mail")
    office.happen()

    office.run()

    (message,) = office.messages()
    assert (message.failure_code, message.state is MessageState.FAILED) == (code, final)


# --- setting up ----------------------------------------------------------------------------------------------------------


def test_no_secret_and_no_address_is_in_an_entry_or_in_clear_in_the_database(
    sqlite_world: World, tmp_path: Path
) -> None:
    office = Office(sqlite_world)
    office.robot("http://127.0.0.1:9")
    office.channel(mail_target(MailBox(port=25)), "mail")
    sqlite_world.storage.close()

    held = b"".join(path.read_bytes() for path in tmp_path.glob("chopbook.db*"))

    for secret in (b"a1b2c3", b"SECthis", b"manager@", b"chopbook@chop", b"pa55-phrase"):
        assert secret not in held
    assert b"127.0.0.1:9" in held


def test_setting_up_is_for_operators(office: Office) -> None:
    from workflow.notices.parsing import parse_rule

    request = parse_rule({"channel": "group", "events": ["stock.*"]}, code="r", event_id=office.id())

    with pytest.raises(Denied):
        office.notices.set_rule(office.policies.local_principal(Role.STORE_MANAGER), request)
    with pytest.raises(Denied):
        office.notices.channels(office.policies.local_principal(Role.STAFF))
    with pytest.raises(UnknownNotice):
        office.do(office.notices.set_rule(office.operator, request))


def test_a_repeated_request_is_a_replay(office: Office) -> None:
    from workflow.notices.parsing import parse_channel

    content = {"kind": "webhook", "target": {"url": "https://erp.test/in", "secret": "whsec_" + "A" * 44}}
    request = parse_channel(content, code="erp", event_id=office.id())

    first = office.committed(office.notices.set_channel(office.operator, request))
    second = office.committed(office.notices.set_channel(office.operator, request))

    assert (first.replayed, second.replayed, second.receipt.index) == (False, True, first.receipt.index)


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ({}, ("kind",)),
        ({"kind": "fax"}, ("kind",)),
        (
            {"kind": "webhook", "target": {"url": "http://erp.test/in", "secret": "whsec_" + "A" * 44}},
            ("target", "url"),
        ),
        ({"kind": "webhook", "target": {"url": "https://erp.test/in", "secret": "whsec_AAAA"}}, ("target", "secret")),
        ({"kind": "webhook", "target": {"url": "https://u:p@erp.test", "secret": "x"}}, ("target", "url")),
        ({"kind": "dingtalk", "target": {"secret": "x"}}, ("target", "access_token")),
        ({"kind": "dingtalk", "target": {"secret": "x", "access_token": "t", "extra": 1}}, ("target", "extra")),
        (
            {"kind": "mail", "target": {"host": "mail.test", "tls": "none", "from": "a@b.test", "to": ["c@d.test"]}},
            ("target", "tls"),
        ),
        (
            {"kind": "mail", "target": {"host": "mail.test", "from": "a@b.test", "to": ["x\r\nBcc: y@z"]}},
            ("target", "to", 0),
        ),
        ({"kind": "mail", "active": "yes"}, ("active",)),
        ({"kind": "mail", "calls_per_month": 0}, ("calls_per_month",)),
    ],
)
def test_a_wrong_channel_is_refused_where_it_is_wrong(
    office: Office, content: dict[str, Any], path: tuple[Any, ...]
) -> None:
    with pytest.raises(InvalidNotice) as raised:
        office.channel(content)

    assert raised.value.path == path


# --- crashes and company -------------------------------------------------------------------------------------------------


@both
def test_two_processes_share_the_work_and_double_nothing(office: Office, receiver: tuple[Receiver, str]) -> None:
    import threading

    side, url = receiver
    office.webhook(url)
    office.rule("hook")
    other_storage = office.world.open_another()
    others = [office.notices, office.notices_of(other_storage)]
    indexes = office.happen(60)
    done = threading.Event()

    def work(notices: Any) -> None:
        while not done.is_set():
            notices.follow()
            notices.send_due()
            done.wait(0.01)  # four that never rest leave no turn to who receives

    threads = [threading.Thread(target=work, args=(notices,)) for notices in others for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(3_000):
        if len(side.events) == 60:
            break
        done.wait(0.01)
    done.set()
    for thread in threads:
        thread.join()
    other_storage.close()

    assert sorted(event["data"]["index"] for event in side.events.values()) == indexes
    assert side.repeated == []


POINTS = (
    "advance:before",
    "advance:after",
    "begin_attempt:after",
    "deliver:before",
    "deliver:after",
    "settle:before",
    "settle:after",
    "_settle:after",
)


@both
@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_step_nothing_is_lost_or_doubled(
    office: Office, receiver: tuple[Receiver, str], point: str
) -> None:
    """A child that is killed -9 at a step; then this process goes on."""
    side, url = receiver
    office.webhook(url)
    office.rule("hook")
    indexes = office.happen(3)
    office.world.storage.close()

    pid = os.fork()
    if pid == 0:  # pragma: no cover - the child never returns
        try:
            _die_at(office, point)
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL

    office.world.storage = office.world.open_another()
    office.notices = office.notices_of(office.world.storage)
    office.policies = office.another(office.world.storage)
    office.run(seconds=90, step=5)

    assert [event["data"]["index"] for event in side.events.values()] == indexes
    # What was handed over and not recorded goes out again under the same id, and nothing else does.
    assert len(side.repeated) == (1 if point in {"deliver:after", "settle:before", "settle:after"} else 0)
    assert office.failures() == []


def _die_at(office: Office, point: str) -> None:  # pragma: no cover - runs in a child that is killed
    name, _, when = point.partition(":")

    def trace(frame: Any, event: str, _: Any) -> Any:
        code = frame.f_code
        if code.co_name == name and "notices" in code.co_filename:
            if when == "before" and event == "call":
                os.kill(os.getpid(), signal.SIGKILL)
            if when == "after" and event == "return":
                os.kill(os.getpid(), signal.SIGKILL)
            return trace
        return None

    import threading

    threading.settrace(trace)
    storage = office.world.open_another()
    notices = office.notices_of(storage)
    sys.settrace(trace)
    while True:
        notices.follow()
        notices.send_due()
