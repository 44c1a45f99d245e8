"""Why the system refused something of a file or an address, in both languages: what it says itself is English."""

from __future__ import annotations

import errno
from typing import Final

from audit.words import Words

_REASONS: Final = {
    errno.ENOENT: "不存在",
    errno.EACCES: "沒有權限",
    errno.EPERM: "不獲准許",
    errno.EEXIST: "已經存在",
    errno.EISDIR: "是資料夾",
    errno.ENOTDIR: "路徑中有一部分不是資料夾",
    errno.ENAMETOOLONG: "名稱太長",
    errno.EROFS: "位置是唯讀的",
    errno.ENOSPC: "磁碟已滿",
    errno.EADDRINUSE: "已被佔用",
    errno.EADDRNOTAVAIL: "並非這部機器的位址",
}


def reason_of(error: OSError) -> Words:
    """The reason; in Chinese by the system's code for it (`EIO`) where there is no sentence."""
    number = error.errno or 0
    return Words(_REASONS.get(number) or errno.errorcode.get(number, "系統拒絕"), error.strerror or "no reason")
