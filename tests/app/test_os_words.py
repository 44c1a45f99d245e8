"""What the system says of a file is told in Chinese, by its code where there is no sentence."""

import errno

from app.os_words import reason_of


def test_a_common_reason_has_a_sentence_and_another_its_code() -> None:
    missing, broken = (OSError(number, "said in English") for number in (errno.ENOENT, errno.EIO))

    assert (reason_of(missing).zh, reason_of(missing).en) == ("不存在", "said in English")
    assert reason_of(broken).zh == "EIO"


def test_an_error_without_a_code_is_told_too() -> None:
    assert (reason_of(OSError("odd")).zh, reason_of(OSError("odd")).en) == ("系統拒絕", "no reason")
